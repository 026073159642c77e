"""Clusters: against esda on its own data, by hand, and on noise."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from esda.crand import crand
from esda.getisord import G_Local, _g_local_star_crand
from esda.moran import Moran_Local, _moran_local_crand
from libpysal import examples
from libpysal.graph import Graph

from geo.clusters import FALSE_DISCOVERY, clusters, neighbour_sums
from geo.neighbours import touching


def squares(side, gap=0.0):
    """side × side areas of a hundredth of a degree."""
    step = 0.01
    return gpd.GeoDataFrame(
        geometry=[
            shapely.box(118 + step * x + gap, 29 + step * y, 118 + step * (x + 1), 29.01 + step * y)
            for y in range(side) for x in range(side)
        ],
        crs="EPSG:4490",
    )  # fmt: skip


@pytest.fixture(scope="module")
def columbus():
    """The data esda's own documentation uses: crime in 49 neighbourhoods."""
    areas = gpd.read_file(examples.get_path("columbus.shp")).set_crs("EPSG:32617")
    graph = Graph.build_contiguity(areas, rook=False)
    pairs = graph.adjacency.index
    at = tuple(pairs.get_level_values(n).to_numpy(dtype=np.intp) for n in (0, 1))
    return areas["CRIME"].to_numpy(dtype=float), graph, at


def test_z_and_moran_are_esdas_on_its_own_data(columbus):
    crime, graph, pairs = columbus
    found = clusters(crime, pairs, permutations=99).table
    star = G_Local(crime, graph.assign_self_weight(1), transform="B", star=True, permutations=0)
    np.testing.assert_allclose(found["z"], star.Zs, atol=1e-9)
    np.testing.assert_allclose(found["moran"], Moran_Local(crime, graph, permutations=0).Is)


def test_p_values_are_esdas_on_its_own_data_up_to_the_draw(columbus):
    crime, graph, pairs = columbus
    rising, falling = neighbour_sums(crime, pairs, 9999, seed=1)
    shares = {"permutations": 9999, "keep": False, "n_jobs": 1, "seed": 2}
    star = G_Local(crime, graph.assign_self_weight(1), transform="B", star=True, permutations=0)
    greater, _ = crand(
        crime, star.w, star.Gs, stat_func=_g_local_star_crand, scaling=crime.sum(),
        alternative="greater", **shares,
    )  # fmt: skip
    assert np.abs(rising - greater).max() < 0.03
    moran = Moran_Local(crime, graph, permutations=0)
    both, _ = crand(
        moran.z, moran.w, moran.Is, stat_func=_moran_local_crand, alternative="two-sided", **shares
    )
    ours = np.minimum(1, 2 * np.minimum(rising, falling))
    assert np.abs(ours - both).max() < 0.05


def test_a_planted_block_is_found_and_its_quick_neighbour_is_not():
    y = np.random.default_rng(5).normal(size=100)
    block = [0, 1, 2, 10, 11, 12, 20, 21, 22]
    y[block] += 5
    y[11] += 1
    found = clusters(y, touching(squares(10)))
    assert set(np.flatnonzero(found.table["is_high"])) >= {0, 1, 10, 11}
    assert set(np.flatnonzero(found.table["is_high"])) <= set(block)


def test_one_slow_area_among_quick_ones_is_called_apart_not_a_cluster():
    y = np.linspace(5, 6, 100)
    middle, around = 44, [33, 34, 35, 43, 45, 53, 54, 55]
    y[around] = 0.0
    y[middle] = 9.0
    found = clusters(y, touching(squares(10))).table
    assert found["is_apart"][middle]
    assert not found["is_high"][middle]


def test_noise_yields_no_more_than_the_stated_rate():
    """Areas of quite unequal precision, drawn anew each time: any finding is a false one."""
    pairs, draws = touching(squares(5)), 250
    rng = np.random.default_rng(11)
    spread = np.linspace(0.3, 2.0, 25)
    some = [
        clusters(rng.normal(size=25) * spread, pairs, permutations=499).table for _ in range(draws)
    ]
    with_any = np.mean([bool((one["is_high"] | one["is_apart"]).any()) for one in some])
    # three standard errors of a share of so many draws above the rate
    assert with_any <= FALSE_DISCOVERY + 3 * (FALSE_DISCOVERY * 0.95 / draws) ** 0.5


def test_islands_and_areas_without_a_value_take_no_part_and_say_so():
    areas = squares(4)
    lone = gpd.GeoDataFrame(geometry=[shapely.box(120, 31, 120.01, 31.01), None], crs=areas.crs)
    areas = gpd.GeoDataFrame(geometry=[*areas.geometry, *lone.geometry], crs=areas.crs)
    y = np.arange(18.0)
    y[3] = np.nan
    found = clusters(y, touching(areas))
    assert found.table["state"].tolist() == [
        *["judged"] * 3, "no_value", *["judged"] * 12, "island", "island"
    ]  # fmt: skip
    assert found.table.loc[[3, 16, 17], "z"].isna().all()
    without = np.delete(y, [3, 16, 17])
    assert found.table["z"].notna().sum() == len(without)


@pytest.mark.parametrize(
    ("values", "reason"), [(np.arange(9.0), "few_areas"), (np.ones(16), "all_equal")]
)
def test_what_cannot_be_judged_says_why(values, reason):
    found = clusters(values, touching(squares(round(len(values) ** 0.5))))
    assert found.reason == reason
    assert not found.table["is_high"].any()


def test_the_same_values_give_the_same_answer_and_a_shift_changes_nothing():
    y, pairs = np.random.default_rng(2).normal(size=36), touching(squares(6))
    one, again = clusters(y, pairs, permutations=199), clusters(y + 100, pairs, permutations=199)
    np.testing.assert_allclose(one.table["z"], again.table["z"], atol=1e-8)
    assert one.table["p"].tolist() == again.table["p"].tolist()


def test_corners_and_slivers_count_as_touching_and_gaps_do_not():
    one, other = touching(squares(2))
    assert sorted(zip(one.tolist(), other.tolist(), strict=True)) == [
        (a, b) for a in range(4) for b in range(4) if a != b
    ]
    assert len(touching(squares(2, gap=0.00002))[0]) == 12  # two metres
    apart = touching(squares(2, gap=0.002))
    assert all(abs(a - b) == 2 for a, b in zip(*apart, strict=True))
