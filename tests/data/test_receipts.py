"""Codes: chance alone, a check character that catches slips, and only a hash in the store."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from data import receipts
from data.keys import Keys
from data.receipts import ALPHABET, MalformedCode, check_character, new_code, normalised, shown
from data.record import register
from data.schema import metadata
from tests.conftest import DESK

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
