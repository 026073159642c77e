"""Offices on the map, what stands behind an area, and natural breaks: small numbers, by hand."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.area_classes import CLASSES, legend, natural_breaks
from reports.area_desks import (
    DESK_LAYERS,
    desk_classes,
    filing_states,
    longer_waits,
    receipts_used,
    reception_states,
)
from reports.area_detail import LINES, behind
from reports.area_wide import office_figures
from tests.reports.test_areas import AREAS, ZONE

TODAY = dt.date(2026, 3, 12)


def record(rows):
    """Rows of (township, body, category, outcome, open, overdue, wait days)."""
    columns = ["township", "body", "category", "outcome", "is_open", "is_overdue", "wait_days"]
    table = pd.DataFrame(rows, columns=columns)
    cases = pd.DataFrame(
        {
            "opened_at": pd.Timestamp("2026-02-01", tz="UTC"),
            "known_at": pd.Timestamp("2026-02-01", tz="UTC"),
            "grid_code": pd.Series([None] * len(table), dtype="str"),
            "township_code": table["township"].astype("str"), "category": table["category"],
            "procedure": "ordinary", "channel": "desk", "desk": table["body"],
            "is_confirmed": True,
        }
    )  # fmt: skip
    standing = table[["is_open", "is_overdue", "wait_days"]].assign(
        is_counted=True, wait_observed=~table["is_open"], owing_body_id=table["body"].astype("str"),
        outcome=table["outcome"].astype("category"), answer_due_on=pd.Timestamp("2026-02-20"),
    )  # fmt: skip
    return cases, standing


def answered(town, count, late, days=20.0, category="wages"):
    return [
        (town, "b1", category, "late" if k < late else "on_time", False, False, days + k % 5)
        for k in range(count)
    ]


def waiting(town, body, category, count):
    return [(town, body, category, "late_open", True, True, 90.0)] * count


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=9))
def test_natural_breaks_are_the_best_of_all_ways_to_cut(numbers):
    values = np.array(numbers, dtype=float)

    def spread(edges):
        place = np.searchsorted(np.array(edges), values, "left")
        parts = (values[place == k] for k in np.unique(place))
        return sum(((part - part.mean()) ** 2).sum() for part in parts)

    different = np.unique(values)
    cuts = min(CLASSES, len(different)) - 1
    best = min(spread(cut) for cut in itertools.combinations(different[:-1], cuts))
    assert spread(natural_breaks(values)) == pytest.approx(best)


def test_a_township_slower_than_its_mix_is_told_apart_from_one_with_a_hard_mix():
    easy, hard = answered("t1", 200, 20), answered("t2", 200, 120, 60.0, "land")
    both = [*easy, *hard, *answered("t3", 200, 20), *answered("t3", 200, 120, 60.0, "land")]
    found = longer_waits(*record([*both, *answered("t4", 8, 8)]), TODAY)
    assert found["state"].to_dict() == dict.fromkeys(["t1", "t2", "t3"], "as_expected")
    usual = [row for n in range(10) for row in answered(f"u{n}", 200, 18 + n % 5)]
    slow = longer_waits(*record([*both, *usual, *answered("t4", 200, 150, 80.0)]), TODAY)["state"]
    assert slow["t4"] == "longer"
    assert not (slow.drop("t4") == "longer").any()


def test_cases_that_nobody_confirmed_move_no_office_on_the_map():
    rows = [*answered("t1", 60, 10), *answered("t2", 60, 30)]
    cases, standing = record([*rows, *answered("t2", 90, 90, 200.0)])
    cases["is_confirmed"] = np.arange(len(cases)) < len(rows)
    expected = longer_waits(*record(rows), TODAY)
    pd.testing.assert_frame_equal(longer_waits(cases, standing, TODAY), expected)


def matrix(**states):
    """One desk per name: expected, filed, timely, state on the last day; all missing before."""
    days = pd.to_datetime(["2026-03-10", "2026-03-11"])
    rows = []
    for name, (expected, filed, timely, state) in states.items():
        rows.append((name, days[0], True, False, False, "missing"))
        rows.append((name, days[1], expected, filed, timely, state))
    columns = ["township_code", "period", "is_expected", "is_filed", "is_timely", "state"]
    return pd.DataFrame(rows, columns=columns)


def test_a_desks_filing_tells_a_contradiction_but_never_a_zero_from_a_report():
    found = filing_states(
        matrix(
            a=(True, True, True, "filed"), b=(True, True, True, "zero"),
            c=(True, True, True, "contradicted"), d=(True, True, False, "late"),
            e=(True, False, False, "missing"), f=(False, False, False, "excused"),
        )
    )  # fmt: skip
    assert found["state"].tolist() == [
        "in_time", "in_time", "contradicted", "late", "missing", "excused",
    ]  # fmt: skip
    digits = desk_classes(office_figures(AREAS, "township", found.set_axis(
        ["t1", "t2", *"cdef"]), "unknown"), "filing").digits  # fmt: skip
    assert digits["t1"] == digits["t2"]


def test_a_day_that_is_not_due_yet_says_nothing():
    found = filing_states(matrix(a=(False, True, True, "filed"), b=(False, False, False, "open")))
    assert found["state"].tolist() == ["missing", "missing"]  # of the day before


def test_offices_are_drawn_on_their_township_and_every_state_has_its_word():
    own = reception_states(["t1", "t2"], {"t1": 3})
    figures = office_figures(AREAS, "township", own, "none_planned")
    assert figures.loc["g1", ["shown_code", "state", "amount"]].tolist() == ["t1", "planned", 3]
    assert figures.loc["g3", "state"] == "none_planned"
    classes = desk_classes(figures, "receptions")
    rows = legend(classes, pd.Index(["g1", "g2", "g3"]))
    assert rows["areas_count"].tolist() == [2, 1]
    for layer in DESK_LAYERS:
        words = desk_classes(figures.assign(state="too_few"), layer).words
        assert all(key.startswith(f"map.state.{layer}.") for key in words.values())


def test_receipts_used_are_of_one_desk_and_thirteen_weeks():
    cases, standing = record(answered("t1", 30, 0))
    cases.loc[:9, "opened_at"] = pd.Timestamp("2025-01-01", tz="UTC")
    cases.loc[10:14, "desk"] = "another"
    events = pd.DataFrame({"case": [0, 12, 20, 20, 21], "event": "confirmed"})
    rate = receipts_used(cases, events, standing, ["b1"], TODAY, ZONE)
    assert (rate.numerator, rate.denominator) == (2, 15)


def test_behind_an_area_stand_its_months_bodies_and_categories_the_small_ones_covered():
    rows = [*answered("t1", 20, 5), *waiting("t1", "b1", "wages", 9)]
    rows += [*waiting("t1", "b2", "land", 4), *waiting("t1", "b3", "land", 1)]
    found = behind(*record(rows), AREAS, ZONE, "township", "g1", TODAY)
    assert found.code == "t1"
    assert (found.overdue.numerator, found.overdue.denominator) == (14, 14)
    assert found.bodies == (("b1", 9), ("b2", None), ("b3", None))
    assert found.categories == (("wages", 9), ("land", 5))
    first, rate = found.months[-1]
    assert first == dt.date(2026, 2, 1)
    assert (rate.numerator, rate.denominator) == (19, 34)
    assert len(found.months) == 12
    assert len([n for _, n in found.bodies if n is not None]) <= LINES


def test_an_area_with_few_open_cases_shows_what_stands_behind_the_county():
    rows = [*waiting("t1", "b1", "wages", 4), *waiting("t2", "b1", "wages", 12)]
    assert behind(*record(rows), AREAS, ZONE, "township", "g1", TODAY).code == "c"
    few = behind(*record(rows[:4]), AREAS, ZONE, "township", "g1", TODAY)
    assert few.overdue is None
    assert few.bodies == few.categories == ()
