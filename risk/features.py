"""What may enter the forecast: the closed list of DOMAIN.md §8, and nothing else.

Of the case its limit, age, weekday, category, body and procedure, and the steps the office took;
of the office its record, load, throughput and calendar. The functions below never read another
column of the case table: place, channel, text and what the asker did cannot enter.

Everything counts what happened strictly before a row's own moment, so the future (and the very
second itself) moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .calendar_days import WorkTime
from .snapshots import CHECKPOINTS, NEVER, seconds
from .streams import Stream

DAY = 86_400
WINDOWS = {"28d": 28 * DAY, "91d": 91 * DAY, "365d": 365 * DAY, "ever": None}
"""Lengths of the look back, seconds; None = as far as the table goes."""
LEVELS = ("all", "category", "body", "body_category")
LOAD_LEVELS = ("body", "body_category", "category")
PRIOR_COUNT = 10.0
"""Cases' worth of the wider group's share that a narrower group's share begins with."""
STEPS = (
    "acknowledged", "accepted", "transferred", "objected", "extended", "contacted", "mediated",
    "met", "received", "aided", "funded", "hearing_opened",
)  # fmt: skip
"""Steps of the office that can say something about its answer; no event of the asker is here."""
STAGES = len(CHECKPOINTS)


@dataclass(frozen=True)
class Groups:
    """Codes of each case's group per level, int, on the rows of the case table."""

    codes: dict[str, np.ndarray]

    @classmethod
    def of(cls, cases: pd.DataFrame) -> Groups:
        category = pd.factorize(cases["category"])[0].astype("int64")
        body = pd.factorize(cases["body"])[0].astype("int64")
        both = pd.factorize(body * (category.max(initial=0) + 1) + category)[0].astype("int64")
        return cls(
            {
                "all": np.zeros(len(cases), dtype="int64"),
                "category": category,
                "body": body,
                "body_category": both,
            }
        )


@dataclass(frozen=True)
class Times:
    """The moments of each case in seconds, int64, `NEVER` where there is none."""

    opened: np.ndarray
    due: np.ndarray
    closed: np.ndarray

    @classmethod
    def of(cls, cases: pd.DataFrame) -> Times:
        return cls(*(seconds(cases[name]) for name in ("opened_at", "due_at", "closed_at")))

    def checkpoint(self, stage: int) -> np.ndarray:
        """Moment of a checkpoint (4 = the limit); `NEVER` for cases without a limit."""
        if stage == STAGES:
            return self.due
        has_limit = self.due < NEVER
        span = np.where(has_limit, self.due - self.opened, 0)
        return np.where(has_limit, self.opened + (span * CHECKPOINTS[stage]).astype("int64"), NEVER)

    def is_open_at(self, stage: int) -> np.ndarray:
        """Whether a case with a limit was looked at there (DESIGN.md §7)."""
        there = self.due < NEVER
        return there & (self.closed > self.checkpoint(stage)) if stage else there


def features(
    cases: pd.DataFrame,
    rows: pd.DataFrame,
    steps: pd.DataFrame | None = None,
    days_off: np.ndarray | None = None,
) -> pd.DataFrame:
    """The features of every row, as known just before its own moment.

    Args:
        cases: one row per case: `opened_at`, `due_at`, `closed_at` (naive local; NaT = no limit /
            still open), `category`, `body`; and optionally `procedure`.
        rows: `case` (row number in `cases`), `at` (naive local); every such case has a limit.
        steps: optional events of the office: `case`, `event` (those of `STEPS` are used),
            `known_at` (naive local). None = the table knows no steps and has no such columns.
        days_off: optional local days without work besides what the record's own weekdays show.

    Returns:
        float32 on the index of `rows`, one column per feature; NaN = nothing to measure it by.
    """
    case = rows["case"].to_numpy()
    at = seconds(rows["at"])
    times, groups = Times.of(cases), Groups.of(cases)
    age = at - times.opened[case]
    limit = times.due[case] - times.opened[case]
    used = age / limit
    stage = np.clip(np.searchsorted(CHECKPOINTS, used + 1e-9, side="right") - 1, 0, STAGES - 1)

    columns: dict[str, np.ndarray] = {
        "share_used": used,
        "age_days": age / DAY,
        "limit_days": limit / DAY,
    }
    if "procedure" in cases:
        columns["is_simple_procedure"] = (cases["procedure"] == "simple").to_numpy()[case]
    columns |= _calendar(times, at, times.due[case], days_off)
    late, decided, closed_share, at_risk = _counts(times, groups, case, at, stage)
    columns |= _late_shares(late, decided)
    columns |= _paces(closed_share, at_risk, stage)
    for level in LOAD_LEVELS:
        columns |= _load(times, groups.codes[level], case, at, level)
    if steps is not None:
        columns |= _steps(steps, case, at)
    return pd.DataFrame(
        {name: np.asarray(value, dtype="float32") for name, value in columns.items()},
        index=rows.index,
        copy=False,
    )


def _sorted_by(key: np.ndarray, at: np.ndarray) -> np.ndarray:
    """An order in which binary searches run through memory instead of jumping about."""
    return np.lexsort((at, key))


