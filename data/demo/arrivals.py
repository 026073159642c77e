"""What is asked, where, when and by which channel: the cases as they come in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..vocabulary import AMOUNT_BANDS, CONFIRMED_CHANNELS
from .moments import CLOSES, OPENS, Bools, Floats, Ints, WorkDays, office_time
from .places import Places
from .process import (
    CATEGORIES,
    CHANNELS,
    DEPARTMENTS,
    GROWTH,
    PEAKS,
    SUGGESTION_SHARE,
    TOWNSHIP_SHARE,
    WEEKDAY,
)

CATEGORY_IDS = tuple(CATEGORIES)
CHANNEL_IDS = tuple(CHANNELS)


@dataclass(frozen=True)
class Arrivals:
    """One entry per case, in order of registration. Times are local (float days since 1970).

    category, channel: index in CATEGORY_IDS, CHANNEL_IDS. grid, township: index in the places.
    owner: index of the body in charge (departments first, then township offices).
    amount: index in AMOUNT_BANDS, -1 = none.
    """

    opened: Floats
    registered: Floats
    category: Ints
    channel: Ints
    grid: Ints
    township: Ints
    owner: Ints
    simple: Bools
    suggestion: Bools
    amount: Ints

    def __len__(self) -> int:
        return len(self.opened)

    def take(self, which: npt.NDArray[np.generic]) -> Arrivals:
        """Those cases, in that order."""
        return Arrivals(**{name: value[which] for name, value in vars(self).items()})

    @property
    def own_channel(self) -> Bools:
        """Whether each case came by the asker's own channel, so that it needs no confirmation."""
        own = np.array([channel in CONFIRMED_CHANNELS for channel in CHANNEL_IDS])
        return own[self.channel]


def in_peak(days: Ints, name: str) -> Bools:
    """Whether each local day (days since 1970) lies in the peak of that name; "" = never."""
    if not name:
        return np.zeros(len(days), dtype=bool)
    first, last, _ = PEAKS[name]
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    code = month * 100 + day
    start, end = first[0] * 100 + first[1], last[0] * 100 + last[1]
    return (code >= start) & (code <= end) if start <= end else (code >= start) | (code <= end)


def draw(
    count: int, first: int, last: int, places: Places, work_days: WorkDays,
    rng: np.random.Generator,
) -> Arrivals:  # fmt: skip
    """`count` requests opened on local days first..last (days since 1970), both included.

    Requests of a township that is not open yet go to another place of the county.
    """
    days = np.arange(first, last + 1)
    shape = np.array(WEEKDAY)[(days + 3) % 7] * (1 + GROWTH) ** ((days - first) / 365)
    category = rng.choice(
        len(CATEGORY_IDS), size=count, p=_normal([c.share for c in CATEGORIES.values()])
    )
    day = np.empty(count, dtype=np.int64)
    for number, spec in enumerate(CATEGORIES.values()):
        of_it = category == number
        height = np.where(in_peak(days, spec.peak), PEAKS[spec.peak][2] if spec.peak else 1, 1)
        day[of_it] = rng.choice(days, size=int(of_it.sum()), p=_normal(shape * height))
    channel = rng.choice(len(CHANNEL_IDS), size=count, p=_normal(list(CHANNELS.values())))
    grid = _places(day, places, rng)
    opened = _moments(day, channel, work_days, rng)
    registered = _registered(opened, channel, work_days, rng)
    township = places.grid_township[grid]
    specs = list(CATEGORIES.values())
    owners = np.array([DEPARTMENTS.index(c.owner) if c.owner != "desk" else -1 for c in specs])
    owner = owners[category]
    local = (owner < 0) | (rng.random(count) < TOWNSHIP_SHARE)
    owner = np.where(local, len(DEPARTMENTS) + township, owner)
    simple = rng.random(count) < np.array([c.simple for c in specs])[category]
    money = np.array([c.money for c in specs])[category] & (rng.random(count) < 0.8)
    band = rng.choice(len(AMOUNT_BANDS), size=count, p=[0.28, 0.44, 0.22, 0.06])
    cases = Arrivals(
        opened, registered, category, channel, grid, township, owner, simple,
        rng.random(count) < SUGGESTION_SHARE, np.where(money, band, -1),
    )  # fmt: skip
    return cases.take(np.argsort(registered, kind="stable"))


def _normal(weights: npt.ArrayLike) -> Floats:
    values = np.asarray(weights, dtype=float)
    return values / values.sum()


def _places(day: Ints, places: Places, rng: np.random.Generator) -> Ints:
    """A grid per request, of a township that is open on that day."""
    everywhere = np.arange(len(places.grid_codes))
    grid = rng.choice(everywhere, size=len(day), p=places.weight)
    closed = places.opens[places.grid_township[grid]] > day
    if closed.any():
        always = np.where(places.opens[places.grid_township] <= day.min(), places.weight, 0)
        grid[closed] = rng.choice(everywhere, size=int(closed.sum()), p=_normal(always))
    return grid


def _moments(day: Ints, channel: Ints, work_days: WorkDays, rng: np.random.Generator) -> Floats:
    """When each was asked: own channels at any hour from 7 to 22, others in office hours."""
    own = np.array([c in (*CONFIRMED_CHANNELS, "on_behalf") for c in CHANNEL_IDS])[channel]
    part = rng.random(len(day))
    anytime = day + (7 + 15 * part) / 24
    return np.where(own, anytime, work_days.snap(day + office_time(part)))


def _registered(
    opened: Floats, channel: Ints, work_days: WorkDays, rng: np.random.Generator
) -> Floats:
    """When each was registered: at once online and by hotline, at the desk within the hour, on
    behalf within two working days, a letter within three."""
    names = np.array(CHANNEL_IDS)[channel]
    size = len(opened)
    minutes = opened + rng.uniform(1, 12, size) / 1440
    lag = np.where(names == "letter", rng.integers(0, 4, size), rng.integers(0, 3, size))
    later = work_days.add(opened, lag) + office_time(rng.random(size))
    at = np.where(np.isin(names, ("letter", "on_behalf")), np.maximum(later, minutes), minutes)
    hour = (at % 1) * 24
    own = np.isin(names, CONFIRMED_CHANNELS)
    outside = ~own & ((hour < OPENS) | (hour > CLOSES))
    next_morning = work_days.day(work_days.number(at + 1)) + office_time(0.2 * rng.random(size))
    return np.where(outside, next_morning, at)
