"""What a weekly, half-month or monthly summary is made of: one frozen object, small counts covered.

The same cells are covered in every format, because every format is made from this object.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass

from .daily_facts import AssignmentLine, County, FileInForce
from .filing import FilingFigures
from .problem import Followed, Problem
from .rates import Rate

KINDS = ("week", "half_month", "month")


def span_of(kind: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the span a day lies in: Monday to Sunday, the 1st to the 15th or the
    16th to the end, the calendar month.

    Raises:
        ValueError: no such kind.
    """
    if kind == "week":
        first = day - dt.timedelta(days=day.weekday())
        return first, first + dt.timedelta(days=6)
    end = day.replace(day=monthrange(day.year, day.month)[1])
    if kind == "month":
        return day.replace(day=1), end
    if kind == "half_month":
        if day.day <= 15:
            return day.replace(day=1), day.replace(day=15)
        return day.replace(day=16), end
    raise ValueError(f"no such span: {kind}; there are {KINDS}")


def span_before(kind: str, first: dt.date) -> tuple[dt.date, dt.date]:
    """The span of the same kind that ended the day before `first`."""
    return span_of(kind, first - dt.timedelta(days=1))


@dataclass(frozen=True)
class ShownRate:
    """A rate as it may be shown. state: shown; none (nothing was due); few (n<10); covered (one of
    its two counts is 1 or 2). The numbers are None unless it is shown."""

    state: str
    numerator: int | None
    denominator: int | None
    share: float | None


def shown_rate(rate: Rate) -> ShownRate:
    """Cover a rate whose parts would tell of one or two."""
    if not rate.denominator:
        return ShownRate("none", None, None, None)
    if rate.is_small:
        return ShownRate("few", None, None, None)
    if {rate.numerator, rate.denominator - rate.numerator} & {1, 2}:
        return ShownRate("covered", None, None, None)
    return ShownRate("shown", rate.numerator, rate.denominator, rate.share)


@dataclass(frozen=True)
class RateLine:
    """An indicator of the span and of the span before; before None = the record is not so old."""

    name: str
    now: ShownRate
    before: ShownRate | None


@dataclass(frozen=True)
class CountLine:
    """A count of the span and of the span before; None = covered, or not known (before)."""

    name: str
    now: int | None
    before: int | None


@dataclass(frozen=True)
class DomainCounts:
    """New and answered in the span and open at its end; None = covered."""

    domain: str
    new: int | None
    answered: int | None
    open: int | None


@dataclass(frozen=True)
class BodySpan:
    """Answers due at one body. Counts are in the monthly summary only and None where covered; a
    shorter span has the share alone, in twentieths, so that no two spans can be subtracted.
    is_few: fewer than ten due, no share."""

    body_id: str
    due: int | None
    on_time: int | None
    late: int | None
    late_open: int | None
    ended_otherwise: int | None
    share: float | None
    is_few: bool


@dataclass(frozen=True)
class Summary:
    """Everything a summary says, as known at its cut-off: its last day plus a day, or now.

    flow: (day, new, answered), None = covered. rates, counts: beside the span before. five: what
    became of the answers due, None = covered. filing: over the span; None = none asked. missing:
    (desk, asked days without a filing), none left out. exits: by stage, None = covered.
    problem: monthly only; None = no combination has ten. followed: of the problem in the monthly
    summary issued last; None = none was issued or it named none. cases: how many the record holds.
    """

    county: County
    kind: str
    first: dt.date
    last: dt.date
    as_of: dt.datetime
    cases: int
    flow: tuple[tuple[dt.date, int | None, int | None], ...]
    counts: tuple[CountLine, ...]
    rates: tuple[RateLine, ...]
    five: tuple[tuple[str, int | None], ...]
    median_days: float | None
    p90_days: float | None
    by_domain: tuple[DomainCounts, ...]
    by_body: tuple[BodySpan, ...]
    filing: FilingFigures | None
    missing: tuple[tuple[str, int], ...]
    assignments: tuple[AssignmentLine, ...]
    exits: tuple[tuple[str, int | None], ...]
    problem: Problem | None
    followed: Followed | None
    files: tuple[FileInForce, ...]
    body_names: tuple[tuple[str, str, str], ...]
    township_names: tuple[tuple[str, str, str], ...]
    category_names: tuple[tuple[str, str, str], ...]
    comment: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def has_cases(self) -> bool:
        """Whether the record held any case by then."""
        return self.cases > 0