def _counts(
    times: Times, groups: Groups, case: np.ndarray, at: np.ndarray, stage: np.ndarray
) -> tuple[dict, dict, dict, dict]:
    """Counts per (level, window): late and decided among cases still open at the row's
    checkpoint; and per (level, window, interval) closed and at risk in each quarter of the limit.
    """
    late: dict = {}
    decided: dict = {}
    closed: dict = {}
    at_risk: dict = {}
    is_late = times.closed > times.due
    open_at = [times.is_open_at(k) for k in range(STAGES)]
    who = np.concatenate([np.flatnonzero(open_at[k]) for k in range(STAGES)])
    which = np.concatenate([np.full(open_at[k].sum(), k) for k in range(STAGES)])
    ends = np.concatenate([times.checkpoint(k + 1)[open_at[k]] for k in range(STAGES)])
    outcome_at = np.minimum(times.closed, times.due)[who]
    left_at = np.minimum(times.closed[who], ends)
    has_closed = times.closed[who] <= ends
    for level in LEVELS:
        code = groups.codes[level]
        order = _sorted_by(code[case], at)
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        key, moment, row_stage = code[case][order], at[order], stage[order]
        outcomes = Stream(code[who] * STAGES + which, outcome_at, late=is_late[who])
        for name, value in _windows(outcomes, key * STAGES + row_stage, moment, "late").items():
            decided[level, name], late[level, name] = value[0][back], value[1][back]
        quarters = Stream(code[who] * STAGES + which, left_at, closed=has_closed)
        for k in range(STAGES):
            short = {name: WINDOWS[name] for name in ("28d", "91d")}
            counted = _windows(quarters, key * STAGES + k, moment, "closed", short)
            for name, value in counted.items():
                at_risk[level, name, k] = value[0][back]
                closed[level, name, k] = value[1][back]
    return late, decided, closed, at_risk


