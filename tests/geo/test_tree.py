"""The rule of ten: by hand, and against somebody who adds and subtracts all that is shown."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.tree import Tree, cover

PARENTS = pd.Series(
    {"c": None, "t1": "c", "t2": "c", "v1": "t1", "v2": "t1", "v3": "t1", "v4": "t2"}, dtype="str"
)


def added_up(parents, own):
    return Tree.of(parents).add_up(pd.DataFrame({"n": pd.Series(own)}))["n"]


def test_counts_add_up_along_the_tree_once_for_all_columns():
    counts = pd.DataFrame({"open": [3, 4, 5], "late": [1, 0, 2]}, index=["v1", "v2", "t2"])
    total = Tree.of(PARENTS).add_up(counts)
    assert total.loc[["c", "t1", "t2", "v1", "v3"], "open"].tolist() == [12, 7, 5, 3, 0]
    assert total.loc[["c", "t1"], "late"].tolist() == [3, 1]


def test_a_case_in_an_unknown_area_is_refused_not_lost():
    with pytest.raises(ValueError, match="'x' is no area of this layer"):
        Tree.of(PARENTS).add_up(pd.DataFrame({"n": [1]}, index=["x"]))


@pytest.mark.parametrize(
    "parents",
    [
        {"a": None, "b": None},
        {"a": "b", "b": "a"},
        {"a": None, "b": "lost"},
        {"a": None, "b": "c", "c": "b"},
    ],
)
def test_what_is_no_tree_is_refused(parents):
    with pytest.raises(ValueError, match=r"root|circle"):
        Tree.of(pd.Series(parents, dtype="str"))


def test_a_small_area_shows_the_smallest_enclosing_one_that_is_large_enough():
    shown = cover(added_up(PARENTS, {"v1": 25, "v2": 6, "v3": 7, "v4": 4}), PARENTS)
    assert shown["v1"] == "v1"  # the rest of the county is 17
    assert shown["v4"] == "c"  # t2 has 4 only ...
    assert shown["t1"] == "c"  # ... and t1 beside the county would say so
    assert shown["v2"] == "c"


def test_nine_cases_in_the_county_show_nothing_and_ten_do():
    assert cover(added_up(PARENTS, {"v1": 9}), PARENTS).isna().all()
    ten = cover(added_up(PARENTS, {"v1": 10}), PARENTS)
    assert (ten[["c", "t1", "v1"]] == ["c", "t1", "v1"]).all()


def test_the_smallest_sibling_is_covered_when_the_rest_would_betray_somebody():
    shown = cover(added_up(PARENTS, {"v1": 30, "v2": 14, "v3": 4}), PARENTS)
    assert shown["v1"] == "v1"
    assert shown["v2"] == shown["v3"] == "t1"  # the rest is 18


def test_cases_known_to_the_township_only_count_in_the_rest():
    shown = cover(added_up(PARENTS, {"t1": 3, "v1": 30, "v2": 14}), PARENTS)
    assert shown["v2"] == "t1"


def test_children_that_hold_more_than_their_parent_are_a_bug_and_said():
    base = pd.Series({"c": 10, "t1": 30, "t2": 0, "v1": 0, "v2": 0, "v3": 0, "v4": 0})
    with pytest.raises(ValueError, match="more cases than their parent"):
        cover(base, PARENTS)


@st.composite
def trees(draw, areas=14, most=25):
    count = draw(st.integers(1, areas))
    parents = {"0": None} | {
        str(k): str(draw(st.integers(max(0, k - 4), k - 1))) for k in range(1, count)
    }
    own = {str(k): draw(st.integers(0, most)) for k in range(count)}
    return pd.Series(parents, dtype="str"), own


def totals_from_shown(parents, base, shown):
    """What each shown area leaves after the shown areas within: all that subtraction can give."""
    visible = [code for code in parents.index if shown[code] == code]
    rest = {}
    for code in visible:
        inner = [
            other
            for other in visible
            if other != code and nearest_shown_above(other, parents, shown) == code
        ]
        rest[code] = base[code] - sum(base[other] for other in inner)
    return rest


def nearest_shown_above(code, parents, shown):
    above = parents[code]
    while above == above and above is not None and shown[above] != above:
        above = parents[above]
    return above


@given(trees())
def test_no_figure_stands_on_fewer_than_ten_cases(tree):
    parents, own = tree
    base = added_up(parents, own)
    shown = cover(base, parents)
    assert all(base[code] >= 10 for code in shown.dropna())


@given(trees())
def test_subtracting_shown_areas_isolates_nobody(tree):
    parents, own = tree
    base = added_up(parents, own)
    rests = totals_from_shown(parents, base, cover(base, parents))
    assert all(rest == 0 or rest >= 10 for rest in rests.values())


@settings(max_examples=60)
@given(trees(areas=7, most=14))
def test_an_attacker_who_combines_everything_isolates_nobody(tree):
    """Every combination of shown totals with factors -1, 0, 1 that describes a set of cases."""
    parents, own = tree
    base = added_up(parents, own)
    shown = cover(base, parents)
    visible = [code for code in parents.index if shown[code] == code]
    within = np.array(
        [[code in ancestors(place, parents) for place in parents.index] for code in visible],
        dtype=int,
    ).reshape(len(visible), len(parents))
    counts = np.array([own[place] for place in parents.index])
    for factors in itertools.product((-1, 0, 1), repeat=len(visible)):
        weights = np.array(factors, dtype=int) @ within
        if ((weights == 0) | (weights == 1)).all() and weights.any():
            found = int(weights @ counts)
            assert found == 0 or found >= 10


def ancestors(code, parents):
    line = [code]
    while parents[line[-1]] == parents[line[-1]] and parents[line[-1]] is not None:
        line.append(parents[line[-1]])
    return line


@given(trees())
def test_whose_figure_is_shown_is_always_an_enclosing_area(tree):
    parents, own = tree
    shown = cover(added_up(parents, own), parents)
    for code in parents.index:
        assert shown[code] != shown[code] or shown[code] in ancestors(code, parents)
