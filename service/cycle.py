"""The nightly run: one step after the other, each once a day, going on where it was broken off.

A step that fails is noted and does not stop the others: none needs another's work to be right, only
the same record. What a step did is in the record before its end is noted, so that a run killed in
between finds it done.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from data import assignments, publications, quarantine, running, scores
from data.db import Db
from data.errors import NotAllowed, ProjectError
from data.failures import trace_of
from data.running import Run
from data.scope import Scope
from data.vocabulary import RUN_STEPS
from settings import Settings

from . import inbox, notices, retention
from . import report as reports
from .assignments import standings
from .forecast import models_folder, moment, score
from .publish import last_month_over, publish_newest

Progress = Callable[[str, int, int], None]
"""Called with a catalogue key, how many are done, of all."""
FORMATS = ("docx", "json")
REPORTS = "reports"
"""Folder of prepared daily reports in `ZAOJIE_VAR`: drafts until a supervisor issues them."""
_log = logging.getLogger("zaojie")


@dataclass(frozen=True)
class Work:
    """What a step works with. day: local, of the run. at: when the step first began; a run that
    goes on after it was killed has the same. ways: of notices."""

    db: Db
    scope: Scope
    settings: Settings
    ways: tuple[notices.Channel, ...]
    day: dt.date
    at: dt.datetime
    progress: Progress


@dataclass(frozen=True)
class Done:
    """What a step came to. problem: a catalogue key where somebody must look; None = all well."""

    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True)
class StepDone:
    """One step of a night. outcome: done, failed, or before (an earlier run of the day did it).

    seconds, processor: on the wall, and of this process's processors.
    error: what was raised, for the screen of whoever started the run; never recorded.
    """

    step: str
    outcome: str
    counts: Mapping[str, int]
    problem: str | None
    seconds: float
    processor: float
    error: Exception | None = None


@dataclass(frozen=True)
class Night:
    """One run. told: notices sent and left."""

    day: dt.date
    steps: tuple[StepDone, ...]
    told: tuple[int, int] = (0, 0)

    @property
    def failed(self) -> tuple[str, ...]:
        """The steps that failed."""
        return tuple(one.step for one in self.steps if one.outcome == "failed")


def usual_day(db: Db) -> dt.date:
    """The local day a run is for: today, or the day after an extract that ended."""
    county = db.county()
    if county.ends_on is not None:
        return dt.date.fromisoformat(county.ends_on) + dt.timedelta(days=1)
    return _today(db)


def _today(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()


def run(
    db: Db,
    scope: Scope,
    settings: Settings,
    day: dt.date | None = None,
    only: Sequence[str] = (),
    progress: Progress = lambda what, done, of: None,
    channels: tuple[notices.Channel, ...] | None = None,
) -> Night:
    """Do the steps of a day that are not done yet, in their order.

    Args:
        day: local, at most today; None = `usual_day`. only: these steps, whether done or not;
            each finds by itself what is left to do. channels: of notices; None = of the settings.

    Raises:
        NotAllowed: not the server's operator, a day to come, a step nobody knows.
        RunGoesOn: another run holds the lock; nothing was begun.
    """
    scope.need("operator")
    day = day or usual_day(db)
    if day > max(_today(db), usual_day(db)):
        raise NotAllowed("running.error.day_to_come", day=day)
    if unknown := [step for step in only if step not in STEPS]:
        raise NotAllowed("running.error.no_step", step=unknown[0][:24], steps=", ".join(RUN_STEPS))
    ways = notices.channels_of(settings) if channels is None else channels
    with running.lock(db, scope) as held:
        of, before = running.begin(db, scope, day), _before(db, scope, day)
        found = []
        for step in RUN_STEPS:
            if only and step not in only:
                continue
            if before.get(step) == "done" and not only:
                found.append(StepDone(step, "before", {}, None, 0.0, 0.0))
                continue
            held.check()
            since = before.get(step)
            found.append(_one(db, scope, settings, ways, of, step, since, progress))
        night = Night(day, tuple(found))
        told = _tell(db, scope, settings, ways, night, "remind" in [*(only or RUN_STEPS)])
    return Night(day, tuple(found), told)


def _before(db: Db, scope: Scope, day: dt.date) -> dict[str, str | dt.datetime]:
    """By step: `done`, or the moment at which it began and was broken off; others are missing."""
    found: dict[str, str | dt.datetime] = {}
    for line in running.steps(db, scope, day, day):
        if line.event == "begun":
            if not isinstance(found.get(line.step), dt.datetime):
                found[line.step] = line.at
        elif line.event == "done":
            found[line.step] = "done"
        else:
            found.pop(line.step, None)
    return found


def _one(
    db: Db, scope: Scope, settings: Settings, ways: tuple[notices.Channel, ...], of: Run, step: str,
    since: str | dt.datetime | None, progress: Progress,
) -> StepDone:  # fmt: skip
    progress(f"running.step.{step}", 0, 1)
    started, used = time.monotonic(), time.process_time()
    try:
        begun = running.note(db, scope, of, step, "begun")
        at = since if isinstance(since, dt.datetime) else begun
        done = STEPS[step](Work(db, scope, settings, ways, of.day, at, progress))
        event = "done" if done.problem is None else "failed"
        running.note(db, scope, of, step, event, done.counts, done.problem)
        error, counts, problem = None, done.counts, done.problem
    except Exception as err:  # the next step does not need this one
        error, counts, event = err, {}, "failed"
        problem = err.key if isinstance(err, ProjectError) else type(err).__name__
        if not isinstance(err, ProjectError):
            _log.error("step %s failed: %s", step, trace_of(err))
        _note_failed(db, scope, of, step, problem)
    seconds, processor = time.monotonic() - started, time.process_time() - used
    return StepDone(step, event, counts, problem, seconds, processor, error)


def _note_failed(db: Db, scope: Scope, of: Run, step: str, problem: str) -> None:
    """A full disk may take no note of itself; the command says it all the same."""
    try:
        running.note(db, scope, of, step, "failed", None, problem)
    except Exception as err:
        _log.error("step %s: its failure could not be noted: %s", step, trace_of(err))


def _tell(
    db: Db, scope: Scope, settings: Settings, ways: tuple[notices.Channel, ...], night: Night,
    is_due: bool,
) -> tuple[int, int]:  # fmt: skip
    """Notices go last, and whatever becomes of them fails nothing."""
    if not ways:
        return 0, 0
    try:
        if night.failed:
            numbers = {"failed": len(night.failed)}
            notices.put(db, scope, ways, night.day, "failed", numbers)
        if not (is_due or night.failed):
            return 0, 0
        return notices.send_waiting(db, scope, ways, settings.language, night.day)
    except Exception as err:
        _log.error("notices failed: %s", trace_of(err))
        return 0, 1


# the steps -----------------------------------------------------------------------------------


def _import(work: Work) -> Done:
    """Files that wait in the inbox."""
    if not work.settings.inbox:
        return Done()
    folder = Path(work.settings.inbox)
    counts, problem = inbox.take_in(
        work.db, work.scope, folder, work.day, work.settings.language, work.progress
    )
    return Done(counts, problem)


def _score(work: Work) -> Done:
    """Scores of the open cases and the flags proposed from them, in one transaction; once per
    moment."""
    db, as_of = work.db, min(moment(work.db), work.at)
    found = scores.counted(db, work.scope, as_of)
    if found is None:
        folder = models_folder(work.settings.var)
        made = score(db, work.scope, folder, as_of=as_of, progress=work.progress)
        found = made.scored, made.flags
    return Done({"scored": found[0], "flags": found[1]})


def _escalate(work: Work) -> Done:
    """How many assignments climbed since the night before: by rule, from log and clock alone.

    Nothing is written about any of them: where one stands is never a second fact beside its log.
    """
    of, db = standings(work.db), work.db
    counts = {"with_leader": 0, "with_county": 0, "climbed": 0}
    for one in assignments.read_figures(db, work.scope, work.at):
        now = of(one, work.at)
        if now.climbed_at is None:
            continue
        counts["with_county" if now.level == "county" else "with_leader"] += 1
        counts["climbed"] += now.climbed_at > work.at - dt.timedelta(days=1)
    return Done(counts)


def _report(work: Work) -> Done:
    """The daily report of the day before, as files; issuing it stays a supervisor's."""
    db, scope, day = work.db, work.scope, work.day - dt.timedelta(days=1)
    found = reports.issued(db, scope, "daily", day)
    one, made = found if found else (None, reports.made(db, scope, "daily", day))
    if not made.has_cases:
        return Done({"written": 0})
    home = work.settings.var / REPORTS
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for kind in FORMATS:
        content = reports.file(db, scope, made, kind, work.settings.language, one)
        inbox.write_whole(home / f"daily-{day}.{kind}", content)
    return Done({"written": len(FORMATS)})


def _publish(work: Work) -> Done:
    """The newest month that is over; a month that stands published stays as it is."""
    month = last_month_over(work.db)
    stood = publications.read(work.db, work.scope, month) is not None
    made = publish_newest(work.db, work.scope)
    return Done({"months": int(made is not None and not stood)})


def _remind(work: Work) -> Done:
    """The night's notice is put; it is sent after the last step."""
    if work.ways:
        numbers = notices.numbers_of(work.db, work.scope, work.day - dt.timedelta(days=1))
        notices.put(work.db, work.scope, work.ways, work.day, "night", numbers)
    return Done({"notices": len(work.ways)})


def _texts(work: Work) -> Done:
    """Keys of texts whose time has come, and refused rows that waited for 30 days."""
    found = retention.due(work.db, work.scope, work.db.now())
    ended = retention.end_texts(work.db, work.scope, found)
    removed = quarantine.end_old(work.db, work.scope)
    return Done({"ended": ended, "removed": removed, "kept": found.undelivered + found.broken})


STEPS: Mapping[str, Callable[[Work], Done]] = {
    "import": _import, "score": _score, "escalate": _escalate, "report": _report,
    "publish": _publish, "remind": _remind, "texts": _texts,
}  # fmt: skip
