"""The times of an export's columns: texts become local times and instants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .dates import parse_moment
from .mapping import Mapping

LAST_YEAR = 2200
_USUAL = {
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}": "%Y-%m-%d %H:%M",
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}": "%Y-%m-%d %H:%M:%S",
}
END_OF_DAY = pd.Timedelta(hours=23, minutes=59, seconds=59)


def local_times(texts: pd.Series, mapping: Mapping, *, end_of_day: bool) -> pd.Series:
    """Naive local times of the mapping's zone; NaT where a text is no date.

    Args:
        texts: stripped, empty = none.
        end_of_day: a date alone means its last second, else its start.
    """
    if not mapping.formats:
        return _as_written(texts, mapping.zone, end_of_day)
    times = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for form in mapping.formats:
        open_ = times.isna() & (texts != "")
        read = pd.to_datetime(texts[open_], format=form, errors="coerce").astype("datetime64[us]")
        if end_of_day and "%H" not in form and "%I" not in form:
            read = read + END_OF_DAY
        times = times.fillna(read)
    return times


def both_times(texts: pd.Series, mapping: Mapping) -> tuple[pd.Series, pd.Series]:
    """`local_times` with a date alone as its start, and as its last second."""
    if mapping.formats or not texts.ne("").any():
        early, late = (local_times(texts, mapping, end_of_day=end) for end in (False, True))
        return early, late
    usual = _usual(texts, mapping.zone)
    if not (usual.isna() & (texts != "")).any():
        return usual, usual
    return (
        _with_unusual(texts, usual, mapping.zone, False),
        _with_unusual(texts, usual, mapping.zone, True),
    )


def _as_written(texts: pd.Series, zone: str, end_of_day: bool) -> pd.Series:
    return _with_unusual(texts, _usual(texts, zone), zone, end_of_day)


def _with_unusual(texts: pd.Series, usual: pd.Series, zone: str, end_of_day: bool) -> pd.Series:
    """`usual` (`_usual`), and beside it whatever else is a moment, read one by one."""
    others = texts[usual.isna() & (texts != "")].unique()
    read = {text: parse_moment(text, zone, end_of_day) for text in others}
    # whoever wrote the year 9999 means nothing
    known = {k: v for k, v in read.items() if v is not None and v.year < LAST_YEAR}
    if not known:
        return usual
    utc = pd.to_datetime(texts.map(known), utc=True)
    local = utc.dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[us]")
    return usual.where(usual.notna(), local)


def _usual(texts: pd.Series, zone: str) -> pd.Series:
    """Local times of texts as most systems write them, all at once; NaT for others, and for hours
    that a change of clocks skips or doubles: `parse_moment` reads those one by one."""
    read = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for shape, form in _USUAL.items():
        if not (read.isna() & (texts != "")).any():
            break
        is_so = texts.str.fullmatch(shape)
        if is_so.any():
            found = pd.to_datetime(texts[is_so], format=form, errors="coerce")
            read = read.fillna(found.astype("datetime64[us]"))
    read = read.mask(read.dt.year >= LAST_YEAR)
    there = read.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    return read.mask(there.isna())


def to_utc(local: pd.Series, zone: str) -> pd.Series:
    """Instants of local times; the first of a doubled hour, a skipped one moved forward."""
    first = np.ones(len(local), dtype=bool)
    there = local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return there.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