def _windows(
    stream: Stream, key: np.ndarray, at: np.ndarray, weight: str, windows: dict = WINDOWS
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Events and their weight in each window before the moments."""
    now = stream.before(key, at)
    sum_now = stream.total(weight, now)
    result = {}
    for name, length in windows.items():
        since = stream.beginning(key) if length is None else stream.before(key, at - length)
        result[name] = (
            (now - since).astype("float32"),
            (sum_now - stream.total(weight, since)).astype("float32"),
        )
    return result


def _logit(share: np.ndarray) -> np.ndarray:
    """Log-odds, kept finite where rounding reaches 0 or 1."""
    share = np.clip(np.asarray(share, dtype="float64"), 1e-6, 1 - 1e-6)
    return np.log(share / (1 - share))


def _expit(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def _shrunk(hits: dict[str, np.ndarray], counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Shares per level as log-odds, each begun with the wider levels' shares.

    A body's group within a category begins with what its body and its category say together
    (their log-odds added, the common part once).
    """
    m = PRIOR_COUNT
    overall = (hits["all"] + 1) / (counts["all"] + 2)
    result = {"all": _logit(overall)}
    for level in ("category", "body"):
        result[level] = _logit((hits[level] + m * overall) / (counts[level] + m))
    together = _expit(result["category"] + result["body"] - result["all"])
    both = (hits["body_category"] + m * together) / (counts["body_category"] + m)
    result["body_category"] = _logit(both)
    return result


def _late_shares(late: dict, decided: dict) -> dict[str, np.ndarray]:
    """Late share among cases still open at this share of the limit, per window and level."""
    columns = {}
    for window in WINDOWS:
        shares = _shrunk(
            {level: late[level, window] for level in LEVELS},
            {level: decided[level, window] for level in LEVELS},
        )
        for level, share in shares.items():
            columns[f"late_share_{level}_{window}"] = share
    for level, window in (("body_category", "91d"), ("body_category", "ever"), ("body", "28d")):
        columns[f"decided_{level}_{window}"] = np.log1p(decided[level, window])
    return columns


def _paces(closed: dict, at_risk: dict, stage: np.ndarray) -> dict[str, np.ndarray]:
    """Share that would miss the limit at the pace of the last weeks, per window and level.

    The product over the quarters of the limit still ahead of the share not closed in each
    (a life table by period): it sees a change of pace before any limit has passed.
    """
    columns = {}
    for window in ("28d", "91d"):
        missed = {level: np.ones(len(stage)) for level in LEVELS}
        for k in range(STAGES):
            shares = _shrunk(
                {level: closed[level, window, k] for level in LEVELS},
                {level: at_risk[level, window, k] for level in LEVELS},
            )
            for level in LEVELS:
                missed[level] *= np.where(k >= stage, 1 - _expit(shares[level]), 1.0)
        for level, share in missed.items():
            columns[f"pace_{level}_{window}"] = _logit(share)
    return columns


def _load(
    times: Times, code: np.ndarray, case: np.ndarray, at: np.ndarray, level: str
) -> dict[str, np.ndarray]:
    """Open and overdue load, flow in and out, and how quick the closings were, of one level."""
    order = _sorted_by(code[case], at)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    key, moment = code[case][order], at[order]
    start = int(times.opened.min())
    opened_days = (times.opened - start) / DAY
    was_closed = times.closed < NEVER
    closed_days = np.where(was_closed, times.closed - start, 0) / DAY
    age = np.log1p(np.maximum(closed_days - opened_days, 0))
    used = (times.closed - times.opened) / np.maximum(times.due - times.opened, 1)
    share = np.where(was_closed & (times.due < NEVER), np.clip(used, 0, 4), 1.0)
    opening = Stream(code, times.opened, opened=opened_days)
    closing = Stream(
        code, times.closed, opened=opened_days, closed=closed_days, age=age, share=share
    )
    late = (times.due < NEVER) & (times.closed > times.due)
    late_due = Stream(code[late], times.due[late])
    late_closing = Stream(code[late], times.closed[late])

    def flow(stream: Stream, days: int) -> tuple[np.ndarray, np.ndarray]:
        return stream.before(key, moment - days * DAY), stream.before(key, moment)

    first, first_closed = opening.beginning(key), closing.beginning(key)
    in_91, in_now = flow(opening, 91)
    out_91, out_now = flow(closing, 91)
    in_7, in_28 = opening.before(key, moment - 7 * DAY), opening.before(key, moment - 28 * DAY)
    out_7, out_28 = closing.before(key, moment - 7 * DAY), closing.before(key, moment - 28 * DAY)
    open_now = (in_now - first) - (out_now - first_closed)
    overdue = (late_due.before(key, moment) - late_due.beginning(key)) - (
        late_closing.before(key, moment) - late_closing.beginning(key)
    )
    now_days = (moment - start) / DAY
    opened_sum = opening.total("opened", in_now) - opening.total("opened", first)
    opened_gone = closing.total("opened", out_now) - closing.total("opened", first_closed)
    waiting = now_days * open_now - (opened_sum - opened_gone)

    def served(position_in: np.ndarray, position_out: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Case-days of open cases from the beginning up to `days`."""
        came = days * (position_in - first) - (
            opening.total("opened", position_in) - opening.total("opened", first)
        )
        went = days * (position_out - first_closed) - (
            closing.total("closed", position_out) - closing.total("closed", first_closed)
        )
        return came - went

    usual = (served(in_now, out_now, now_days) - served(in_91, out_91, now_days - 91)) / 91
    recent_age = closing.total("age", out_now) - closing.total("age", out_28)
    recent_share = closing.total("share", out_now) - closing.total("share", out_28)
    week_share = closing.total("share", out_now) - closing.total("share", out_7)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "open": np.log1p(open_now),
            "overdue": np.log1p(overdue),
            "overdue_part": overdue / np.where(open_now > 0, open_now, np.nan),
            "open_to_usual": np.log((open_now + 1) / (np.maximum(usual, 0) + 1)),
            "backlog_days": np.log1p(open_now / ((out_now - out_28 + 0.5) / 28)),
            "flow_7d": np.log((in_now - in_7 + 1) / (out_now - out_7 + 1)),
            "flow_28d": np.log((in_now - in_28 + 1) / (out_now - out_28 + 1)),
            "out_7d_to_91d": np.log((out_now - out_7 + 0.5) * 13 / (out_now - out_91 + 6.5)),
            "in_7d_to_91d": np.log((in_now - in_7 + 0.5) * 13 / (in_now - in_91 + 6.5)),
            "waiting_days": np.log1p(
                np.maximum(waiting / np.where(open_now > 0, open_now, np.nan), 0)
            ),
            "closing_age_28d": recent_age / np.where(out_now > out_28, out_now - out_28, np.nan),
            "closing_share_28d": recent_share
            / np.where(out_now > out_28, out_now - out_28, np.nan),
            "closing_share_7d": week_share / np.where(out_now > out_7, out_now - out_7, np.nan),
            "silent_days": np.log1p(closing.seconds_since_last(key, moment) / DAY),
        }
    return {f"{level}_{name}": value[back] for name, value in columns.items()}


def _calendar(
    times: Times, at: np.ndarray, due: np.ndarray, days_off: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Weekdays of the moment and the limit, and the working time left between them."""
    work = WorkTime(times.closed, at, due, days_off)
    left = work.between(at, due)
    return {
        "weekday": (at // DAY + 3) % 7,
        "weekday_due": (due // DAY + 3) % 7,
        "hour": at % DAY / 3600,
        "work_left_days": left,
        "calendar_left_days": (due - at) / DAY,
        "due_day_work": work.of_day(due),
    }


def _steps(steps: pd.DataFrame, case: np.ndarray, at: np.ndarray) -> dict[str, np.ndarray]:
    """How often the office took each step before the moment, and days since the latest."""
    columns = {}
    known = seconds(steps["known_at"])
    owner = steps["case"].to_numpy()
    event = steps["event"].astype("str").to_numpy()
    for step in STEPS:
        chosen = event == step
        stream = Stream(owner[chosen], known[chosen])
        columns[f"{step}_count"] = stream.before(case, at) - stream.beginning(case)
        columns[f"{step}_days_since"] = stream.seconds_since_last(case, at) / DAY
    return columns
