"""Nobody gets a small count back, however they subtract."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from reports.covering import Covered, cover_list, cover_table

SMALL = st.integers(0, 3)
COUNTS = st.one_of(SMALL, st.integers(0, 12))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    cells = draw(st.lists(COUNTS, min_size=rows * columns, max_size=rows * columns))
    return pd.DataFrame(np.array(cells, dtype="int64").reshape(rows, columns))


def shown_grid(result: Covered) -> np.ndarray:
    """The published table with totals; NaN = covered."""
    body = np.column_stack(
        [
            result.cells.to_numpy(float, na_value=np.nan),
            result.row_totals.to_numpy(float, na_value=np.nan),
        ]
    )
    last = [
        *result.column_totals.to_numpy(float, na_value=np.nan),
        np.nan if result.total is None else result.total,
    ]
    return np.vstack([body, last])


def attack(grid: np.ndarray) -> dict[tuple[int, int], tuple[int, int]]:
    """What a reader with an integer solver can say of each covered figure: (least, most)."""
    rows, columns = grid.shape
    size = rows * columns
    equations = []
    for i in range(rows):
        line = np.zeros((rows, columns))
        line[i, :-1], line[i, -1] = 1, -1
        equations.append(line.ravel())
    for j in range(columns):
        line = np.zeros((rows, columns))
        line[:-1, j], line[-1, j] = 1, -1
        equations.append(line.ravel())
    flat = grid.ravel()
    known = ~np.isnan(flat)
    bounds = Bounds(np.where(known, flat, 0), np.where(known, flat, 500))
    sums = LinearConstraint(np.array(equations), 0, 0)
    answers = {}
    for position in np.flatnonzero(~known):
        aim = np.zeros(size)
        aim[position] = 1
        ends = [
            milp(sign * aim, constraints=sums, bounds=bounds, integrality=np.ones(size)).x[position]
            for sign in (1, -1)
        ]
        answers[divmod(int(position), columns)] = (round(ends[0]), round(ends[1]))
    return answers


@settings(max_examples=60, deadline=None)
@given(tables())
@example(pd.DataFrame([[1, 1], [1, 1]]))
@example(pd.DataFrame([[1, 5], [5, 5]]))
@example(pd.DataFrame([[0, 0], [0, 2]]))
@example(pd.DataFrame([[1]]))
@example(pd.DataFrame([[2, 0, 9], [0, 2, 9]]))
def test_an_attacker_who_subtracts_never_gets_a_small_count(table):
    result = cover_table(table)
    grid = shown_grid(result)
    assert not np.any((grid > 0) & (grid < 3))
    truth = np.vstack(
        [np.column_stack([table, table.sum(axis=1)]), [*table.sum(axis=0), table.to_numpy().sum()]]
    )
    for place, (least, most) in attack(grid).items():
        if 0 < truth[place] < 3:
            assert least < most


@settings(max_examples=40, deadline=None)
@given(tables())
def test_what_is_shown_is_true_and_the_same_each_time(table):
    first, again = cover_table(table), cover_table(table)
    pd.testing.assert_frame_equal(first.cells, again.cells)
    assert (first.cells.isna() | (first.cells == table)).all(axis=None)
    assert (first.row_totals.isna() | (first.row_totals == table.sum(axis=1))).all()
    assert (first.column_totals.isna() | (first.column_totals == table.sum(axis=0))).all()
    assert first.total in {None, int(table.to_numpy().sum())}


@settings(max_examples=100, deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=5))
@example([1, 1])
@example([1, 0])
@example([2, 0, 0])
@example([1, 1, 9])
def test_a_list_with_its_total_gives_no_small_count_away(counts):
    shown, total = cover_list(pd.Series(counts))
    hidden = [i for i, value in enumerate(shown) if pd.isna(value)]
    if total is None:
        return
    rest = total - int(shown.sum())
    possible = [
        combination
        for combination in itertools.product(range(rest + 1), repeat=len(hidden))
        if sum(combination) == rest
        and all(c > 0 or counts[i] == 0 for c, i in zip(combination, hidden, strict=True))
    ]
    for place, index in enumerate(hidden):
        if 0 < counts[index] < 3:
            assert len({combination[place] for combination in possible}) > 1
    assert not any(0 < value < 3 for value in shown.dropna())


def test_a_list_covers_one_more_and_no_other():
    shown, total = cover_list(pd.Series([1, 9, 4, 0, 30]))
    assert [pd.isna(v) for v in shown] == [True, False, True, False, False]
    assert total == 44


def test_a_table_without_small_counts_is_left_alone():
    result = cover_table(pd.DataFrame({"a": [3, 0], "b": [12, 7]}, index=["x", "y"]))
    assert result.covered_count == 0
    assert result.total == 22
    assert result.cells.loc["x", "b"] == 12


def test_one_small_cell_takes_three_others_with_it():
    table = pd.DataFrame([[1, 20, 30], [5, 40, 50], [60, 70, 80]])
    result = cover_table(table)
    covered = [(int(i), int(j)) for i, j in np.argwhere(result.cells.isna())]
    assert covered == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert result.total == 356


@pytest.mark.parametrize("broken", [[[-1]], [[0.5]], [[None]]])
def test_what_is_no_count_is_refused(broken):
    with pytest.raises(ValueError, match="whole counts"):
        cover_table(pd.DataFrame(broken, dtype="float64"))
