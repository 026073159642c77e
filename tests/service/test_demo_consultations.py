"""The demo county has a consultation in every state, in both languages; a real county gets none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casework.consulting import STAGES
from data import consultation_issues, consultations, places
from data.db import Db, set_up
from data.errors import NotAllowed
from data.scope import Scope
from service import consultations as served
from service import suggestions
from service.demo_consultations import ALL, make_consultations
from tests.conftest import BODIES, COUNTY, SUPERVISOR, TOWNSHIPS


def demo(db: Db) -> Db:
    set_up(db, replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    return db


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_is_shown_and_marked_as_demo(sqlite_db: Db, language: str) -> None:
    db = demo(sqlite_db)
    assert make_consultations(db, 7, language) == len(ALL)
    found = served.listed(db, Scope.public())
    assert all(found[stage] for stage in STAGES)
    outcomes = {one.said["decision"]["outcome"] for one in found["decided"]}
    assert outcomes == {"as_drafted", "changed", "postponed"}
    versions = consultation_issues.read_all(db, Scope.public())
    assert all(one.said()["demo"] for one in versions)
    assert max(one.number for one in versions) == 3
    works = consultations.read_all(db, SUPERVISOR)
    assert len(works) == sum(map(len, found.values())) + 1  # a draft
    assert len(suggestions.published(db, Scope.public())) == 3


def test_none_of_it_comes_into_a_real_county(sqlite_db: Db, small_county) -> None:  # type: ignore[no-untyped-def]
    db = small_county(sqlite_db)
    with pytest.raises(NotAllowed):
        make_consultations(db, 7)
    assert consultations.read_all(db, SUPERVISOR) == ()
