"""One year's file: what is taken, and what is refused with one sentence each."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.calendar import PublishedYear, china
from casework.calendar_file import parse_year, template
from data.errors import ConfigError

YEAR = """
calendar = "cn"
year = 2027
source = "国务院办公厅关于2027年部分节假日安排的通知"
free = [2027-01-01, [2027-02-05, 2027-02-11]]
working = [2027-02-14]
"""


def test_a_range_is_taken_as_the_notice_says_it_weekend_included():
    file = parse_year(YEAR)
    assert (file.name, file.calendar, file.year) == ("calendar_cn_2027.toml", "cn", 2027)
    february = [dt.date(2027, 2, day) for day in (5, 8, 9, 10, 11)]
    assert file.published == PublishedYear(
        frozenset([dt.date(2027, 1, 1), *february]), frozenset([dt.date(2027, 2, 14)])
    )
    calendar = china({2027: file.published})
    assert calendar.is_known(dt.date(2027, 3, 1))
    assert calendar.kind(dt.date(2027, 2, 14)) == "make_up"
    assert calendar.next_working(dt.date(2027, 2, 5)) == dt.date(2027, 2, 12)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("year = 2027", "year = ", "unreadable"),
        ("year = 2027", "year = 2027\nwatch = true", "unknown_field"),
        ('"cn"', '"every_day"', "calendar"),
        ('"cn"', '"moon"', "calendar"),
        ("year = 2027", 'year = "2027"', "year"),
        ("year = 2027", "year = 2200", "year"),
        ("year = 2027", "year = 2028", "other_year"),
        ('source = "国务院办公厅关于2027年部分节假日安排的通知"', 'source = " "', "source"),
        ("working = [2027-02-14]", "", "list"),
        ("2027-01-01", '"new year"', "entry"),
        ("[2027-02-05, 2027-02-11]", "[2027-02-11, 2027-02-05]", "entry"),
        ("[2027-02-05, 2027-02-11]", "[2027-02-05, 2027-04-11]", "long"),
        ("2027-01-01", "2027-02-08", "twice"),
        ("2027-02-14", "2027-02-07", "twice"),
        ("2027-01-01", "2027-01-02", "free_weekend"),
        ("2027-02-14", "2027-02-15", "working_weekday"),
        (
            "[2027-02-05, 2027-02-11]",
            "[2027-03-01, 2027-03-31]",
            "too_few",
        ),
    ],
)
def test_what_would_mean_nothing_or_weaken_a_limit_is_refused(old, new, key):
    assert old in YEAR
    with pytest.raises(ConfigError) as err:
        parse_year(YEAR.replace(old, new))
    assert err.value.key == f"steering.year.{key}"
    assert err.value.text("zh")
    assert "not in use" in err.value.text("en")


def test_the_template_is_right_in_form_and_refused_until_somebody_names_the_notice():
    with pytest.raises(ConfigError) as err:
        parse_year(template("cn", 2027))
    assert err.value.key == "steering.year.source"
    named = template("cn", 2027).replace('source = ""', 'source = "通知"')
    with pytest.raises(ConfigError) as err:
        parse_year(named)
    assert err.value.key == "steering.year.no_days"
    filled = named.replace("free = []", "free = [2027-01-01]")
    assert parse_year(filled).published == PublishedYear(
        frozenset([dt.date(2027, 1, 1)]), frozenset()
    )
