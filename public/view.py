"""What the status page says, computed once from the record: plain values, words come later."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby, zip_longest
from zoneinfo import ZoneInfo

from casework.clock import Clock
from casework.duties import Duty, duties, told_of
from casework.explain import DayCounted, explain
from casework.hops import hops_of
from casework.lateness import is_very_late
from casework.log import Log, log_of
from casework.reasons import REASONS, reason_key
from data.appointments import stands as appointment_of
from data.asker import REVIEWS, Standing, standing
from data.corrections import Correction, corrections
from data.db import Db
from data.errors import RuleError
from data.grants import grant_of
from data.history import ANSWER_PARTS, CaseHistory, RecordedEvent
from data.openings import text_openings
from data.reading import read_case, read_summary
from data.receipts import Opened
from data.scores import Decision, decisions
from data.vocabulary import ASKED_HOW, LINKED_STEPS
from service.rules import rules_of
from service.three_dates import Told, three_dates

from . import voice as voices
from .appointments import Booked, booked
from .assigned import Assigned, assigned
from .names import Names
from .planned import LookBack, Planned, looks_back, planned
from .suggested import Suggested, suggested
from .swept import Swept, swept
from .told import TELLING, Telling, tellings

OWED_PHASES = ("undecided", "owed", "reopened", "review", "recheck")
"""Phases in which the office has something to do, so that waiting is waiting for the office."""


@dataclass(frozen=True)
class Span:
    """Days in a row that were counted or skipped for the same reason."""

    first: dt.date
    last: dt.date
    from_number: int | None
    to_number: int | None
    why: str
    provisional: bool


@dataclass(frozen=True)
class ClockLine:
    """One clock as the page shows it.

    told: what is said of the last day as promised, as extended, as recomputed, where they differ.
    is_very_late: past the limit by as long as the limit or 30 days (DOMAIN.md §5).
    """

    clock: Clock
    days: tuple[Span, ...]
    told: tuple[Told, ...]
    is_very_late: bool


@dataclass(frozen=True)
class Step:
    """One line of the timeline.

    how, planned_on: how far a step alongside the answer is, the day it is set for.
    reason: catalogue key of a reason from a closed list; None = none was given.
    parts: (name of the part, the words unchanged) in order; the words of what the asker was told
    stand in a section of their own. was_known_later: shown with its day.
    """

    event: str
    at: dt.datetime
    known_at: dt.datetime
    actor: str
    body: str | None
    to_body: str | None
    days: int | None
    how: str | None
    planned_on: dt.date | None
    reason: str | None
    parts: tuple[tuple[str, str], ...]
    was_known_later: bool
    is_undoing: bool


@dataclass(frozen=True)
class Turn:
    """How long one office had the case, in local days; `is_open`: it has it now.

    object_until: last day to object to a transfer; None = no window. objected: it said that the
    case is not its own. passed_to, passed_on: what was decided then; None = not yet.
    """

    body: str
    from_on: dt.date
    to_on: dt.date
    days: int
    is_open: bool
    object_until: dt.date | None
    objected: bool
    passed_to: str | None
    passed_on: dt.date | None
    may_object: bool


@dataclass(frozen=True)
class CorrectionLine:
    """A correction the asker asked for; names of the category or township, None = the desk looks
    for the place (`asked`), or nothing was entered (`made`)."""

    correction: Correction
    asked: str | None
    made: str | None


@dataclass(frozen=True)
class Status:
    """Everything the status page shows.

    phase: one of `casework.pack.PHASES`; None where the log breaks a rule (`broken` says which).
    main: the office's running clock whose last day is nearest; None = none runs.
    silent_days: local days since the office last recorded anything; None = nothing is owed.
    reviewer: the body a review or recheck asked for now would go to; None = none is named.
    is_review_unnamed: a review or recheck runs, and it was not said who holds it.
    """

    history: CaseHistory
    standing: Standing
    voice: voices.Voice
    as_of: dt.datetime
    phase: str | None
    broken: RuleError | None
    lines: tuple[ClockLine, ...]
    main: ClockLine | None
    steps: tuple[Step, ...]
    silent_days: int | None
    summary: str | None
    openings: tuple[dict[str, object], ...]
    decisions: tuple[Decision, ...]
    assignments: tuple[Assigned, ...]
    planned: Planned | None
    looks_back: tuple[LookBack, ...]
    sweeps: tuple[Swept, ...]
    appointment: Booked | None
    turns: tuple[Turn, ...]
    tellings: tuple[Telling, ...]
    duties: tuple[Duty, ...]
    told_of: tuple[str, ...]
    corrections: tuple[CorrectionLine, ...]
    suggested: Suggested | None
    reviewer: str | None
    is_review_unnamed: bool
    reissues: tuple[tuple[dt.datetime, str], ...]
    body: str
    township: str
    category: str
    first_token: str
    """Carried through the forms of the first opening; empty afterwards."""

    def line(self, name: str) -> ClockLine | None:
        """The latest round of a clock; None where it is not shown."""
        return next((ln for ln in reversed(self.lines) if ln.clock.clock == name), None)


def look(db: Db, opened: Opened, first: str, names: Names) -> Status:
    """The status of the case a code opened, as known now.

    Args:
        first: what the page of the first opening carried; empty otherwise.
    """
    with db.one_state():
        return _look(db, opened, first, names)


def _look(db: Db, opened: Opened, first: str, names: Names) -> Status:
    scope, now, county = opened.scope, db.now(), db.county()
    history = read_case(db, scope, opened.case_id)
    stands = standing(db, scope, opened.case_id)
    log = log_of(rules_of(db).for_case(history, county.zone), history, now, county.zone)
    zone, lines = ZoneInfo(county.zone), _lines(log)
    speech = voices.voice(db, opened, history, stands, first, log)
    return Status(
        history=history,
        standing=stands,
        voice=speech,
        as_of=now,
        phase=log.phase,
        broken=log.broken,
        lines=lines,
        main=_main(lines),
        steps=_steps(history, names),
        silent_days=_silent_days(history, log.phase, now, zone),
        summary=read_summary(db, scope, opened.case_id),
        openings=tuple(
            {**row, "body": names.body(row["body_id"]), "grant": grant_of(row["reason"])}
            for row in text_openings(db, scope, opened.case_id)
        ),
        decisions=decisions(db, scope, opened.case_id),
        assignments=assigned(db, scope, opened.case_id, names),
        planned=planned(db, scope, history, log, names),
        looks_back=looks_back(db, scope, opened.case_id, names),
        sweeps=swept(db, scope, opened.case_id, names),
        appointment=booked(db, appointment_of(db, scope, opened.case_id), history, names, now),
        turns=_turns(log, history, names),
        tellings=tellings(history, names),
        duties=tuple(duties(log.pack, log.events, now, county.zone, log.calendar)),
        told_of=told_of(log.pack, log.events, now),
        corrections=_corrections(db, opened, names),
        suggested=suggested(db, scope, history, names),
        reviewer=names.reviewer(history.body_id),
        is_review_unnamed=_is_review_unnamed(history, log.phase),
        reissues=tuple((at, names.bodies.get(desk, desk)) for at, desk in stands.reissues),
        body=names.bodies.get(history.body_id, history.body_id),
        township=names.townships.get(history.township_code, history.township_code),
        category=names.categories.get(history.category, history.category),
        first_token=first if voices.is_first_opening(db, opened, first, now) else "",
    )


def _turns(log: Log, history: CaseHistory, names: Names) -> tuple[Turn, ...]:
    """The offices the case went through; nothing where it never moved, or its log is broken."""
    if log.broken or log.read is None:
        return ()
    found = hops_of(log.pack, log.read, history.named_body_id, log.calendar)
    if len(found) < 2:
        return ()
    today = log.as_of.astimezone(ZoneInfo(log.zone)).date()
    return tuple(
        Turn(
            names.body(hop.body_id) or "—", hop.from_on, hop.to_on, hop.days, hop.is_open,
            hop.object_until, hop.objected,
            (names.body(after.body_id) or "—") if after else None,
            after.from_on if after else None,
            hop.is_open and hop.object_until is not None and today <= hop.object_until,
        )
        for hop, after in zip_longest(found, found[1:])
    )  # fmt: skip


def _corrections(db: Db, opened: Opened, names: Names) -> tuple[CorrectionLine, ...]:
    def named(field: str, value: str | None) -> str | None:
        table = names.categories if field == "category" else names.townships
        return None if value is None else table.get(value, value)

    return tuple(
        CorrectionLine(one, named(one.field, one.value), named(one.field, one.made_value))
        for one in corrections(db, opened.scope, opened.case_id)
    )


def _is_review_unnamed(history: CaseHistory, phase: str | None) -> bool:
    asked = [e for e in history.events if e.event in REVIEWS]
    return phase in ("review", "recheck") and bool(asked) and asked[-1].to_body_id is None


def _lines(log: Log) -> tuple[ClockLine, ...]:
    today = log.as_of.astimezone(ZoneInfo(log.zone)).date()
    return tuple(
        ClockLine(
            clock=clock,
            days=spans(
                explain(log.pack, clock, log.calendar.as_known(clock.ended_at or log.as_of))
            ),
            told=three_dates(clock, log.pack),
            is_very_late=is_very_late(clock, today),
        )
        for clock in log.clocks
        if clock.state not in ("not_started", "ended") or clock.started_at is not None
    )


def spans(days: list[DayCounted]) -> tuple[Span, ...]:
    """Days of the same kind in a row as one line: nothing is left out, and the page stays short."""
    found = []
    for (why, provisional), run in groupby(days, key=lambda d: (d.why, d.provisional)):
        row = list(run)
        found.append(Span(row[0].day, row[-1].day, row[0].number, row[-1].number, why, provisional))
    return tuple(found)


def _main(lines: tuple[ClockLine, ...]) -> ClockLine | None:
    owed = [
        line
        for line in lines
        if line.clock.state in ("running", "overdue", "paused")
        and line.clock.clock not in ("review_request", "recheck_request")
        and line.clock.due_on is not None
    ]
    return min(owed, key=lambda line: line.clock.due_on or dt.date.max, default=None)


def _steps(history: CaseHistory, names: Names) -> tuple[Step, ...]:
    """The timeline, newest first. What was rated is not shown: a copied code must not tell it."""
    is_disowned = False
    steps = []
    for event in history.events:
        is_undoing = is_disowned and event.event == "confirmed"
        is_disowned = event.event == "disowned" or (is_disowned and not is_undoing)
        steps.append(_step(event, names, is_undoing))
    return tuple(reversed(steps))


def _step(event: RecordedEvent, names: Names, is_undoing: bool) -> Step:
    reason = f"words.event.{event.code}" if event.event == "not_told" and event.code else None
    if event.event in REASONS and event.code in REASONS[event.event]:
        reason = reason_key(event.event, event.code)
    if event.event == "registered" and event.code in ASKED_HOW:
        reason = f"intake.asked_how.{event.code}"
    is_own = event.actor == "asker"
    stands_above = event.event in TELLING
    words = {} if is_own or stands_above or event.words is None else event.words
    first = [name for name in ANSWER_PARTS if name in words]
    return Step(
        event=event.event,
        at=event.occurred_at,
        known_at=event.known_at,
        actor=event.actor,
        body=names.body(event.body_id),
        to_body=names.body(event.to_body_id),
        days=event.days,
        how=f"linked.{event.code}" if event.code in LINKED_STEPS.get(event.event, ()) else None,
        planned_on=event.planned_on,
        reason=reason,
        parts=tuple(
            (name, words[name]) for name in [*first, *(n for n in words if n not in first)]
        ),
        was_known_later=event.known_at - event.occurred_at > dt.timedelta(days=1),
        is_undoing=is_undoing,
    )


def _silent_days(
    history: CaseHistory, phase: str | None, now: dt.datetime, zone: ZoneInfo
) -> int | None:
    done = [e.known_at for e in history.events if e.actor == "office"]
    if phase not in OWED_PHASES or not done:
        return None
    return max(0, (now.astimezone(zone).date() - max(done).astimezone(zone).date()).days)
