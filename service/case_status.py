"""What the one who asked reads of a case, as plain values for a machine (DOMAIN.md §10).

The resident's page shows the same. Until a code was first opened there, nothing written about the
case goes out this way: reading by machine is not the asker's first use and confirms nothing.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from casework.calendar import WorkingCalendar
from casework.clock import Clock
from casework.explain import DayCounted, explain
from casework.log import log_of
from casework.pack import OPEN_PHASES, Pack
from casework.reasons import REASONS, reason_key
from data.answer_reviews import for_asker as looks_back
from data.asker import standing
from data.corrections import corrections
from data.db import Db
from data.history import CaseHistory, RecordedEvent
from data.openings import text_openings
from data.places import read_bodies, read_townships
from data.reading import read_case, read_summary
from data.receipts import Opened
from data.scores import decisions
from data.suggestions import outcomes
from data.sweeps import of_case
from data.vocabulary import DELIVERY_WAYS, LINKED_STEPS
from wording import formats, t

from .assignments import for_asker
from .figures import categories
from .plans import of_case as plans_of
from .rules import rules_of
from .three_dates import three_dates
from .voice import Voice, voice

RIGHTS = (
    "rated", "not_solved", "not_told", "review_requested", "recheck_requested",
    "withdrawal_asked", "withdrawal_undone", "confirmed",
)  # fmt: skip
"""What the holder of a code may say next on the page; `confirmed` undoes "I did not ask"."""
_UNTIL = {"review_requested": "review_request", "recheck_requested": "recheck_request"}


def case_status(db: Db, opened: Opened, language: str) -> dict[str, Any]:
    """The status of the case a code opened, as known now; instants in ISO 8601, UTC.

    Where the log breaks a rule, `stage` is None, there are no limits, and `broken` says which.
    """
    with db.one_state():
        return _Reading(db, opened, language).status()


class _Reading:
    """One case, read once, said in one language."""

    def __init__(self, db: Db, opened: Opened, language: str) -> None:
        self.db, self.opened, self.language = db, opened, language
        self.scope, self.now, self.zone = opened.scope, db.now(), db.county().zone
        self.history = read_case(db, self.scope, opened.case_id)
        named = f"name_{language}"
        bodies, townships = read_bodies(db, self.scope), read_townships(db, self.scope)
        self.bodies = dict(zip(bodies["body_id"], bodies[named], strict=True))
        self.townships = dict(zip(townships["township_code"], townships[named], strict=True))
        self.categories = categories(db, self.scope).by_id

    def status(self) -> dict[str, Any]:
        of = self.history
        log = log_of(rules_of(self.db).for_case(of, self.zone), of, self.now, self.zone)
        stands = standing(self.db, self.scope, of.case_id)
        speech = voice(self.db, self.opened, of, stands, "", log)
        shown = [c for c in log.clocks if c.started_at is not None or c.state != "not_started"]
        is_opened = stands.first_opened_at is not None
        category = self.categories.get(of.category)
        facts = {
            "case_id": of.case_id,
            "as_of": _moment(self.now),
            "stage": log.phase,
            "broken": log.broken.text(self.language) if log.broken else None,
            "opened_at": _moment(of.opened_at),
            "category": self._word(
                of.category, category.names[self.language] if category else None
            ),
            "township": self._word(of.township_code, self.townships.get(of.township_code)),
            "channel": self._word(of.channel, t(f"words.channel.{of.channel}", self.language)),
            "body": self._body(of.body_id),
            "limits": [self._limit(log.pack, log.calendar, clock) for clock in shown],
            "next_rights": _rights(speech, shown),
            "first_opened_at": _moment(stands.first_opened_at),
            "reissued": [
                {"at": _moment(at), "desk": self._body(desk)} for at, desk in stands.reissues
            ],
        }
        return facts | (self._written() if is_opened else {})

    def _written(self) -> dict[str, Any]:
        """Every word of the office, and who read the case's text."""
        case_id = self.history.case_id
        return {
            "summary": read_summary(self.db, self.scope, case_id),
            "steps": [self._step(event) for event in reversed(self.history.events)],
            "assignments": [
                {
                    "at": _moment(one.at), "body": self._body(one.body_id), "step": one.step,
                    "due_on": one.due_on.isoformat(), "state": one.state, "words": dict(one.words),
                    "events": [
                        {
                            "event": e.event, "at": _moment(e.at), "body": self._body(e.body_id),
                            "code": e.code, "words": dict(e.words),
                        }
                        for e in one.events
                    ],
                }
                for one in for_asker(self.db, self.scope, case_id)
            ],
            "sweeps": [
                {
                    "at": _moment(one.at), "body": self._body(one.body_id), "finding": one.finding,
                    "step": one.step, "due_on": one.due_on.isoformat() if one.due_on else None,
                }
                for one in of_case(self.db, self.scope, case_id)
            ],
            "plans": self._plans(),
            "looks_back": [
                {
                    "answered_at": _moment(one.answered_at), "at": _moment(one.at),
                    "kind": one.kind, "body": self._body(one.body_id), "handled": one.handled,
                    "came_back": one.came_back,
                }
                for one in looks_back(self.db, self.scope, case_id)
            ],
            "flags": [
                {"at": _moment(d.at), "decision": d.decision, "reason": d.reason}
                for d in decisions(self.db, self.scope, case_id)
            ],
            "corrections": [
                {
                    "field": c.field, "asked": c.value, "asked_at": _moment(c.asked_at),
                    "state": c.state, "decided_at": _moment(c.decided_at), "made": c.made_value,
                    "reason": c.reason,
                }
                for c in corrections(self.db, self.scope, case_id)
            ],
            "suggestion": [
                {
                    "outcome": one.outcome, "reason": one.reason, "at": _moment(one.at),
                    "body": self._body(one.body_id),
                }
                for one in outcomes(self.db, self.scope, case_id)
                if not self.history.is_disowned
            ],
            "openings": [
                {
                    "month": row["month"], "role": row["role"], "body": self._body(row["body_id"]),
                    "reason": row["reason"], "count": row["count"],
                }
                for row in text_openings(self.db, self.scope, case_id)
            ],
        }  # fmt: skip

    def _plans(self) -> list[dict[str, Any]]:
        """Every version of the plan of a backlog case, the one in force last."""
        found = plans_of(self.db, self.scope, self.history.case_id, self.now)
        return [
            {
                "at": _moment(one.at), "body": self._body(one.body_id), "post": one.post,
                "due_on": one.due_on.isoformat(), "reason": one.reason,
                "steps": [{"step": s.step, "due_on": s.due_on.isoformat()} for s in one.steps],
            }
            for one in found.plans
        ]  # fmt: skip

    def _step(self, event: RecordedEvent) -> dict[str, Any]:
        """A line of the timeline. What was rated is not shown: a copied code must not tell it."""
        code, own = event.code, event.actor == "asker"
        listed = (*LINKED_STEPS.get(event.event, ()), *REASONS.get(event.event, ()))
        if event.event == "delivered":
            listed = DELIVERY_WAYS
        is_shown = code in listed or (event.event == "not_told" and code is not None)
        reason = None
        if code in REASONS.get(event.event, ()):
            reason = t(reason_key(event.event, str(code)), self.language)
        return {
            "event": event.event,
            "name": t(f"words.event.{event.event}", self.language),
            "by": event.actor,
            "at": _moment(event.occurred_at),
            "known_at": _moment(event.known_at),
            "body": self._body(event.body_id),
            "to_body": self._body(event.to_body_id),
            "days": event.days,
            "planned_on": event.planned_on.isoformat() if event.planned_on else None,
            "code": code if is_shown else None,
            "reason": reason,
            "words": {} if own or event.words is None else dict(event.words),
        }

    def _limit(self, pack: Pack, calendar: WorkingCalendar, clock: Clock) -> dict[str, Any]:
        known = calendar.as_known(clock.ended_at or self.now)
        told = three_dates(clock, pack)
        return {
            "clock": self._word(clock.clock, t(f"casework.clock.{clock.clock}", self.language)),
            "round": clock.round,
            "state": clock.state,
            "started_at": _moment(clock.started_at),
            "ended_at": _moment(clock.ended_at),
            "limit": clock.limit,
            "unit": clock.unit,
            "extended_by_days": clock.extended_by,
            "due_on": clock.due_on.isoformat() if clock.due_on else None,
            "days_left": clock.days_left,
            "is_provisional": bool(clock.provisional),
            "source": clock.source,
            "source_is_second_hand": clock.second_hand,
            "why": self._why(explain(pack, clock, known)),
            "moved": [
                t(one.key, self.language, **one.values, **self._days(one.days)) for one in told
            ],
        }

    def _why(self, days: list[DayCounted]) -> list[dict[str, Any]]:
        """Days in a row that were counted or skipped for the same reason."""
        lines = []
        for why, run in groupby(days, key=lambda day: day.why):
            row = list(run)
            lines.append(
                {
                    "from": row[0].day.isoformat(), "to": row[-1].day.isoformat(),
                    "counted_from": row[0].number, "counted_to": row[-1].number,
                    "why": why,
                }
            )  # fmt: skip
        return lines

    def _days(self, days: dict[str, dt.date]) -> dict[str, str]:
        return {name: formats.day(day, self.language) for name, day in days.items()}

    def _body(self, body_id: str | None) -> dict[str, str] | None:
        return None if body_id is None else self._word(body_id, self.bodies.get(body_id))

    def _word(self, code: str, name: str | None) -> dict[str, str]:
        return {"id": code, "name": name or code}


