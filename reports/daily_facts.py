"""What a daily service report (日报) is made of: one frozen object, the same bytes each time.

No case is described and none is named: cases appear as numbers only (DOMAIN.md §9).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from .filing import FilingFigures
from .indicators import Window
from .rates import FEWEST, Rate
from .since import SinceLast
from .waiting import StepTarget

MOST_REASONS = 3
"""Kinds of reasons named per body with its flags."""


@dataclass(frozen=True)
class County:
    """Whose report it is. is_demo: invented data, said on every page."""

    name_zh: str
    name_en: str
    zone: str
    is_demo: bool


@dataclass(frozen=True)
class FileInForce:
    """A file that steers the software: its name and the SHA-256 of its bytes, in hex."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Compared:
    """A count beside earlier ones; None = not to be said (the record is not that old)."""

    today: int
    yesterday: int | None
    mean_7_days: float | None
    same_weekday: int | None


@dataclass(frozen=True)
class DomainLine:
    """New and answered today, and open now, in one domain of vocabulary.DOMAINS."""

    domain: str
    new: int
    answered: int
    open: int


@dataclass(frozen=True)
class TownshipLine:
    """Open confirmed cases of a township and how many of them are overdue; small = not shown."""

    township_code: str
    overdue: Rate

    def facts(self) -> dict[str, object]:
        """What a file says of a place: below ten cases no count and no share."""
        small = self.overdue.is_small
        figure = {"denominator_below": FEWEST} if small else self.overdue.facts()
        return {"township_code": self.township_code, "overdue": figure}

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> TownshipLine:
        """What a file says, read back; a small place stays small, its counts are gone."""
        found = facts["overdue"]
        few = "denominator_below" in found
        rate = Rate(0, 0) if few else Rate(found["numerator"], found["denominator"])
        return cls(facts["township_code"], rate)


@dataclass(frozen=True)
class BodyLine:
    """What asks for work first at one body. Overdue counts those not yet very late."""

    body_id: str
    very_late: int
    overdue: int
    due_soon: int
    backlog: int
    not_solved: int


@dataclass(frozen=True)
class Reminder:
    """A desk that has filed nothing for the day, and how many days in a row it missed."""

    township_code: str
    state: str
    silent_days: int


@dataclass(frozen=True)
class LikelyLate:
    """Flags of one body: today's, and how many of yesterday's were answered since.

    flags: None = not scored today; yesterday, answered_since: None = not scored yesterday.
    reasons: (kind of `risk.reasons`, how many of today's flags carry it), most frequent first, at
    most `MOST_REASONS`; () = none is recorded.
    """

    body_id: str
    flags: int | None
    yesterday: int | None
    answered_since: int | None
    reasons: tuple[tuple[str, int], ...] = ()

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> LikelyLate:
        """What a file says, read back; reports issued before reasons were counted have none."""
        reasons = tuple((str(kind), int(count)) for kind, count in facts.get("reasons", ()))
        return cls(**{**facts, "reasons": reasons})


@dataclass(frozen=True)
class AssignmentLine:
    """Assignments (交办) of one body: what the day brought (closed: verified or ended), how many
    wait for the body at the cut-off, and how many of those are late."""

    body_id: str
    assigned: int
    acknowledged: int
    answered: int
    returned: int
    closed: int
    waiting: int
    late: int


@dataclass(frozen=True)
class Reception:
    """A reception (接访) of the next working day, by post and never by name; body None = county."""

    post: str
    body_id: str | None
    starts: str
    ends: str
    place: str
    slots: int


@dataclass(frozen=True)
class DailyReport:
    """Everything the daily report says, as known at its cut-off.

    new, answered, open_now: part 1, with `by_domain`, `by_township` (confirmed cases only) and
    `flow` (day, new, answered). filing, reminders: part 2; filing None = none asked that day.
    likely_late: part 3; None = there is no forecast. priority: part 4,
    those with very late answers first, then those with overdue ones, and so on; never by number.
    exits (by stage, of cases ended that day), satisfaction, steps: part 5, the rates over
    `window`, with `assignments` in order of body. due_next (body, answers due) until
    `next_working_day`: part 6, with `receptions` and `files`.
    body_names, township_names: (id, Chinese, English) of everybody named above.
    since: what changed since the last report; None = there was nothing before, or it was not
    asked for. levels: (day, open, overdue) of the last evenings as far as the record reaches, the
    cut-off last. desks: (township, state) of the day, in order of code. comment: words of
    `REPORT_COMMENTS`. failed: parts of `PARTS` that could not be computed. cases: how many the
    record holds.
    """

    county: County
    day: dt.date
    as_of: dt.datetime
    new: Compared
    answered: Compared
    open_now: Compared
    overdue: Rate
    by_domain: tuple[DomainLine, ...]
    by_township: tuple[TownshipLine, ...]
    flow: tuple[tuple[dt.date, int, int], ...]
    filing: FilingFigures | None
    reminders: tuple[Reminder, ...]
    likely_late: tuple[LikelyLate, ...] | None
    priority: tuple[BodyLine, ...]
    exits: tuple[tuple[str, int], ...]
    window: Window
    satisfaction: Rate
    on_time: Rate
    steps: tuple[StepTarget, ...]
    assignments: tuple[AssignmentLine, ...]
    next_working_day: dt.date | None
    due_next: tuple[tuple[str, int], ...]
    files: tuple[FileInForce, ...]
    body_names: tuple[tuple[str, str, str], ...]
    township_names: tuple[tuple[str, str, str], ...]
    since: SinceLast | None = None
    levels: tuple[tuple[dt.date, int, int], ...] = ()
    desks: tuple[tuple[str, str], ...] = ()
    receptions: tuple[Reception, ...] = ()
    comment: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    cases: int = 0

    @property
    def has_cases(self) -> bool:
        """Whether the record held any case by then."""
        return self.cases > 0


PARTS = ("filing", "likely", "assignments", "receptions")
"""Parts that may fail apart from the others; the report then says so in their place."""
