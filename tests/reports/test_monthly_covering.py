"""An attacker who adds and subtracts everything that was published gets no count under 3."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from reports.monthly import COUNTY
from reports.monthly_content import INDICATORS, TARGETED
from reports.monthly_covering import SPLITS, cover
from reports.monthly_files import flat_rows, to_csv, to_json
from reports.monthly_page import fragment

from .attacker import Attacker, attackers
from .monthly_county import INSIDE, publication

COUNTIES = [(1, 400), (2, 150), (3, 60), (4, 900), (5, 250)]
LINKS = {"csv": "a", "meta": "b", "json": "c", "feed": "d"}


@pytest.mark.parametrize(("seed", "size"), COUNTIES)
def test_no_count_under_three_is_got_by_adding_and_subtracting(seed: int, size: int) -> None:
    for attacker, counts in attackers(*publication(seed, size), INSIDE):
        known, small = attacker.small(counts)
        assert small == {}
        assert known > 20


@pytest.mark.parametrize(("seed", "size"), [(1, 400), (2, 150)])
def test_small_counts_stay_open_between_several_values(seed: int, size: int) -> None:
    attacker, counts = next(attackers(*publication(seed, size), INSIDE))
    small = [
        cell
        for cell in attacker.number
        if cell[2] in counts.by[cell[0]] and 0 < counts.by[cell[0]].at[cell[1], cell[2]] < 3
    ]
    assert len(small) > 20
    for cell in small[:: max(1, len(small) // 25)]:
        low, high = attacker.range_of(cell)
        assert high - low >= 2, (cell, low, high)


def test_the_attacker_finds_what_plain_covering_leaves_open() -> None:
    """Covering only counts of 1 and 2 themselves: the total gives them back."""
    _, now, _ = publication(1, 400)
    rows = []
    for by, table in now.by.items():
        for name, (split, part, whole) in INDICATORS.items():
            if by != COUNTY and by not in next(s for s in SPLITS if s.name == split).by:
                continue
            for group in table.index:
                k = int(table.at[group, part])
                n = int(table.at[group, whole]) if whole else ""
                if not 0 < k < 3:
                    row = {"by": by, "group": group, "indicator": name}
                    rows.append({**row, "numerator": str(k), "denominator": str(n)})
    attacker = Attacker(rows, now.by, set(INDICATORS) - {"satisfied"}, INSIDE)
    small = [c for c in attacker.determined() if 0 < now.by[c[0]].at[c[1], c[2]] < 3]
    assert small


@pytest.mark.parametrize(("seed", "size"), COUNTIES)
def test_every_format_says_the_same_and_no_more(seed: int, size: int) -> None:
    content, _, _ = publication(seed, size)
    from_json = json.loads(to_json(content))
    flat = {tuple(r[k] for k in ("month", "by", "group", "indicator")): r
            for r in flat_rows(content)}  # fmt: skip
    in_csv = list(csv.DictReader(io.StringIO(to_csv(content).decode())))
    assert len(in_csv) == len(flat)
    for row in in_csv:
        one = flat[row["month"], row["by"], row["group"], row["indicator"]]
        assert row["numerator"] == ("" if one["numerator"] is None else str(one["numerator"]))
        if row["covered"] == "true":
            cells = ("numerator", "denominator", "share", "low", "high", "days")
            assert [row[name] for name in cells] == [""] * 6
    for row in from_json["figures"] + from_json["satisfaction"]["figures"]:
        assert not row["covered"] or row["numerator"] is row["denominator"] is row["share"] is None
        assert row["covered"] or row["denominator"] is None or row["denominator"] >= 10 or (
            row["denominator"] == 0 or row["by"] == COUNTY or row["indicator"] in
            {"declined", "referred", "no_remedy", "withdrawn"})  # fmt: skip
    html = fragment(content, "en", LINKS, "ab")
    assert "<script" not in html
    assert "style=" not in html
    shown = {r["numerator"] for r in from_json["figures"] if r["numerator"] is not None}
    said = re.findall(r">(\d[\d,]*) of (\d[\d,]*), ", html)
    assert {int(k.replace(",", "")) for k, _ in said} <= shown | {
        r["numerator"] for r in from_json["satisfaction"]["figures"] if r["numerator"] is not None
    }


def test_a_trend_repeats_what_each_month_published() -> None:
    content, _, _ = publication(4, 900)
    own = {r["group"]: r["numerator"] for r in content["figures"]
           if r["by"] == "body" and r["indicator"] == "on_time"}  # fmt: skip
    line = {r["group"]: r["numerator"] for r in content["trend"] if r["by"] == "body"}
    assert line == own


def test_how_many_asked_moves_no_place_and_asking_has_no_target() -> None:
    content, _, _ = publication(1, 400)
    other, _, _ = publication(2, 150)
    order = [[r["group"] for r in c["figures"] if r["by"] == "body"] for c in (content, other)]
    assert order[0] == order[1]
    assert not set(TARGETED) & {"rated", "satisfied", "held", "withdrawn", "used", "disowned"}


def test_covering_is_the_same_each_time() -> None:
    _, now, _ = publication(2, 150)
    assert cover(now.by, INSIDE) == cover(now.by, INSIDE)
