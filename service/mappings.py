"""A mapping tried on the first rows of a sample, and a whole export taken over behind a page.

What a preview shows is what would be stored, cleaned of persons; nothing of it is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from data.db import Db
from data.mapped import apply_mapping
from data.mapping import Mapping, parse_mapping
from data.mapping_files import file_name
from data.places import read_areas, read_bodies
from data.scope import Scope
from geo.places import Locator
from wording import formats, t

from . import placing
from .figures import categories
from .takeover import Sent, TakenOver, names_of, reason_key, take_over_export

PREVIEWED = 20
SHARES = {
    "mapped": 0.52, "judged": 0.65, "case_version": 0.82, "case_event": 0.91, "text_key": 0.93,
    "case_text": 0.97, "source_ref": 1.0,
}  # fmt: skip
"""What share of the work lies behind when a step ends (measured: `benchmarks/intake.py`)."""
_ORDER = list(SHARES)


@dataclass(frozen=True)
class Line:
    """One row of a preview: its number, the case in words, and what is wrong (empty = nothing)."""

    row: int
    cells: tuple[str, ...]
    wrong: str


HEADS = ("opened_at", "category", "area", "channel", "body", "summary")
"""Fields whose values a preview shows, after the sender's row number."""


def checked(db: Db, scope: Scope, name: str, text: str) -> Mapping:
    """A mapping text checked under its name.

    Raises:
        ConfigError: with one sentence.
    """
    return parse_mapping(text, file_name(name), categories(db, scope))


def preview(
    db: Db, scope: Scope, frame: pd.DataFrame, mapping: Mapping, language: str
) -> list[Line]:
    """The first rows of a sample as they would be stored, or with what is wrong.

    Raises:
        DataError: a column is missing; NotAllowed: not an administrator.
    """
    scope.need("administrator")
    areas = read_areas(db, scope, db.now().date())
    leaves = areas[areas["level"] == db.county().protection_level]
    bodies = read_bodies(db, scope)

    def place(lon: pd.Series, lat: pd.Series, system: str, stated: pd.Series) -> pd.Series:
        return placing.areas_of(Locator(areas), leaves["code"], lon, lat, system, stated)

    of_county = categories(db, scope)
    found = apply_mapping(
        frame.head(PREVIEWED), mapping, of_county, list(leaves["code"]), pd.Timestamp(db.now()),
        place, language, names=names_of(leaves, bodies),
    )  # fmt: skip
    label = f"name_{language}"
    areas_named = {mapping.area.unstated_code: mapping.area.names[language]}
    areas_named |= dict(zip(leaves["code"], leaves[label], strict=True))
    bodies_named = dict(zip(bodies["body_id"], bodies[label], strict=True))
    bodies_named |= dict(zip(found.bodies["body_id"], found.bodies[label], strict=True))
    zone = db.county().zone
    lines = []
    for case in found.cases.itertuples():
        cells = (
            formats.moment(case.opened_at, language, zone),
            of_county[str(case.category)].names[language],
            areas_named.get(case.township_code, str(case.township_code)),
            t(f"words.channel.{case.channel}", language),
            bodies_named.get(case.body_id, str(case.body_id)),
            "" if pd.isna(case.summary) else str(case.summary),
        )
        lines.append(Line(int(case.row), cells, ""))
    nothing = ("",) * len(HEADS)
    for row, reason in zip(found.set_aside["row"], found.set_aside["reason"], strict=True):
        lines.append(Line(int(row), nothing, t(reason_key(reason), language)))
    return sorted(lines, key=lambda line: line.row)


@dataclass
class Job:
    """One export on its way in, in a thread of its own: the page stays usable meanwhile.

    file: its name. step, done, of: what goes on now. share: of the whole work, 0-1. outcome: after
    the commit, never before. error: the sentence, where it failed; then nothing was stored.
    """

    file: str
    started: float = field(default_factory=time.monotonic)
    step: str = "mapped"
    done: int = 0
    of: int = 0
    share: float = 0.0
    outcome: TakenOver | None = None
    error: Exception | None = None
    is_over: bool = False

    def progress(self, what: str, done: int, of: int) -> None:
        """Called from the work itself."""
        at = _ORDER.index(what)
        before = SHARES[_ORDER[at - 1]] if at else 0.0
        part = done / of if of else 1.0
        self.share = before + (SHARES[what] - before) * part
        self.step, self.done, self.of = what, done, of

    @property
    def seconds_left(self) -> float | None:
        """By the pace so far; None before the first step is behind."""
        if not self.share:
            return None
        return (time.monotonic() - self.started) * (1 - self.share) / self.share


class Jobs:
    """The exports on their way in, by whose session they are; one at a time each.

    A result stays until it is fetched, another file is sent, or its session's hours are over.
    Nothing is written anywhere: the file's bytes live as long as the thread that reads them.
    """

    KEPT_SECONDS = 8 * 3600.0

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def of(self, session: str) -> Job | None:
        """The job of a session, running or over."""
        with self._lock:
            now = time.monotonic()
            for key, job in list(self._jobs.items()):
                if job.is_over and now - job.started > self.KEPT_SECONDS:
                    del self._jobs[key]
            return self._jobs.get(session)

    def start(self, session: str, file: str, work: Callable[[Job], TakenOver]) -> Job:
        """Begin; while one of this session runs, that one stays and nothing new begins."""
        with self._lock:
            running = self._jobs.get(session)
            if running is not None and not running.is_over:
                return running
            job = self._jobs[session] = Job(file)
        threading.Thread(target=_run, args=(job, work), name="takeover", daemon=True).start()
        return job

    def forget(self, session: str) -> None:
        """Let go of an outcome that was read; a running one goes on."""
        with self._lock:
            job = self._jobs.get(session)
            if job is not None and job.is_over:
                del self._jobs[session]


def _run(job: Job, work: Callable[[Job], TakenOver]) -> None:
    try:
        job.outcome = work(job)
    except Exception as err:  # a thread has nobody above it: the page says it, the log has it
        job.error = err
    finally:
        job.is_over = True


def take_over_behind(
    jobs: Jobs, session: str, db: Db, scope: Scope, sent: Sent, mapping: Mapping
) -> Job:
    """Take an export over in the background of the server.

    Raises:
        NotAllowed: not an administrator.
    """
    scope.need("administrator")
    return jobs.start(
        session, sent.name, lambda job: take_over_export(db, scope, sent, mapping, job.progress)
    )
