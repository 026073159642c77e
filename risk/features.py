"""What may enter the forecast: the closed list of DOMAIN.md §8, and nothing else.

Of the case its limit, age, weekday, category, body and procedure, and the steps the office took;
of the office its record, load, throughput and calendar. The functions below never read another
column of the case table: place, channel, text and what the asker did cannot enter.

Everything counts what happened strictly before a row's own moment, so the future (and the very
second itself) moves nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .calendar_days import WorkTime
from .loads import LOAD_LEVELS, load
from .moments import DAY, STAGES, Asked, Groups, Times
from .snapshots import CHECKPOINTS, seconds
from .streams import Stream

WINDOWS = {"28d": 28 * DAY, "91d": 91 * DAY, "365d": 365 * DAY, "ever": None}
"""Lengths of the look back, seconds; None = as far as the table goes."""
PACE_WINDOWS = {name: WINDOWS[name] for name in ("28d", "91d")}
LEVELS = ("all", "category", "body", "body_category")
PRIOR_COUNT = 10.0
"""Cases' worth of the wider group's share that a narrower group's share begins with."""
STEPS = (
    "acknowledged", "accepted", "transferred", "objected", "extended", "contacted", "mediated",
    "met", "received", "aided", "funded", "hearing_opened",
)  # fmt: skip
"""Steps of the office that can say something about its answer; no event of the asker is here."""


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
    stage = stage_of(used)

    columns: dict[str, np.ndarray] = {
        "share_used": used,
        "age_days": age / DAY,
        "limit_days": limit / DAY,
    }
    if "procedure" in cases:
        columns["is_simple_procedure"] = (cases["procedure"] == "simple").to_numpy()[case]
    columns |= _calendar(times, at, times.due[case], days_off)
    columns |= late_shares(times, groups, case, at, stage)
    columns |= _paces(times, groups, case, at, stage)
    for level in LOAD_LEVELS:
        columns |= load(times, groups.codes[level], case, at, level)
    if steps is not None:
        columns |= _steps(steps, case, at)
    return pd.DataFrame(
        {name: np.asarray(value, dtype="float32") for name, value in columns.items()},
        index=rows.index,
        copy=False,
    )


def stage_of(used: np.ndarray) -> np.ndarray:
    """The latest checkpoint reached at a share of the limit."""
    return np.clip(np.searchsorted(CHECKPOINTS, used + 1e-9, side="right") - 1, 0, STAGES - 1)


def late_shares(
    times: Times, groups: Groups, case: np.ndarray, at: np.ndarray, stage: np.ndarray
) -> dict[str, np.ndarray]:
    """Late share among cases still open at this checkpoint, per window and level, as log-odds.

    Args:
        times, groups: of the case table.
        case, at, stage: of the rows: number in the table, moment in seconds, checkpoint.

    Returns:
        column name -> float64, in order of the rows.
    """
    late: dict[tuple[str, str], np.ndarray] = {}
    decided: dict[tuple[str, str], np.ndarray] = {}
    is_late = times.closed > times.due
    outcome_at = np.minimum(times.closed, times.due)
    who, which = _entries(times)
    for level in LEVELS:
        code = groups.codes[level]
        asked = Asked.of(code[case] * STAGES + stage, at)
        stream = Stream(code[who] * STAGES + which, outcome_at[who], late=is_late[who])
        counted = _windows(stream, asked.key, asked.at, "late", WINDOWS)
        for window, (count, hits) in counted.items():
            decided[level, window], late[level, window] = count[asked.back], hits[asked.back]
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


def _entries(times: Times) -> tuple[np.ndarray, np.ndarray]:
    """Every (case, checkpoint) at which the case was open: case numbers and checkpoints."""
    cases = [np.flatnonzero(times.is_open_at(k)) for k in range(STAGES)]
    return np.concatenate(cases), np.repeat(np.arange(STAGES), [len(part) for part in cases])


def _paces(
    times: Times, groups: Groups, case: np.ndarray, at: np.ndarray, stage: np.ndarray
) -> dict[str, np.ndarray]:
    """Share that would miss the limit at the pace of the last weeks, per window and level.

    The product over the quarters of the limit still ahead of the share not closed in each
    (a life table by period): it sees a change of pace before any limit has passed.
    """
    closed: dict[tuple[str, str, int], np.ndarray] = {}
    at_risk: dict[tuple[str, str, int], np.ndarray] = {}
    who, which = _entries(times)
    ends = np.choose(which, [times.checkpoint(k + 1)[who] for k in range(STAGES)])
    has_closed = times.closed[who] <= ends
    left_at = np.minimum(times.closed[who], ends)
    for level in LEVELS:
        code = groups.codes[level]
        asked = Asked.of(code[case], at)
        stream = Stream(code[who] * STAGES + which, left_at, closed=has_closed)
        for k in range(STAGES):
            key = asked.key * STAGES + k
            counted = _windows(stream, key, asked.at, "closed", PACE_WINDOWS)
            for window, (count, hits) in counted.items():
                at_risk[level, window, k] = count[asked.back]
                closed[level, window, k] = hits[asked.back]
    columns = {}
    for window in PACE_WINDOWS:
        missed = {level: np.ones(len(stage), dtype="float32") for level in LEVELS}
        for k in range(STAGES):
            shares = _shrunk(
                {level: closed[level, window, k] for level in LEVELS},
                {level: at_risk[level, window, k] for level in LEVELS},
            )
            for level in LEVELS:
                missed[level] *= np.where(k >= stage, _expit(-shares[level]), np.float32(1))
        for level, share in missed.items():
            columns[f"pace_{level}_{window}"] = _logit(share)
    return columns


def _windows(
    stream: Stream, key: np.ndarray, at: np.ndarray, weight: str, windows: dict
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
    share = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(share) - np.log1p(-share)


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
