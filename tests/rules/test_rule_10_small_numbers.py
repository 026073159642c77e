"""DOMAIN.md §2.10: small numbers are covered, inside too; no map shows a single case."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import bulk
from data.categories import load_categories
from data.db import Db
from data.places import read_areas
from data.scope import Scope
from data.vocabulary import AMOUNT_BANDS
from geo.tree import MINIMUM, Tree, cover_tree
from geo.web import geometry_payload
from reports.area_bands import BANDS
from reports.area_classes import classify
from reports.areas import WAIT_WEEKS
from reports.covering import cover_list, cover_table
from reports.daily import daily_report
from reports.facts_json import to_json
from tests.reports.county import AS_OF, COUNTY, DAY, FILES, record
from ui.map import restyle_script

from .conftest import GRIDS, TOWNS, cases, events, layer
from .looking import area_tables, map_bytes

AREAS = layer()
TREE = Tree.of(AREAS.set_index("code")["parent_code"])
SENT = re.compile(
    r'window\.zaojieMap\.show\("([A-Za-z0-9_-]*)", "([\d,;-]*)", "([A-Za-z0-9+/=]*)"\);'
)


def filled(db: Db, counts: dict[str, int], **more: object) -> Db:
    """So many open confirmed cases per grid."""
    rows = [
        {"grid_code": grid, "township_code": TOWNS[GRIDS.index(grid) // 3], **more}
        for grid, count in counts.items()
        for _ in range(count)
    ]
    frame = cases(rows)
    which = {n: [("confirmed", 0.1), ("accepted", 0.2)] for n in range(len(frame))}
    bulk.take_over(db, Scope.operator(), frame, events(frame, which), source_name="county.csv")
    return db


@pytest.mark.parametrize("counts", [(9, 9, 9, 9, 9, 9), (14, 3, 9, 12, 10, 1), (1, 0, 0, 30, 0, 0)])
def test_no_figure_of_an_area_rests_on_fewer_than_ten(another, counts: tuple[int, ...]) -> None:
    tables = area_tables(filled(another(), dict(zip(GRIDS, counts, strict=True))))
    for name, table in tables.items():
        shown = table[table["state"].isin(["shown", "unknown"])]
        assert len(shown) > 0, name
        assert (shown["base"] >= MINIMUM).all(), name
        assert table.loc[~table.index.isin(shown.index), ["value", "base"]].isna().all(axis=None)
        for grid, count in zip(GRIDS, counts, strict=True):
            if count < MINIMUM:
                assert table.loc[grid, "shown_code"] != grid
                assert table.loc[grid, "shown_level"] != "grid"


def test_nine_cases_in_the_county_show_nothing_at_all(another) -> None:
    for table in area_tables(filled(another(), {GRIDS[0]: 5, GRIDS[4]: 4})).values():
        assert table["value"].isna().all()
        assert set(table["state"]) == {"too_few"}


counted = st.lists(st.integers(0, 25), min_size=len(GRIDS), max_size=len(GRIDS))
homeless = st.lists(st.integers(0, 14), min_size=len(TOWNS), max_size=len(TOWNS))


def bases(counts: list[int], without_grid: list[int]) -> pd.Series:
    own = pd.Series(0, index=TREE.codes)
    own[list(GRIDS)] = counts
    own[list(TOWNS)] = without_grid
    return TREE.add_up(own.to_frame("base"))["base"]


def below(code: str) -> list[str]:
    parents = AREAS.set_index("code")["parent_code"]
    children = list(parents.index[parents == code])
    return [*children, *(deeper for child in children for deeper in below(child))]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(counted, homeless)
def test_nobody_gets_a_small_area_back_by_subtracting_what_is_shown(
    counts: list[int], without_grid: list[int]
) -> None:
    """A reader has every shown figure of every level and takes the finer from the wider ones."""
    base = bases(counts, without_grid)
    shown_by = pd.Series(cover_tree(base, TREE), index=TREE.codes)
    shown = set(shown_by.dropna())
    assert all(base[code] >= MINIMUM for code in shown)
    for wide in shown:
        inside = [code for code in below(wide) if code in shown]
        top = [c for c in inside if not any(c in below(other) for other in inside)]
        rest = base[wide] - sum(base[c] for c in top)
        assert rest == 0 or rest >= MINIMUM, (wide, top, rest)


def test_the_attacker_above_does_find_what_an_open_map_would_tell() -> None:
    base = bases([14, 6, 0, 12, 0, 0], [0, 0])
    assert 0 < base[TOWNS[0]] - base[GRIDS[0]] < MINIMUM


def test_within_a_week_two_maps_of_small_areas_show_no_difference(another, clock) -> None:
    """Thursday and Friday: cases that came in between move figures of townships only."""
    monday = dt.datetime(2026, 3, 1, 16, 0, tzinfo=dt.UTC)
    db = filled(another(), dict.fromkeys(GRIDS, 12))
    before = area_tables(db)
    new = pd.Timestamp(monday) + pd.Timedelta(days=2)
    filled(db, {GRIDS[0]: 7, GRIDS[5]: 30}, opened_at=new, known_at=new)
    clock.go(days=1)
    after = area_tables(db)
    fine = AREAS["level"].isin(["village", "grid"]).to_numpy()
    for name in before:
        pd.testing.assert_frame_equal(after[name][fine], before[name][fine])
    assert after["open"].loc[TOWNS[0], "value"] == before["open"].loc[TOWNS[0], "value"] + 7
    clock.go(days=7)
    assert area_tables(db)["open"].loc[GRIDS[5], "value"] == 20  # 42: the band of 20 to 49
    assert before["open"].loc[GRIDS[5], "value"] == 10


def test_windows_are_thirteen_whole_weeks_at_least() -> None:
    assert WAIT_WEEKS >= 13


def test_which_small_area_a_case_lies_in_moves_no_byte_of_the_map(another) -> None:
    """One case more in one of two grids with too few: nobody sees in which."""
    one = filled(another(), {GRIDS[0]: 4, GRIDS[1]: 3, GRIDS[3]: 12})
    other = filled(another(), {GRIDS[0]: 3, GRIDS[1]: 4, GRIDS[3]: 12})
    assert map_bytes(one) == map_bytes(other)
    more = filled(another(), {GRIDS[0]: 4, GRIDS[1]: 3, GRIDS[3]: 13})
    assert map_bytes(more) != map_bytes(one)


def test_what_travels_to_the_map_is_digits_and_codes_and_no_point_of_a_case(another) -> None:
    db = filled(another(), dict(zip(GRIDS, (14, 3, 9, 12, 10, 1), strict=True)))
    areas = AREAS
    geometry = geometry_payload(areas)
    content = json.loads(geometry.body)
    assert set(content) == {"areas", "leaves", "shapes", "lines", "bounds"}
    for name, figures in area_tables(db).items():
        script = restyle_script(geometry, figures, classify(figures, name), name, "zh")
        sent = SENT.fullmatch(script)
        assert sent is not None
        letters, compact, words = sent.groups()
        assert len(letters) == len(GRIDS)
        for line in filter(None, compact.split(";")):
            position, value, base = line.split(",")
            assert int(base) >= MINIMUM
            is_fine = AREAS["level"].iloc[int(position)] in {"village", "grid"}
            assert (value == "") == is_fine, "no number of an area below the township travels"
            assert not is_fine or int(base) in BANDS
        told = json.loads(base64.b64decode(words))
        assert set(told) == {
            "figure", "band", "bands", "covered", "missing", "classes", "scale", "decimals",
            "unit", "selected", "offices",
        }  # fmt: skip
    with db.read() as conn:
        ids = [row[0] for row in conn.exec_driver_sql("SELECT case_id FROM case_version")]
    sent = map_bytes(db).decode()
    assert ids
    assert not [case_id for case_id in ids if case_id in sent]
    assert len(read_areas(db, Scope.operator(), db.now().date())) == len(areas)


def test_a_townships_share_below_ten_cases_is_in_no_report() -> None:
    made = record()
    facts = daily_report(COUNTY, DAY, AS_OF, made, FILES)
    told = json.loads(to_json(facts))["by_township"]
    small = [t for t in facts.by_township if t.overdue.denominator < 10]
    assert small
    for line in told:
        code = line["township_code"]
        count = next(t.overdue.denominator for t in facts.by_township if t.township_code == code)
        assert (line["overdue"] == {"denominator_below": 10}) == (count < 10)


def test_a_township_with_eight_cases_looks_like_one_with_two() -> None:
    def told(times: int) -> object:
        made = record()
        rows = made.cases.index[made.cases["township_code"] == "330901102"].repeat(times)
        more = dataclasses.replace(
            made,
            cases=pd.concat([made.cases, made.cases.loc[rows]], ignore_index=True),
            standing=pd.concat([made.standing, made.standing.loc[rows]], ignore_index=True),
        )
        return json.loads(to_json(daily_report(COUNTY, DAY, AS_OF, more, FILES)))["by_township"]

    assert told(1) == told(7)
    assert told(1) != told(9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=6))
def test_no_count_under_three_leaves_in_a_list(counts: list[int]) -> None:
    shown, total = cover_list(pd.Series(counts))
    assert not ((shown > 0) & (shown < 3)).fillna(False).any()
    hidden = shown.isna()
    if total is not None and any(0 < c < 3 for c in counts):
        assert hidden.sum() >= 2


def test_no_count_under_three_leaves_in_a_table_nor_comes_back_from_its_totals() -> None:
    counts = pd.DataFrame(np.array([[1, 12, 7], [9, 4, 20], [8, 2, 5]]))
    covered = cover_table(counts)
    for row in range(3):
        gaps = covered.cells.iloc[row].isna().sum()
        assert gaps != 1 or pd.isna(covered.row_totals.iloc[row])
    for column in range(3):
        gaps = covered.cells[column].isna().sum()
        assert gaps != 1 or pd.isna(covered.column_totals.iloc[column])
    assert pd.isna(covered.cells.iloc[0, 0])
    assert pd.isna(covered.cells.iloc[2, 1])


def test_amounts_are_bands_and_family_matters_have_no_place() -> None:
    assert AMOUNT_BANDS == ("under_5k", "5k_50k", "50k_500k", "over_500k")
    protected = {c.category_id for c in load_categories() if c.is_place_protected}
    assert protected
