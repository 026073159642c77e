"""Empirical Bayes: against esda, by hand, and what must hold for any table."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given
from hypothesis import strategies as st
from libpysal import examples

from reports.smoothing import marshall


def test_under_one_parent_it_is_esdas_on_its_own_data():
    """Sudden infant deaths in 100 counties: the data Marshall's estimator is shown with."""
    sids = gpd.read_file(examples.get_path("sids2.shp"))
    table = pd.DataFrame({"events": sids["SID79"], "exposure": sids["BIR79"], "parent": 0})
    theirs = Empirical_Bayes(table["events"].to_numpy(), table["exposure"].to_numpy()).r.ravel()
    np.testing.assert_allclose(marshall(table)["smooth"], theirs)


def test_by_hand():
    table = pd.DataFrame({"events": [0, 10], "exposure": [10, 10], "parent": ["t", "t"]})
    # prior 10/20; spread (10·.25 + 10·.25)/20 = .25; noise of the mean .5/10; between .2
    found = marshall(table)
    assert found["prior"].tolist() == [0.5, 0.5]
    assert found["weight"].tolist() == pytest.approx([0.2 / 0.25] * 2)
    assert found["smooth"].tolist() == pytest.approx([0.1, 0.9])


def test_areas_that_differ_no_more_than_chance_explains_show_their_parents_rate():
    table = pd.DataFrame({"events": [4, 5, 6], "exposure": [20, 20, 20], "parent": 1})
    assert marshall(table)["smooth"].tolist() == pytest.approx([0.25] * 3)


def test_a_parent_is_the_prior_of_its_own_areas_only():
    table = pd.DataFrame(
        {"events": [1, 9, 30, 31], "exposure": [40, 40, 40, 40], "parent": ["a", "a", "b", "b"]}
    )
    found = marshall(table)
    pd.testing.assert_frame_equal(found.iloc[:2], marshall(table.iloc[:2]))


def test_an_area_without_exposure_has_no_rate_to_smooth():
    with pytest.raises(ValueError, match="exposure"):
        marshall(pd.DataFrame({"events": [0], "exposure": [0], "parent": [1]}))


areas = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 2))


@given(st.lists(areas, min_size=1, max_size=12))
def test_a_smoothed_share_lies_between_its_own_and_its_parents(rows):
    table = pd.DataFrame(rows, columns=["events", "rest", "parent"])
    table["exposure"] = table["events"] + table["rest"] + 1
    found = marshall(table)
    low, high = found[["rate", "prior"]].min(axis=1), found[["rate", "prior"]].max(axis=1)
    assert (found["smooth"] >= low - 1e-12).all()
    assert (found["smooth"] <= high + 1e-12).all()
