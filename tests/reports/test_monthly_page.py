"""The page of a month: trend from the second month on, equal service in a fixed order."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest

from reports.monthly_charts import trend_chart
from reports.monthly_content import Content
from reports.monthly_files import to_csv
from reports.monthly_page import HIDDEN, fragment, month_name, sections

from .monthly_county import BODIES, TOWNS, publication

LINKS = {"csv": "a", "meta": "b", "json": "c", "feed": "d"}
MONTHS = ["2026-07", "2026-08", "2026-09", "2026-10"]


@pytest.fixture(scope="module")
def content() -> Content:
    """The fourth month of a county that published each."""
    return publication(1, 400, repeats=3)[0]


def section(content: Content, name: str, language: str = "en"):  # type: ignore[no-untyped-def]
    return next(part for part in sections(content, language) if part.name == name)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_trend_is_drawn_from_the_second_month_on(content: Content, language: str) -> None:
    assert trend_chart(publication(1, 400)[0], language) is None
    chart = trend_chart(content, language)
    assert chart is not None
    drawing = ElementTree.fromstring(chart.svg)
    line = drawing.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    points = [tuple(map(float, one.split(","))) for one in line.attrib["points"].split()]
    shares = [r["share"] for r in content["trend"] if r["by"] == "county"]
    assert len(points) == len(shares) == len(MONTHS)
    # the higher the share, the higher its point: y runs downwards
    order = sorted(range(len(shares)), key=lambda n: shares[n])
    assert [points[n][1] for n in order] == sorted((y for _, y in points), reverse=True)
    assert chart.finding in fragment(content, language, LINKS, "ab")


def test_each_bodys_months_stand_on_the_page_as_they_were_published(content: Content) -> None:
    table = section(content, "trend").tables[1]
    assert list(table.heads[1:]) == [month_name(one, "en") for one in MONTHS]
    shown = {row[0]: row[1:] for row in table.rows}
    assert set(shown) | set(table.hidden) == {f"Name {body}" for body in BODIES}
    for row in content["trend"]:
        cell = shown.get(f"Name {row['group']}")
        if row["by"] == "county" or cell is None:
            continue
        said = cell[MONTHS.index(row["month"])]
        if row["covered"]:
            assert said == HIDDEN
        elif row["denominator"]:
            assert said.endswith(f" of {row['denominator']}")
            assert row["denominator"] >= 10
    assert len(section(publication(1, 400)[0], "trend").tables) == 1


def test_the_csv_repeats_earlier_months_under_their_own_name(content: Content) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(content).decode())))
    keys = [(r["month"], r["by"], r["group"], r["indicator"]) for r in rows]
    assert len(keys) == len(set(keys))
    for n, month in enumerate(MONTHS[:3]):
        before = publication(4 - n, 400, month)[0]
        own = [r for r in csv.DictReader(io.StringIO(to_csv(before).decode()))
               if r["indicator"] == "on_time" and r["by"] in {"county", "body"}]  # fmt: skip
        assert [r for r in rows if r["month"] == month and r["indicator"] == "on_time"] == own


def test_equal_service_has_one_order_whoever_is_late(content: Content) -> None:
    other = publication(4, 900)[0]
    orders = {"township": TOWNS, "category": [g["id"] for g in content["groups"]["category"]]}
    for by, fixed in orders.items():
        for one in (content, other):
            shown = [row["group"] for row in one["equal_service"][by]["rows"]]
            assert shown == [group for group in fixed if group in shown]
            assert len(shown) > 1
    ratios = [row["ratio"] for row in other["equal_service"]["township"]["rows"]]
    assert ratios not in (sorted(ratios), sorted(ratios, reverse=True))
    for language in ("zh", "en"):
        part = section(other, "equal", language)
        heads = [head for table in part.tables for head in table.heads]
        assert not [head for head in heads if re.search("rank|排名|名次", head.lower())]


def test_times_stand_beside_late_answers_only_where_the_group_is_shown(content: Content) -> None:
    due = {by: publication(1, 400, repeats=3)[1].by[by]["due"] for by in ("township", "channel")}
    for by, counts in due.items():
        rows = content["equal_service"][by]["rows"]
        assert any(row["days"] is not None for row in rows)
        assert all(counts[row["group"]] >= 10 for row in rows)
    cells = [row[5] for table in section(content, "equal").tables for row in table.rows]
    assert all(re.fullmatch(r"\d+; elsewhere \d+|—", cell) for cell in cells)


def test_a_month_published_before_an_indicator_was_counted_is_still_shown(content: Content) -> None:
    rows = [row for row in content["figures"] if row["indicator"] != "not_me"]
    found = content["equal_service"]
    old = {
        by: {**found[by], "rows": [
            {k: v for k, v in row.items() if k not in {"days", "rest_days", "time_question"}}
            for row in found[by]["rows"]
        ]}
        for by in found
    }  # fmt: skip
    before = {**content, "version": 1, "figures": rows, "equal_service": old}
    assert "I did not open it before" in fragment(content, "en", LINKS, "ab")
    assert "I did not open it before" not in fragment(before, "en", LINKS, "ab")
    assert to_csv(before)
