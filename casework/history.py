"""One case's events read under its pack's grammar: what counted, in which phase, or why not.

The plain, one-case reading; `casework/milestones.py` finds the same for whole tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from data.errors import RuleError

from .pack import OPEN_PHASES, Pack

ONE_DAY = dt.timedelta(days=1)
ANSWERS = ("answered", "no_remedy")
"""What closes a round of the answer clock: an answer, or that no remedy was found."""


@dataclass(frozen=True)
class CaseEvent:
    """One event of one case.

    at: when it happened (aware). known_at: when the record knew (aware); None = at once.
    days: of an extension, the days asked for; None = as many as the rule allows.
    """

    event: str
    at: dt.datetime
    known_at: dt.datetime | None = None
    days: int | None = None

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
    """One round of the answer clock: until its answer, or until "not solved" opens the next."""

    opened_by: CaseEvent
    extensions: list[CaseEvent] = field(default_factory=list)
    closed_by: CaseEvent | None = None


@dataclass
class History:
    """What the events of one case come to, as of a moment.

    phase: one of pack.PHASES. events: those known by then, in order.
    first: the first event of each kind. rounds: of the answer clock, none before it starts.
    delivered, reviewed_delivered: the asker received the latest answer, the review.
    void_at: when another way out took effect (declined, referred, withdrawn); None = none did.
    hearings: (opened, closed) pairs during the recheck; closed None = still open.
    """

    as_of: dt.datetime
    phase: str = "new"
    events: list[CaseEvent] = field(default_factory=list)
    first: dict[str, CaseEvent] = field(default_factory=dict)
    receipt: CaseEvent | None = None
    rounds: list[Round] = field(default_factory=list)
    delivered: CaseEvent | None = None
    reviewed_delivered: CaseEvent | None = None
    void_at: dt.datetime | None = None
    hearings: list[tuple[CaseEvent, CaseEvent | None]] = field(default_factory=list)
    withdrawal_asked: CaseEvent | None = None
    withdrawn: CaseEvent | None = None
    before_withdrawal: str = "new"


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
            `right_lapsed`: the first event the grammar forbids, with its number and day.
    """
    history = History(as_of)
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
        return "not_accepted" if early else "out_of_order"
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
        if event.at > asked.at + dt.timedelta(days=pack.withdrawal_undone_within_days):
            return "right_lapsed"
    if event.event in ("hearing_opened", "hearing_closed") and history.phase == "recheck":
        is_open = bool(history.hearings) and history.hearings[-1][1] is None
        if is_open != (event.event == "hearing_closed"):
            return "out_of_order"
    return None


def _broken_extension(pack: Pack, procedure: str, history: History, event: CaseEvent) -> str | None:
    rule = pack.rules[procedure]["answer"]
    if not rule.extension_times:
        return "no_extension"
    if sum(len(turn.extensions) for turn in history.rounds) >= rule.extension_times:
        return "second_extension"
    if event.days is not None and not 1 <= event.days <= rule.extension_days:
        return "extension_too_long"
    return None


def _takes_effect(pack: Pack) -> dt.timedelta:
    return dt.timedelta(days=pack.withdrawal_takes_effect_days)


def _let_withdrawal_take_effect(pack: Pack, history: History, moment: dt.datetime) -> None:
    asked = history.withdrawal_asked
    if asked is None or history.phase not in OPEN_PHASES:
        return
    effect = asked.at + _takes_effect(pack)
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
    if name in ("declined", "referred"):
        history.void_at = event.counted_at
        history.withdrawal_asked = None
    if name == "extended":
        history.rounds[-1].extensions.append(event)
    if name == "not_solved" and phase in ANSWERS:
        history.rounds.append(Round(event))
        history.delivered = None
        history.phase = "reopened"
    if name == "delivered":
        if phase in ANSWERS and history.delivered is None:
            history.delivered = event
        if phase == "reviewed" and history.reviewed_delivered is None:
            history.reviewed_delivered = event
    if phase == "recheck" and name == "hearing_opened":
        history.hearings.append((event, None))
    if phase == "recheck" and name == "hearing_closed":
        history.hearings[-1] = (history.hearings[-1][0], event)
    _take_withdrawal(pack, history, event)
    to = pack.grammar[name].to
    if to is not None:
        history.phase = to


def _take_withdrawal(pack: Pack, history: History, event: CaseEvent) -> None:
    if event.event == "withdrawal_asked":
        history.withdrawal_asked = event
    elif event.event == "withdrawn":
        history.withdrawn = event
        history.withdrawal_asked = history.withdrawal_asked or event
        if history.phase != "withdrawn":
            history.before_withdrawal, history.phase = history.phase, "withdrawn"
            effect = history.withdrawal_asked.at + _takes_effect(pack)
            asked = history.withdrawal_asked is not event
            history.void_at = min(event.counted_at, effect) if asked else event.counted_at
    elif event.event == "withdrawal_undone":
        history.withdrawal_asked = history.withdrawn = None
        if history.phase == "withdrawn":
            history.phase = history.before_withdrawal
            history.void_at = None
