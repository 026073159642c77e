"""One county and one server for all journeys; every journey at both sizes, in Chinese.

With ZAOJIE_TOUR (a folder) they are walked in a larger county, and the picture and times of every
step are kept there; ZAOJIE_TOUR_LANGUAGES="zh en" walks in English as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Visit, _servers

from .county import LARGER, SMALL, MadeCounty, made
from .frame import SIZES, Journey, Walk, in_words
from .names import JOURNEYS

TOUR = Path(os.environ["ZAOJIE_TOUR"]) if "ZAOJIE_TOUR" in os.environ else None
LANGUAGES = os.environ.get("ZAOJIE_TOUR_LANGUAGES", "zh").split()
RUNS = [(language, size) for language in LANGUAGES for size in SIZES]


@pytest.fixture(scope="package")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeCounty]:
    """The made-up county."""
    county = made(tmp_path_factory.mktemp("county"), LARGER if TOUR else SMALL)
    yield county
    county.db.engine.dispose()


@pytest.fixture(scope="package")
def base(county: MadeCounty) -> Iterator[str]:
    """The address of its server."""
    with _servers(county.folder) as start:
        yield start(str(county.db.engine.url), **county.environment)


class Walker:
    """Begins walks of one run; `turn` counts the runs, for journeys that need a desk each."""

    def __init__(self, visit: Callable[..., Visit], base: str, run: tuple[str, str]) -> None:
        self.visit, self.base, self.run, self.walks = visit, base, run, list[Walk]()
        self.turn = RUNS.index(run)

    def __call__(self, name: str) -> Walk:
        walk = Walk(self.visit, self.base, Journey(name, *self.run), TOUR)
        self.walks.append(walk)
        return walk


@pytest.fixture(params=RUNS, ids="-".join)
def walker(
    request: pytest.FixtureRequest,
    visit: Callable[..., Visit],
    base: str,
    record_property: Callable[[str, object], None],
) -> Iterator[Walker]:
    """`walker("zero-filing")` begins a journey; its times are printed at the end of all tests."""
    walker = Walker(visit, base, request.param)
    yield walker
    for walk in walker.walks:
        goal = JOURNEYS[walk.journey.name].goal_zh
        record_property("journey", in_words(walk.journey, goal))
