"""The nightly run and the queues in Prometheus' text format, beside what a process counts.

Nothing is counted per township, body, case or person.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data import outbox
from data.db import Db
from data.scope import Scope
from data.vocabulary import RUN_STEPS
from settings import Settings

from .counters import family
from .inbox import waiting
from .nights import read_nights
from .notices import KEPT_DAYS, channels_of


def office_lines(db: Db, settings: Settings) -> Iterator[str]:
    """The nightly run and the queues; of the main application, which may read them."""
    scope, now = Scope.operator(), db.now()
    seen = read_nights(db, scope)
    gauges: list[tuple[str, str, float]] = []
    if seen.last is not None:
        gauges += [
            ("zaojie_run_begun_timestamp_seconds", "When a run began last.", seen.last.timestamp()),
            ("zaojie_run_going_on", "Whether a run goes on.", float(seen.goes_on)),
            ("zaojie_run_ok", "Whether the newest night has no failed step.",
             float(not seen.nights[0].failed) if seen.nights else 0.0),
        ]  # fmt: skip
    lies = waiting(Path(settings.inbox) if settings.inbox else None)
    gauges += [
        ("zaojie_inbox_files", "Files that wait to be taken in.", lies.files),
        ("zaojie_inbox_oldest_seconds", "How long the oldest of them waits.", lies.oldest_seconds),
        ("zaojie_inbox_aside_files", "Files set aside for their sender.", lies.aside),
    ]
    if channels_of(settings) and seen.nights:
        first = seen.nights[0].day.toordinal() - KEPT_DAYS + 1
        left = [
            one for one in outbox.since(db, scope, seen.nights[0].day.fromordinal(first))
            if not one.is_sent
        ]  # fmt: skip
        oldest = max(((now - one.at).total_seconds() for one in left), default=0.0)
        gauges += [
            ("zaojie_notices_waiting", "Notices that were not sent yet.", len(left)),
            ("zaojie_notices_oldest_seconds", "How long the oldest of them waits.", oldest),
        ]
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        files = [Path(f"{db.engine.url.database}{end}") for end in ("", "-wal")]
        size = sum(path.stat().st_size for path in files if path.exists())
        gauges.append(("zaojie_database_bytes", "Size of the SQLite file and its log.", size))
    for name, what, value in gauges:
        yield from family(name, "gauge", what, [({}, value)])
    if seen.nights:
        steps = {one.step: one for one in seen.nights[0].steps}
        yield from family(
            "zaojie_run_step_ok", "gauge", "Whether a step of the newest night is done.",
            (({"step": step}, float(steps[step].outcome == "done"))
             for step in RUN_STEPS if step in steps),
        )  # fmt: skip
        yield from family(
            "zaojie_run_step_seconds",
            "gauge",
            "How long a step of the newest night took.",
            (({"step": step}, steps[step].seconds or 0.0) for step in RUN_STEPS if step in steps),
        )
