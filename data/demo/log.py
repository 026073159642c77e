"""Events gathered in columns, then laid out as one table: sorted, cut off, with both times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..vocabulary import ACTORS, EVENTS
from .moments import CLOSES, Bools, Floats, Ints, WorkDays, office_time, to_utc

_SLOW = ("contacted", "mediated", "met", "received", "aided", "funded", "delivered", "notified")
"""Steps that end no clock of the office: some of them are typed in days later."""
_TYPED_LATER = 0.06


@dataclass
class Log:
    """Events as they are found, in any order; -1 = no body, NaN moments are dropped."""

    rng: np.random.Generator
    work_days: WorkDays
    _parts: list[dict[str, np.ndarray]] = field(default_factory=list)

    def add(
        self, event: str, case: Ints, at: Floats, *, actor: str = "office",
        body: npt.ArrayLike = -1, to: npt.ArrayLike = -1, days: npt.ArrayLike = 0,
        code: npt.ArrayLike = "",
    ) -> None:  # fmt: skip
        """One event for each case; scalars stand for all of them."""
        size = len(case)
        wide = {"body": body, "to": to, "days": days, "code": code}
        part = {name: np.broadcast_to(np.asarray(value), size) for name, value in wide.items()}
        part["code"] = part["code"].astype("U20")
        soon, recorded = self._recorded(event, actor, at)
        part |= {"case": case, "at": at, "soon": soon, "recorded": recorded}
        part["event"] = np.full(size, EVENTS.index(event))
        part["actor"] = np.full(size, ACTORS.index(actor))
        there = ~np.isnan(at)
        self._parts.append({name: value[there] for name, value in part.items()})

    def _recorded(self, event: str, actor: str, at: Floats) -> tuple[Floats, Floats]:
        """When the system could have learned it and when it did: what the asker does at once, the
        office's steps within the hour and on the same day, a few of those that end no clock up to
        three working days on."""
        if actor != "office" or event == "registered":
            return at, at
        size = len(at)
        soon = at + np.minimum(self.rng.exponential(12, size), 60) / 1440
        today = np.floor(at) + (CLOSES + 0.4) / 24
        soon = np.maximum(np.minimum(soon, today), at)
        recorded = soon
        if event in _SLOW:
            known = np.nan_to_num(at)
            later = self.work_days.add(known + 1, self.rng.integers(0, 3, size))
            later += office_time(self.rng.random(size))
            recorded = np.where(self.rng.random(size) < _TYPED_LATER, later, soon)
        return soon, recorded

    def columns(self, until: Floats) -> dict[str, np.ndarray]:
        """All events, sorted by case and time. `until`: per case, the moment of its last event.

        The recording times of a case never decrease: a step that would have been typed in after
        the next one was recorded is typed in soon instead.
        """
        every = {
            name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]
        }
        keep = every["at"] <= until[every["case"]]
        order = np.flatnonzero(keep)
        order = order[np.lexsort((every["at"][order], every["case"][order]))]
        every = {name: value[order] for name, value in every.items()}
        too_late = every["recorded"] > _least_from_here(every["recorded"], every["case"])
        recorded = np.where(too_late, every.pop("soon"), every["recorded"])
        every["recorded"] = _least_from_here(recorded, every["case"])
        return every


def _least_from_here(moments: Floats, case: Ints) -> Floats:
    """The least of each moment and those after it of the same case; cases stand together."""
    return pd.Series(moments[::-1]).groupby(case[::-1]).cummin().to_numpy()[::-1]


def lay_out(columns: dict[str, np.ndarray], body_ids: np.ndarray, zone: str) -> pd.DataFrame:
    """The events table of `DemoHistory`, without its texts."""
    names = np.array([*body_ids, None], dtype=object)  # -1 finds the last one

    def categories(codes: Ints, words: tuple[str, ...]) -> pd.Categorical:
        return pd.Categorical.from_codes(codes.tolist(), categories=list(words))

    code = pd.Series(columns["code"]).astype("str")
    days = pd.Series(columns["days"]).astype("Int16")
    return pd.DataFrame(
        {
            "case": columns["case"].astype(np.int64),
            "event": categories(columns["event"], EVENTS),
            "occurred_at": to_utc(columns["at"], zone),
            "known_at": to_utc(columns["recorded"], zone),
            "actor": categories(columns["actor"], ACTORS),
            "body_id": pd.Series(names[columns["body"]]).astype("str"),
            "to_body_id": pd.Series(names[columns["to"]]).astype("str"),
            "days": days.mask(days == 0),
            "code": code.mask(code == ""),
        }
    )


def first_moments(columns: dict[str, np.ndarray], event: str, size: int) -> Floats:
    """The first moment of an event per case, NaN where there is none."""
    found = np.full(size, np.nan)
    mine = np.flatnonzero(columns["event"] == EVENTS.index(event))[::-1]
    found[columns["case"][mine]] = columns["at"][mine]
    return found


def before(at: Floats, limit: Floats) -> Floats:
    """Moments, NaN where they are not before `limit`."""
    return np.where(at < limit, at, np.nan)


def where(condition: Bools, at: Floats) -> Floats:
    """Moments, NaN where the condition does not hold."""
    return np.where(condition, at, np.nan)