def is_closed(db: Db, history: CaseHistory) -> tuple[bool, dt.date | None]:
    """Whether nothing is owed to the asker any more, and the last day of the nearest limit.

    (False, None) where the log breaks a rule: what cannot be read is not closed.
    """
    zone = db.county().zone
    log = log_of(rules_of(db).for_case(history, zone), history, db.now(), zone)
    if log.broken:
        return False, None
    days = [
        c.due_on
        for c in log.clocks
        if c.due_on is not None
        and c.state in ("running", "overdue", "paused")
        and c.clock not in _UNTIL.values()
    ]
    return log.phase not in ("new", *OPEN_PHASES, "review", "recheck"), min(days, default=None)


def _rights(speech: Voice, shown: list[Clock]) -> list[dict[str, Any]]:
    """What may be said now, and until when; None = no last day."""
    until: dict[str, str | None] = {}
    for right, clock in _UNTIL.items():
        days = [c.due_on for c in shown if c.clock == clock and c.due_on is not None]
        until[right] = max(days).isoformat() if days else None
    if speech.rating.may_change_until is not None:
        until["rated"] = _moment(speech.rating.may_change_until)
    if speech.withdrawal is not None:
        until["withdrawal_undone"] = _moment(speech.withdrawal.undo_until)
    waits = _moment(speech.waits_until)
    return [
        {
            "right": right,
            "until": until.get(right),
            "not_before": waits if right in ("rated", "withdrawal_asked") else None,
        }
        for right in RIGHTS
        if speech.may(right)
    ]


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
