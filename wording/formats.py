"""Dates, times and numbers as each language writes them; local times come in, texts go out."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as _format_date
from babel.numbers import format_decimal

_LOCALES = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}


def day(value: dt.date | None, language: str, weekday: bool = False) -> str:
    """A calendar day: 2026年3月5日 (星期四) / (Thursday) 5 March 2026; "—" when missing."""
    if value is None or value != value:
        return "—"
    pattern = {"zh": "y年M月d日", "en": "d MMMM y"}[language]
    if weekday:
        pattern = {"zh": f"{pattern} EEEE", "en": f"EEEE {pattern}"}[language]
    return _written(value, pattern, language)


@lru_cache(maxsize=10_000)
def _written(value: dt.date, pattern: str, language: str) -> str:
    return str(_format_date(value, pattern, locale=_LOCALES[language]))


def month(value: dt.date | str, language: str) -> str:
    """The month of a day, or a month as files write it (2026-03): 2026年3月 / March 2026."""
    value = dt.date.fromisoformat(f"{value}-01") if isinstance(value, str) else value
    pattern = {"zh": "y年M月", "en": "MMMM y"}[language]
    return str(_format_date(value, pattern, locale=_LOCALES[language]))


def short_month(number: int, language: str) -> str:
    """A month (1-12) of a year that is plain: 3月 / Mar."""
    return _written(dt.date(2000, number, 1), {"zh": "M月", "en": "MMM"}[language], language)


def moment(value: dt.datetime | None, language: str, zone: str) -> str:
    """An instant (aware) in the county's zone: 2026年3月5日 14:05; "—" when missing."""
    if value is None or value != value:
        return "—"
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), language)} {local:%H:%M}"


def short_day(value: dt.date | None, language: str) -> str:
    """A day whose year stands beside it or is plain: 3月5日 / 5 Mar; "—" when missing."""
    if value is None or value != value:
        return "—"
    return _written(value, {"zh": "M月d日", "en": "d MMM"}[language], language)


def span(first: dt.date, last: dt.date, language: str) -> str:
    """From a day to a day, both included: 2026年3月1日至31日 / 1–31 March 2026; what both share
    is said once."""
    if first == last:
        return day(first, language)
    same_year, same_month = first.year == last.year, first.replace(day=1) == last.replace(day=1)
    if language == "zh":
        pattern = "d日" if same_month else "M月d日" if same_year else "y年M月d日"
        return f"{day(first, language)}至{_written(last, pattern, language)}"
    if same_month:
        return f"{first.day}–{day(last, language)}"
    pattern = "d MMMM" if same_year else "d MMMM y"
    return f"{_written(first, pattern, language)} – {day(last, language)}"


def column_format(language: str, with_time: bool = False) -> str:
    """How a date column of a data table is written (`st.column_config.DateColumn(format=…)`).

    The column stays one of dates, so that it sorts as such. Short months in English: the cell
    is narrow.
    """
    pattern = {"zh": "YYYY年M月D日", "en": "D MMM YYYY"}[language]
    return f"{pattern} HH:mm" if with_time else pattern


def number(value: float | None, language: str, digits: int = 0) -> str:
    """A number with thousands separators; "—" when missing, so that unknown is never 0."""
    if value is None or value != value:
        return "—"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=_LOCALES[language]))


def percent(value: float | None, language: str, digits: int = 1) -> str:
    """A share (0-1) as percent: 85.7 %; "—" when missing."""
    if value is None or value != value:
        return "—"
    unit = "%" if language == "zh" else "\u00a0%"  # never alone in the next line
    return number(value * 100, language, digits) + unit


def source(text: str, language: str) -> str:
    """Where a limit stands, as a pack writes it ("信访工作条例 (2022) Art. 22; ..."): in Chinese
    the articles as the law itself counts them (信访工作条例（2022）第22条；...)."""
    if language != "zh":
        return text
    text = re.sub(r" ?\((\d{4})\)", r"（\1）", text)
    text = re.sub(
        r" ?Art\. (\d+(?:, \d+)*)",
        lambda found: "、".join(f"第{number}条" for number in found[1].split(", ")),
        text,
    )
    return text.replace("; ", "；")
