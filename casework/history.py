"""One case's events read under its pack's grammar: what counted, in which phase, or why not.

The plain, one-case reading; `casework/milestones.py` finds the same for whole tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from data.errors import RuleError

from .rule import EXTENDED_IN, OPEN_PHASES, RUN_IN, Pack, Pause, Rule

ONE_DAY = dt.timedelta(days=1)
ANSWERS = ("answered", "no_remedy")
"""What closes a round of the answer clock: an answer, or that no remedy was found."""


@dataclass(frozen=True)
class CaseEvent:
    """One event of one case.

    at: when it happened (aware). known_at: when the record knew (aware); None = at once.
    days: of an extension, the days asked for; None = as many as the rule allows.
    body_id, to_body_id: the body that acted and the one it was passed to; None = not told.
    about: of "I was not told", the event it is about; None = not said.
    """

    event: str
    at: dt.datetime
    known_at: dt.datetime | None = None
    days: int | None = None
    body_id: str | None = None
    to_body_id: str | None = None
    about: str | None = None

    @property
    def known(self) -> dt.datetime:
        """When the record knew of it."""
        return self.at if self.known_at is None else self.known_at

    @property
    def counted_at(self) -> dt.datetime:
        """The moment that counts where it ends a clock: its own, unless it became known more
        than a day later (DOMAIN.md §4)."""
        return self.at if self.known - self.at <= ONE_DAY else self.known


@dataclass
class Round:
    """One round of the answer clock: from its start or from "not solved", until an answer or the
    request for a review ends it."""

    opened_by: CaseEvent
    extensions: list[CaseEvent] = field(default_factory=list)
    closed_by: CaseEvent | None = None


@dataclass
class Stop:
    """One pause: from `on` until `off`, or until its clocks ended; off None = it goes on."""

    pause: Pause
    on: CaseEvent
    off: CaseEvent | None = None


@dataclass
class History:
    """What the events of one case come to, as of a moment; days are counted in `zone`.

    phase: one of rule.PHASES. events: those known by then, in order.
    first: the first event of each kind. rounds: of the answer clock, none before it starts.
    extended: extensions of the review and the recheck, by clock (an answer's are in its rounds).
    delivered, reviewed_delivered: the asker received the latest answer, the review.
    void_at: when another way out took effect (declined, referred, withdrawn); None = none did.
    stops: pauses, in order.
    """

    as_of: dt.datetime
    zone: ZoneInfo
    phase: str = "new"
    events: list[CaseEvent] = field(default_factory=list)
    first: dict[str, CaseEvent] = field(default_factory=dict)
    receipt: CaseEvent | None = None
    rounds: list[Round] = field(default_factory=list)
    extended: dict[str, list[CaseEvent]] = field(default_factory=dict)
    delivered: CaseEvent | None = None
    reviewed_delivered: CaseEvent | None = None
    void_at: dt.datetime | None = None
    stops: list[Stop] = field(default_factory=list)
    withdrawal_asked: CaseEvent | None = None
    withdrawn: CaseEvent | None = None
    before_withdrawal: str = "new"

    def first_of(self, names: Sequence[str], after: str = "") -> CaseEvent | None:
        """The first event of these kinds, at or behind the first of kind `after` if it is given."""
        start = 0
        if after:
            if after not in self.first:
                return None
            start = self.place(self.first[after])
        return next((event for event in self.events[start:] if event.event in names), None)

    def place(self, event: CaseEvent) -> int:
        """Where an event stands in the log, from 0."""
        return next(place for place, one in enumerate(self.events) if one is event)

    @property
    def can_run(self) -> tuple[str, ...]:
        """The office's clocks that can run now; a withdrawal that can be undone changes none."""
        phase = self.before_withdrawal if self.phase == "withdrawn" else self.phase
        return RUN_IN.get(phase, ())

    def stopped(self, pause: Pause) -> Stop | None:
        """The pause of this kind that goes on now."""
        return next((s for s in self.stops if s.pause is pause and s.off is None), None)


def known_by(events: Sequence[CaseEvent], as_of: dt.datetime) -> list[CaseEvent]:
    """The events that had happened and were known at `as_of`, in the order given."""
    return [event for event in events if event.at <= as_of and event.known <= as_of]


def read(
    pack: Pack, procedure: str, events: Sequence[CaseEvent], as_of: dt.datetime, zone: ZoneInfo
) -> History:
    """The history of one case.

    Args:
        events: in order of time; those not known by `as_of` are ignored.
        zone: the county's, for the days in what a refusal says.

    Raises:
        RuleError: `not_registered`, `out_of_order`, `not_accepted`, `second_extension`,
            `in_the_future`, `not_in_pack`, `no_extension`, `extension_too_long`,
            `extension_without_days`, `not_acknowledged`, `right_lapsed`: the first event the
            grammar forbids, with its number and day.
    """
    history = History(as_of, zone)
    for number, event in enumerate(events, start=1):
        if event.known < event.at:
            raise _refusal("in_the_future", number, event, zone)
        if event.at > as_of or event.known > as_of:
            continue
        if history.events and event.at < history.events[-1].at:
            raise _refusal("out_of_order", number, event, zone)
        _let_withdrawal_take_effect(pack, history, event.at)
        rule = broken_rule(pack, procedure, history, event)
        if rule:
            raise _refusal(rule, number, event, zone)
        _take(pack, procedure, history, event)
    _let_withdrawal_take_effect(pack, history, as_of)
    return history


def _refusal(rule: str, number: int, event: CaseEvent, zone: ZoneInfo) -> RuleError:
    day = event.at.astimezone(zone).date().isoformat()
    return RuleError(rule, number=number, day=day)


def broken_rule(pack: Pack, procedure: str, history: History, event: CaseEvent) -> str | None:
    """The name of the rule that forbids `event` next; None where it may come.

    The extension's own limit is the clock's business (`casework.clocks`).
    """
    step = pack.grammar.get(event.event)
    if step is None:
        return "not_in_pack"
    if history.phase not in step.phases:
        if history.phase == "new":
            return "not_registered"
        early = history.phase == "undecided" and "owed" in step.phases
        if not early:
            return "out_of_order"
        return "not_accepted" if "accepted" in pack.grammar else "not_acknowledged"
    if event.event == "extended":
        return _broken_extension(pack, procedure, history, event)
    asked = history.withdrawal_asked
    if event.event == "withdrawal_asked" and asked:
        return "out_of_order"
    if event.event == "withdrawn" and history.withdrawn:
        return "out_of_order"
    if event.event == "withdrawal_undone":
        if asked is None:
            return "out_of_order"
        if event.at > _days_after(asked, pack.withdrawal_undone_within_days, history):
            return "right_lapsed"
    for pause in pack.pauses:
        if event.event in (pause.on, pause.off) and pause.clocks & set(history.can_run):
            is_stopped = history.stopped(pause) is not None
            if is_stopped != (event.event == pause.off):
                return "out_of_order"
    return None


def extendable(pack: Pack, procedure: str, phase: str) -> Rule | None:
    """The rule an extension would lengthen in a phase; None where nothing can be extended."""
    rule = pack.rule(procedure, EXTENDED_IN.get(phase, ""))
    return rule if rule is not None and rule.has_extension else None


def _broken_extension(pack: Pack, procedure: str, history: History, event: CaseEvent) -> str | None:
    rule = extendable(pack, procedure, history.phase)
    if rule is None:
        return "no_extension"
    before = sum(len(turn.extensions) for turn in history.rounds)
    if rule.clock != "answer":
        before = len(history.extended.get(rule.clock, []))
    if rule.extension_times is not None and before >= rule.extension_times:
        return "second_extension"
    if rule.extension_stated:
        return None if event.days is not None and event.days >= 1 else "extension_without_days"
    if event.days is not None and not 1 <= event.days <= rule.extension_days:
        return "extension_too_long"
    return None


def _days_after(event: CaseEvent, days: int, history: History) -> dt.datetime:
    """The same local time some days later, across a change to or from summer time too."""
    later = event.at.astimezone(history.zone) + dt.timedelta(days=days)
    return later.astimezone(dt.UTC)


def _let_withdrawal_take_effect(pack: Pack, history: History, moment: dt.datetime) -> None:
    asked = history.withdrawal_asked
    if asked is None or history.phase not in OPEN_PHASES:
        return
    effect = _days_after(asked, pack.withdrawal_takes_effect_days, history)
    if effect <= moment:
        history.before_withdrawal, history.phase = history.phase, "withdrawn"
        history.void_at = effect


def _take(pack: Pack, procedure: str, history: History, event: CaseEvent) -> None:
    """Move the history on by one event that is allowed."""
    name, phase = event.event, history.phase
    answer = pack.rules[procedure]["answer"]
    history.events.append(event)
    history.first.setdefault(name, event)
    if name == "transferred" and phase == "undecided" and history.receipt is None:
        history.receipt = event
    if name in answer.starts_on and not history.rounds:
        history.rounds.append(Round(event))
    if name in ANSWERS:
        history.rounds[-1].closed_by = event
        history.withdrawal_asked = None
        history.delivered = None
    if name in ("declined", "referred"):
        history.void_at = event.counted_at
        history.withdrawal_asked = None
    if name == "extended":
        clock = EXTENDED_IN[phase]
        of_clock = history.extended.setdefault(clock, [])
        (history.rounds[-1].extensions if clock == "answer" else of_clock).append(event)
    if name == "not_solved" and phase in ANSWERS:
        history.rounds.append(Round(event))
        history.phase = "reopened"
    if name == "review_requested" and phase == "reopened":
        history.rounds[-1].closed_by = event
        history.withdrawal_asked = None
    if name == "delivered":
        if phase in (*ANSWERS, "reopened") and history.delivered is None:
            history.delivered = event
        if phase == "reviewed" and history.reviewed_delivered is None:
            history.reviewed_delivered = event
    _take_withdrawal(pack, history, event)
    history.phase = pack.grammar[name].to.get(phase, history.phase)
    _take_pauses(pack, history, event)


def _take_pauses(pack: Pack, history: History, event: CaseEvent) -> None:
    """Begin and end pauses; one whose clocks have all ended ends with them."""
    for pause in pack.pauses:
        going_on, runs = history.stopped(pause), bool(pause.clocks & set(history.can_run))
        if going_on is not None and (event.event == pause.off or not runs):
            going_on.off = event
        elif event.event == pause.on and runs:
            history.stops.append(Stop(pause, event))


def _take_withdrawal(pack: Pack, history: History, event: CaseEvent) -> None:
    if event.event == "withdrawal_asked":
        history.withdrawal_asked = event
    elif event.event == "withdrawn":
        history.withdrawn = event
        history.withdrawal_asked = history.withdrawal_asked or event
        if history.phase != "withdrawn":
            history.before_withdrawal, history.phase = history.phase, "withdrawn"
            days = pack.withdrawal_takes_effect_days
            effect = _days_after(history.withdrawal_asked, days, history)
            asked = history.withdrawal_asked is not event
            history.void_at = min(event.counted_at, effect) if asked else event.counted_at
    elif event.event == "withdrawal_undone":
        history.withdrawal_asked = history.withdrawn = None
        if history.phase == "withdrawn":
            history.phase = history.before_withdrawal
            history.void_at = None
