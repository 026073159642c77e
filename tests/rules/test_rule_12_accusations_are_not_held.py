"""DOMAIN.md §2.12: accusations are not held, and case numbers are random."""

from __future__ import annotations

import ast
import itertools
import random

import numpy as np
import pytest

from data import record
from data.db import Db
from data.rows import NewCase
from data.vocabulary import KINDS
from tests.conftest import DESK
from tests.public.conftest import Reader, words
from tests.test_architecture import ROOT
from wording import has, t

from . import golden

CHANNELS = ("12388", "12309", "12345")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_wants_to_accuse_an_office_is_told_where(reader: Reader, language: str) -> None:
    page = words(reader.get("/s", params={"lang": language}))
    for number in CHANNELS:
        assert number in page
    assert t("public.accuse.title", language) in page


def test_the_residents_door_has_nothing_to_write_an_accusation_into(reader: Reader, slip) -> None:  # type: ignore[no-untyped-def]
    for page in (reader.get("/s"), reader.get("/s/about"), reader.open(slip.code)):
        assert "<textarea" not in page.text
        assert 'type="file"' not in page.text
    typed = {line for line in golden.form_fields() if line.startswith("html public/")}
    kinds = ("input text", "input password", "textarea text")
    texts = {line.split()[-1] for line in typed if any(kind in line for kind in kinds)}
    # of asking online: the words a category is found by, and the request, with the way on its page
    assert texts - {"find", "text"} == {"code", "tag", "word", "again"}


def test_staff_are_told_the_channels_and_have_no_field_for_it() -> None:
    tree = ast.parse((ROOT / "ui" / "register_accuse.py").read_text("utf-8"))
    drawn = {n.func.attr for n in ast.walk(tree)
             if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}  # fmt: skip
    assert not drawn & golden.WIDGETS
    for language in ("zh", "en"):
        said = " ".join(t(f"public.accuse.cn{n}", language) for n in range(1, 9)
                        if has(f"public.accuse.cn{n}", language))  # fmt: skip
        assert all(number in said for number in CHANNELS)


def test_no_kind_no_column_and_no_word_holds_an_accusation() -> None:
    assert KINDS == ("redress", "suggestion")
    names = [*golden.columns(), *golden.form_fields(), *golden.words()]
    assert [n for n in names if "accus" in n or "report_official" in n or "whistle" in n] == []


def numbers(db: Db, new_case, count: int) -> list[str]:
    made: list[NewCase] = [new_case() for _ in range(count)]
    return [one.case_id for one in record.register_all(db, DESK, made)]


def test_case_numbers_tell_no_order_and_no_gaps(county: Db, new_case) -> None:
    ids = numbers(county, new_case, 300)
    assert len(set(ids)) == 300
    place = np.argsort(np.argsort(ids))
    assert abs(np.corrcoef(place, np.arange(300))[0, 1]) < 0.25
    digits = [id_.replace("-", "") for id_ in ids]
    assert {len(digit) for digit in digits} == {12}
    for position in range(12):
        # no letter of a number stands still or counts up
        letters = [digit[position] for digit in digits]
        assert len(set(letters)) > 20
        steps = {(ord(b) - ord(a)) for a, b in itertools.pairwise(letters)}
        assert len(steps) > 20


def test_the_same_cases_get_other_numbers_each_time(another, new_case) -> None:
    random.seed(1)
    np.random.seed(1)
    first = numbers(another(), new_case, 20)
    random.seed(1)
    np.random.seed(1)
    assert not set(first) & set(numbers(another(), new_case, 20))


def test_a_case_number_opens_nothing(county: Db, slip, reader: Reader) -> None:
    for typed in (slip.case_id, slip.case_id.replace("-", ""), slip.case_id + "2222"):
        assert reader.open(typed).status_code == 400
