"""What a rules pack can say: its clocks, pauses, windows and duties, as plain values.

Read from files and checked by `casework/pack.py`; PACKS.md lists what each jurisdiction needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

UNITS = ("calendar_days", "working_days", "per_case")
"""How a limit is counted; `per_case` = an instant given with the case (Cases.limit_at)."""
CLOCKS = (
    "acknowledge", "forward", "acceptance", "answer", "review_request", "review_acknowledge",
    "review", "recheck_request", "recheck",
)  # fmt: skip
"""Every clock a pack may set, in the order in which they are listed."""
OFFICE_CLOCKS = (
    "acknowledge", "forward", "acceptance", "answer", "review_acknowledge", "review", "recheck",
)  # fmt: skip
"""Those a public body has to keep; the others are rights of the asker."""
PHASES = (
    "new", "undecided", "owed", "answered", "reopened", "declined", "referred", "no_remedy",
    "withdrawn", "review", "reviewed", "recheck", "rechecked",
)  # fmt: skip
"""Where a case stands in the grammar of events; `owed` = the answer is owed."""
OPEN_PHASES = ("undecided", "owed", "reopened")
"""The phases in which the latest round has neither an answer nor another end."""
EXTENDED_IN = {"owed": "answer", "reopened": "answer", "review": "review", "recheck": "recheck"}
"""Phase -> the clock an `extended` lengthens there."""
RUN_IN = {
    "undecided": ("acknowledge", "forward", "acceptance"),
    "owed": ("acknowledge", "forward", "answer"),
    "reopened": ("answer",),
    "review": ("review_acknowledge", "review"),
    "recheck": ("recheck",),
}
"""Phase -> the office's clocks that can run in it: those a pause can stop there."""
GOVERNS = ("new", "open")
"""Which cases a version rules: those that begin under it, or also those still open then."""
TOLD_BY = ("notified", "delivered")
"""By which events an asker is told something."""


@dataclass(frozen=True)
class Rule:
    """One clock of one procedure.

    limit: number of `unit`; None for `per_case`.
    moves: whether a calendar-day limit that ends on a free day moves to the next working day.
    starts_on: events that start it, the preferred first; ends_on: events that meet it.
    after: only events after the first of this kind start or end it; empty = every one does.
    extension_days, extension_times: most days of `unit` one extension adds, and how many there may
    be; extension_times None = the text sets no number (only where the date is stated).
    extension_stated: the office states the days itself and no text caps them.
    extension_approval: post that approves, a key of `casework.approval.*`; empty = not said.
    second_hand: the number was read on a secondary page; screens say so.
    by_category: of `per_case`: days by category's id, for cases that come without a limit.
    """

    id: str
    clock: str
    whose: str
    limit: int | None
    unit: str
    moves: bool
    starts_on: tuple[str, ...]
    ends_on: tuple[str, ...]
    after: str
    extension_days: int
    extension_times: int | None
    extension_stated: bool
    extension_approval: str
    second_hand: bool
    source: str
    by_category: Mapping[str, Span] = field(default_factory=dict, hash=False)

    def for_case(self, category: str) -> Rule:
        """The rule of a case that came without a limit: its category's days, where there are."""
        days = self.by_category.get(category)
        if days is None:
            return self
        return replace(
            self, limit=days.limit, unit=days.unit, source=days.source,
            second_hand=days.second_hand, by_category={},
        )  # fmt: skip

    @property
    def has_extension(self) -> bool:
        """Whether this clock can be extended at all."""
        return self.extension_stated or bool(self.extension_days and self.extension_times)


@dataclass(frozen=True)
class Pause:
    """Time between `on` and `off` that is not counted by `clocks`, with its legal basis."""

    clocks: frozenset[str]
    on: str
    off: str
    source: str
    second_hand: bool


@dataclass(frozen=True)
class Tell:
    """What the asker must be told: after `event`, by `must` (`notified` or `delivered`).

    limit, unit: within how long after the event; None = the text names no limit.
    """

    event: str
    must: str
    limit: int | None
    unit: str | None
    source: str
    second_hand: bool


@dataclass(frozen=True)
class Span:
    """A number of days or months in law that is no clock of a case, with its source."""

    limit: int
    unit: str
    source: str
    second_hand: bool


@dataclass(frozen=True)
class AnswerParts:
    """What a written answer must contain, by the names of `data.history.ANSWER_PARTS`."""

    parts: tuple[str, ...]
    source: str
    second_hand: bool


@dataclass(frozen=True)
class Step:
    """What the grammar says of one event: the phases it may come in and where it leads.

    to: phase -> the phase it leads to from there; a phase that is not named stays.
    """

    event: str
    phases: frozenset[str]
    to: Mapping[str, str]


@dataclass(frozen=True)
class Pack:
    """One version of one jurisdiction's rules, as loaded.

    governs: "new" = cases that begin from `effective_from` on; "open" = also those that had
    neither their first answer nor another end by then.
    rules: procedure -> clock -> rule; a procedure lists only the clocks it has.
    round_limit, round_unit: what a round after "not solved" has at least, from the objection.
    objection: window for "sent to the wrong body", from the transfer; None = no window named.
    backlog: calendar months after which a case that is not closed is backlog; None = no such rule.
    tightens: id of the law's pack this one tightens; empty = a law's own.
    before: the version the case began under, where it moved to this one while open.
    file_hash: SHA-256 of the file, for reports that say which files were in force.
    """

    id: str
    version: int
    effective_from: dt.date
    effective_to: dt.date | None
    governs: str
    calendar: str
    daily_filing: bool
    filing_deadline: dt.time
    protection_level: str
    withdrawal_takes_effect_days: int
    withdrawal_undone_within_days: int
    round_limit: int
    round_unit: str
    rules: Mapping[str, Mapping[str, Rule]]
    pauses: tuple[Pause, ...]
    tells: tuple[Tell, ...]
    objection: Span | None
    backlog: Span | None
    answer_parts: AnswerParts | None
    grammar: Mapping[str, Step]
    tightens: str
    file_hash: str
    before: Pack | None = None

    def rule(self, procedure: str, clock: str) -> Rule | None:
        """The rule of a clock in a procedure; None where the procedure has no such clock."""
        return self.rules[procedure].get(clock)

    def for_case(self, category: str, limit_at: object) -> Pack:
        """The pack as it counts one case: its own limit first, else its category's days.

        Args:
            limit_at: the limit given with the case; None = none was.
        """
        own = {
            procedure: {clock: rule.for_case(category) for clock, rule in rules.items()}
            for procedure, rules in self.rules.items()
        }
        if limit_at is not None or own == self.rules:
            return self
        before = None if self.before is None else self.before.for_case(category, limit_at)
        return replace(self, rules=own, before=before)

    def pauses_of(self, clock: str) -> tuple[Pause, ...]:
        """What stops a clock."""
        return tuple(pause for pause in self.pauses if clock in pause.clocks)

    @cached_property
    def has_acceptance(self) -> bool:
        """Whether a body decides on acceptance before the answer is owed."""
        return any("acceptance" in rules for rules in self.rules.values())
