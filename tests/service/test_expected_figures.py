"""What was forecast, for the map: on the rows of the figures, and without an id."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from data import scores
from data.db import Db
from data.errors import NotAllowed
from data.expected import read_probabilities
from data.reading import read_for_scoring
from data.scope import Scope
from settings import Settings
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, LEADER, SUPERVISOR
from ui.headers import policy

from .busy_county import fill


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:  # type: ignore[no-untyped-def]
    return fill(small_county(sqlite_db))


def test_probabilities_stand_on_the_rows_of_the_figures_and_no_id_with_them(county: Db) -> None:
    operator, now = Scope.operator(), county.now()
    cases = read_for_scoring(county, operator, now).cases
    chosen = cases[cases.index % 3 == 0]
    table = pd.DataFrame(
        {"case_id": chosen["case_id"], "probability": (chosen.index % 90) / 100}
    ).sample(frac=1, random_state=3)
    scores.save_run(county, operator, now, "v1", table, [])
    for scope in (SUPERVISOR, LEADER):
        found = read_probabilities(county, scope, county.now())
        assert len(found) == len(cases)
        assert found.index.equals(cases.index)
        assert found[chosen.index].tolist() == ((chosen.index % 90) / 100).tolist()
        assert found.drop(chosen.index).isna().all()
    early = now - dt.timedelta(days=200)
    before = read_probabilities(county, SUPERVISOR, early)
    assert before.isna().all(), "a scoring that came later is not known yet"
    known = read_probabilities(county, SUPERVISOR, early, county.now())
    then = read_for_scoring(county, operator, early).cases
    match = then["case_id"].map(table.set_index("case_id")["probability"])
    pd.testing.assert_series_equal(known, match.rename("probability"), check_index_type=False,
                                   check_names=False)  # fmt: skip


@pytest.mark.parametrize("scope", [DESK, LABOUR, ADMINISTRATOR, Scope.public()])
def test_nobody_else_reads_them(county: Db, scope: Scope) -> None:
    with pytest.raises(NotAllowed):
        read_probabilities(county, scope, county.now())


TILES = "https://maps.example:8443/t/{z}/{x}/{y}.png"


def test_only_the_map_s_frame_may_show_the_county_s_own_tiles() -> None:
    origin = Settings.from_env({"ZAOJIE_MAP_TILES": TILES}).tiles_origin
    assert origin == "https://maps.example:8443"
    assert f"img-src 'self' data: blob: {origin};" in policy(True, origin)
    assert "img-src 'self' data: blob:;" in policy(True)
    assert origin not in policy(False)


@pytest.mark.parametrize(
    "address",
    ["maps.example/{z}/{x}/{y}", "https://maps.example/{z}/{x}", "https://a.example/{z}/{x}/{y}; x",
     "https://a b/{z}/{x}/{y}", "javascript://a/{z}/{x}/{y}", "https://a/{z}/{x}/{y}'\""],
)  # fmt: skip
def test_an_address_of_tiles_that_could_mean_something_else_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="ZAOJIE_MAP_TILES"):
        Settings.from_env({"ZAOJIE_MAP_TILES": address})
