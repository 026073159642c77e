"""The times of an export's columns: texts become local times and instants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .dates import parse_moment
from .mapping import Mapping

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


def _as_written(texts: pd.Series, zone: str, end_of_day: bool) -> pd.Series:
    read = {text: parse_moment(text, zone, end_of_day) for text in texts.unique() if text}
    # whoever wrote the year 9999 means nothing
    utc = pd.to_datetime(
        texts.map({k: v for k, v in read.items() if v is not None and v.year < 2200}), utc=True
    )
    return utc.dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[us]")


def to_utc(local: pd.Series, zone: str) -> pd.Series:
    """Instants of local times; the first of a doubled hour, a skipped one moved forward."""
    first = np.ones(len(local), dtype=bool)
    there = local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return there.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
