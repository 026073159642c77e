"""Dates as senders write them."""

import datetime as dt

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
    "text", ["", "昨天", "2026-13-01", "2026-02-30", "3月5日", "05/03/2026", "2026-03-05 25:00"]
)
def test_what_is_no_date_is_none(text):
    assert parse_moment(text, ZONE) is None


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text):
    found = parse_moment(text, ZONE)
    assert found is None or found.tzinfo is not None


@given(st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2090, 1, 1)))
def test_what_a_sheet_writes_is_read_back(moment):
    moment = moment.replace(microsecond=0)
    found = parse_moment(f"{moment:%Y-%m-%d %H:%M:%S}", "UTC")
    assert found == moment.replace(tzinfo=dt.UTC)
