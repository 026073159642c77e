"""5,000 things that random roles try on random cases; the store and the access table must agree."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from data import record
from data.db import Db
from data.history import NewEvent
from data.scope import Scope
from tests.conftest import DESK, Clock
from tests.service.test_hostile_clerk import plain_case

from .table import ON_CASE, ON_COUNTY, OTHER, ROLES, anything
from .test_table import works

ACTIONS = 5_000
LEFT_OUT = ("correction", "erase", "end texts")
"""What can be done once only, and is walked in `test_table.py`; and a run over every case."""
OF_THE_EAST = ("register a case", "file the day")
"""What the table tries in the eastern township: refused to the clerk of the western one."""
WEST = Scope("clerk-west", "township_clerk", frozenset({"990000002000"}), frozenset({"t02"}), "t02")


@dataclass
class Known:
    """What this walk knows of one case, written down beside the store."""

    body: str
    desk: str
    passed: bool = False
    objected: bool = False

    def relation(self, scope: Scope) -> str:
        if self.body in scope.bodies:
            return "owes"
        if scope.desk == self.desk and scope.bodies:
            return "passed_on" if self.passed else "registered"
        return "other"


def test_the_store_and_the_table_agree_in_five_thousand_actions(
    sqlite_db: Db, small_county, clock: Clock
) -> None:
    db, rng = small_county(sqlite_db), random.Random(20)
    on_case = [one for one in ON_CASE if not any(word in one.name for word in LEFT_OUT)]
    on_county = [one for one in ON_COUNTY if not any(word in one.name for word in LEFT_OUT)]
    scopes = [*ROLES.items(), *OTHER.items(), ("township_clerk", WEST), ("the asker", None)]
    known: dict[str, Known] = {}
    seen: Counter[tuple[str, bool]] = Counter()
    for number in range(ACTIONS):
        clock.go(seconds=60)
        if number % 60 == 0:
            desk = rng.choice((DESK, WEST))
            body = rng.choice(("b01", "b02", "t01", "t02"))
            case = plain_case(db.now(), body, next(iter(desk.townships)))
            known[record.register(db, desk, case).case_id] = Known(body, str(desk.desk))
        role, scope = rng.choice(scopes)
        if scope is not None and rng.random() < 0.1:
            of = rng.choice(on_county)
            may = role in of.roles and not (scope is WEST and of.name in OF_THE_EAST)
            assert works(of.run, db, scope) == may, (number, of.name, role)
            continue
        case_id, one = rng.choice(list(known.items()))
        scope = Scope(case_id, "resident") if scope is None else scope
        action = rng.choice(on_case)
        may = action.may(role, one.relation(scope))
        if action.name.startswith("pass it on") and role == "supervisor":
            may = one.objected
        if action.name.startswith("issue another code") and role == "township_clerk":
            may = scope.desk == one.desk
        assert works(action.run, db, scope, case_id) == may, (number, action.name, role, one)
        seen[action.name, may] += 1
        if may and action.name.startswith("pass it on"):
            one.body, one.passed, one.objected = "b02", True, False
        if rng.random() < 0.02:
            office = next((s for _, s in scopes if s and one.body in s.bodies), None)
            if office is not None:
                record.add_event(db, office, case_id, NewEvent("objected"), anything)
                one.objected = True
    assert all(seen[action.name, may] for action in on_case for may in (True, False)), seen
