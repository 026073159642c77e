"""What lies on a body's or a category's desk: open and overdue cases, flow, and pace of closing."""

from __future__ import annotations

import numpy as np

from .moments import DAY, Asked, Times
from .snapshots import NEVER
from .streams import Stream

LOAD_LEVELS = ("body", "body_category", "category")


def load(
    times: Times, code: np.ndarray, case: np.ndarray, at: np.ndarray, level: str
) -> dict[str, np.ndarray]:
    """Open and overdue load, flow in and out, and how quick the closings were, of one level.

    Args:
        times: of the case table. code: each case's group at `level`, which names the columns.
        case, at: of the rows: number in the table, moment in seconds.

    Returns:
        column name -> float64 in order of the rows; NaN = nothing open or closed to measure.
    """
    asked = Asked.of(code[case], at)
    key, moment, back = asked.key, asked.at, asked.back
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
