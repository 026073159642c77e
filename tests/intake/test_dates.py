"""Dates as senders write them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.dates import parse_moment

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05 14:05", "2026/3/5 14:05", "2026.3.5 14:05", "2026年3月5日14时5分",
        "2026年3月5日 下午2:05", "２０２６年３月５日　１４：０５", "2026-03-05T14:05:00",
        "2026-03-05T06:05:00Z", "2026-03-05T07:05+01:00", "46086.586805555555",
        "2026年3月5日（星期四） 下午2点5分", "2026-03-05 2:05 PM", "2026-03-05 14:05:00+08",
        "2026-03-05 14:05 UTC+8", "2026-03-05T14:05:00+0800", "2026/3/5 周四 14:05",
    ],
)  # fmt: skip
def test_one_moment_written_in_many_ways(text):
    assert parse_moment(text, ZONE) == dt.datetime(2026, 3, 5, 6, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["2026-03-05", "2026年3月5日", "20260305", "46086", "2026/3/5"])
def test_a_date_alone_is_the_start_of_the_day_or_its_end(text):
    assert parse_moment(text, ZONE) == dt.datetime(2026, 3, 4, 16, tzinfo=dt.UTC)
    end = parse_moment(text, ZONE, end_of_day=True)
    assert end == dt.datetime(2026, 3, 5, 15, 59, 59, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "3月5日",
        "05/03/2026",
        "2026-03-05 25:00",
        "2026年3月5日晚上12点",
        "2026-03-05 13:00 UTC+99",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_moment(text, ZONE) is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("上午9点30分", "09:30"), ("上午9点半", "09:30"), ("早上8点整", "08:00"),
        ("中午12点", "12:00"),
        ("中午1点", "13:00"), ("下午12:30", "12:30"), ("凌晨12点5分", "00:05"),
        ("晚上8时", "20:00"),
        ("12:05 AM", "00:05"), ("12:05 pm", "12:05"), ("凌晨3点", "03:00"),
    ],
)  # fmt: skip
def test_hours_as_people_say_them(text, clock):
    found = parse_moment(f"2026年3月5日 {text}", ZONE)
    assert f"{found.astimezone(ZoneInfo(ZONE)):%m-%d %H:%M}" == f"03-05 {clock}"


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text):
    found = parse_moment(text, ZONE)
    assert found is None or found.tzinfo is not None


@given(st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2090, 1, 1)))
def test_what_a_sheet_writes_is_read_back(moment):
    moment = moment.replace(microsecond=0)
    found = parse_moment(f"{moment:%Y-%m-%d %H:%M:%S}", "UTC")
    assert found == moment.replace(tzinfo=dt.UTC)
