"""Dates and times as senders write them: Chinese, numeric, full-width, Excel serials, with a zone.

A text without a zone is local time of the county; a date alone means the start of that day, or
its end where a limit or a closing is meant (DESIGN.md §7).
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

_DATE = (
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号]?"
    r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
)
_TIME = (
    r"(?P<half>上午|下午|中午|早上|晚上|凌晨)?\s*(?P<H>\d{1,2})\s*[:点时]\s*(?P<M>\d{1,2}|半)?\s*[分整]?"
    r"(?:\s*:?\s*(?P<S>\d{1,2})(?:\.\d+)?\s*秒?)?(?:\s*(?P<ap>[AaPp][Mm]))?"
)
_ZONE = r"\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?"
_PATTERN = re.compile(rf"{_DATE}(?:[T\s]*{_TIME}{_ZONE})?", re.ASCII)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})\s*[:时点]\s*(\d{2})?(?:\s*[:分]\s*(?:\d{2})?\s*秒?)?", re.ASCII)
_PART_OF_DAY = re.compile(r"0?\.\d+", re.ASCII)
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's days have no zone
_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}


def parse_moment(text: str, zone: str, end_of_day: bool = False) -> dt.datetime | None:
    """The instant a text means, in UTC; None when it is no date.

    Args:
        text: such as 2026-03-05, 2026年3月5日（星期四）14:05, 2026/3/5 2:05 with 上午/下午 or PM,
            9点半, 20260305, an Excel serial (46086.5), with or without a zone (Z, +08:00, UTC+8).
        zone: IANA name; for a text without a zone of its own.
        end_of_day: a date alone means the last second of that day instead of its start.
    """
    plain = text.translate(_WIDE).strip()
    if _SERIAL.fullmatch(plain):
        moment = _EXCEL_EPOCH + dt.timedelta(days=float(plain))
        moment = (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
        return _utc(moment, zone, end_of_day and "." not in plain)
    match = _PATTERN.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if match is None:
        return None
    part = match.groupdict()
    try:
        day = dt.datetime(int(part["y"]), int(part["m"]), int(part["d"]))  # noqa: DTZ001
        if part.get("H") is None:
            return _utc(day, zone, end_of_day)
        hour, minute = int(part["H"]), 30 if part["M"] == "半" else int(part["M"] or 0)
        half = part["half"] or (part["ap"] or "").upper()
        if half == "晚上" and hour == 12:
            return None  # the end of this day, or of the one before?
        is_noon = half == "中午" and hour < 11
        if (half in {"下午", "晚上", "PM"} or is_noon) and hour < 12:
            hour += 12
        elif half in {"凌晨", "AM"} and hour == 12:
            hour = 0
        moment = day.replace(hour=hour, minute=minute, second=int(part["S"] or 0))
    except (ValueError, OverflowError):
        return None
    if part["zone"]:
        return _with_offset(moment, part["zone"])
    return _utc(moment, zone, False)


def parse_clock(text: str) -> str | None:
    """The time of day a text means, as HH:MM; None when it is none.

    Args:
        text: such as 9:00, 9时30分, 09:00:00, or a part of a day as sheets hold times (0.375).
    """
    plain = text.translate(_WIDE).strip()
    if _PART_OF_DAY.fullmatch(plain):
        minutes = round(float(plain) * 1440)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" if minutes < 1440 else None
    found = _CLOCK.fullmatch(plain)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


def _with_offset(moment: dt.datetime, offset: str) -> dt.datetime | None:
    if offset == "Z":
        return moment.replace(tzinfo=dt.UTC)
    digits = offset.removeprefix("UTC").removeprefix("GMT")
    sign, digits = digits[0], digits[1:].replace(":", "")
    hours, minutes = int(digits[:-2] or 0), int(digits[-2:])
    if len(digits) < 3:
        hours, minutes = int(digits), 0
    if hours > 14 or minutes > 59:
        return None
    shift = dt.timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)
    return moment.replace(tzinfo=dt.timezone(shift)).astimezone(dt.UTC)


def _utc(moment: dt.datetime, zone: str, end_of_day: bool) -> dt.datetime | None:
    if end_of_day:
        moment = moment.replace(hour=23, minute=59, second=59)
    try:
        return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
    except OverflowError:
        return None
