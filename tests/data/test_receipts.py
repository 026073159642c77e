"""Codes: chance alone, a check character that catches slips, and only a hash in the store."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from data import bulk, receipts
from data.errors import NotAllowed, NotFound
from data.keys import Keys
from data.receipts import ALPHABET, MalformedCode, check_character, new_code, normalised, shown
from data.record import confirm, register
from data.schema import audit as audit_table
from data.schema import case_version, metadata
from data.scope import Scope
from tests.conftest import (
    ADMINISTRATOR,
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    REVIEWER,
    SUPERVISOR,
)

codes = st.text(alphabet=ALPHABET, min_size=16, max_size=16).map(lambda b: b + check_character(b))


@given(codes, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_every_single_slip_is_caught(code, place, letter):
    typed = code[:place] + letter + code[place + 1 :]
    if typed != code:
        with pytest.raises(MalformedCode):
            normalised(typed)


def test_nearly_every_swap_of_neighbours_is_caught():
    missed = tried = 0
    for a in ALPHABET:
        for b in ALPHABET:
            if a == b:
                continue
            body = a + b + "7KQ2M9XWP4TR5Z"
            swapped = b + a + body[2:]
            tried += 1
            missed += check_character(body) == check_character(swapped)
    assert missed / tried < 0.005


@given(codes)
def test_a_code_is_understood_in_any_case_width_and_spacing(code):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code.lower())
    assert normalised(shown(code)) == normalised(wide) == normalised(f" {code.lower()} ") == code


def test_codes_differ_and_have_no_look_alikes():
    made = {new_code() for _ in range(1000)}
    assert len(made) == 1000
    assert not set("01IO") & set("".join(made))


def test_the_store_holds_no_code(county, new_case):
    made = register(county, DESK, new_case())
    with county.read() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(sa.select(table)):
                assert made.slip.code not in str(tuple(row))
                assert made.slip.tag not in str(tuple(row))


def test_a_code_of_an_older_key_still_opens(county, new_case):
    made = register(county, DESK, new_case())
    material = {p: dict(v) for p, v in county.keys.material.items()}
    material["receipt"][2] = Keys.fresh().material["receipt"][1]
    newer = type(county)(county.engine, Keys(material), county.now)
    assert receipts.find(newer, made.slip.code).case_id == made.case_id
    assert receipts.is_genuine(newer, made.slip.code, made.slip.tag)


def test_a_tag_belongs_to_one_code_of_one_office(county, new_case):
    made = register(county, DESK, new_case())
    assert receipts.is_genuine(county, made.slip.code, made.slip.tag.lower())
    assert not receipts.is_genuine(county, new_code(), made.slip.tag)
    other = type(county)(county.engine, Keys.fresh(), county.now)
    assert not receipts.is_genuine(other, made.slip.code, made.slip.tag)


def test_an_unknown_code_opens_nothing(county):
    assert receipts.find(county, new_code()) is None


def test_a_case_taken_over_gets_its_first_slip_once_and_its_asker_confirms_by_it(county, ledger):
    case_id = ledger()
    assert receipts.without_receipt(county, LABOUR) == {case_id}
    assert receipts.without_receipt(county, SUPERVISOR) == {case_id}
    slip = receipts.issue_first(county, LABOUR, case_id)
    assert receipts.without_receipt(county, LABOUR) == set()
    opened = receipts.find(county, slip.code)
    assert (opened.case_id, opened.is_reissued) == (case_id, False)
    assert confirm(county, opened.scope, opened)
    with pytest.raises(NotAllowed) as again:
        receipts.issue_first(county, LABOUR, case_id)
    assert again.value.key == "data.error.has_receipt"
    with county.read() as conn:
        told = conn.execute(sa.select(audit_table.c.who, audit_table.c.target).where(
            audit_table.c.action == "receipt_issued"
        )).all()  # fmt: skip
    assert told == [(LABOUR.who, case_id)]


def test_the_desk_that_registered_a_case_makes_its_slip_too_nobody_else_does(county, ledger):
    case_id = ledger()
    for other in (HOUSING, REVIEWER):
        assert receipts.without_receipt(county, other) == set()
        with pytest.raises(NotFound):
            receipts.issue_first(county, other, case_id)
    for role in (SUPERVISOR, LEADER, ADMINISTRATOR, GRID_WORKER, Scope.operator()):
        with pytest.raises(NotAllowed):
            receipts.issue_first(county, role, case_id)
    assert receipts.without_receipt(county, DESK) == {case_id}
    receipts.issue_first(county, DESK, case_id)


def test_a_registered_case_has_its_slip_from_the_start(county, new_case):
    done = register(county, DESK, new_case())
    assert receipts.without_receipt(county, SUPERVISOR) == set()
    with pytest.raises(NotAllowed):
        receipts.issue_first(county, DESK, done.case_id)


@pytest.fixture
def ledger(county):
    """One case of an older system, registered by the east town, owed by the labour bureau."""

    def take() -> str:
        row = {
            "opened_at": pd.Timestamp("2026-02-02T01:00Z"), "township_code": "990000001000",
            "known_at": pd.Timestamp("2026-02-02T01:00Z"), "grid_code": None, "domain": "labour",
            "category": "unpaid_wages", "kind": "redress", "channel": "desk", "amount_band": None,
            "procedure": "ordinary", "body_id": "b01", "desk": "t01", "limit_at": None,
            "needs_confirmation": True,
        }  # fmt: skip
        step = {
            "case": 0, "event": "registered", "occurred_at": row["opened_at"], "actor": "office",
            "known_at": row["opened_at"], "body_id": "t01", "to_body_id": None, "days": None,
            "code": None,
        }  # fmt: skip
        cases, events = pd.DataFrame([row]), pd.DataFrame([step])
        bulk.take_over(county, Scope.operator(), cases, events, source_name="ledger.csv")
        with county.read() as conn:
            return conn.execute(sa.select(case_version.c.case_id)).scalar_one()

    return take
