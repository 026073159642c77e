"""A wrongly entered category or place: asked with any code, checked by the office, told."""

from __future__ import annotations

import pytest

from data import corrections, receipts
from data.categories import load_categories
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.reading import read_case, read_figures
from data.receipts import Slip, find
from data.scope import Scope
from data.vocabulary import CORRECTION_DECLINE_REASONS
from tests.conftest import DESK, HOUSING, LABOUR, SUPERVISOR
from wording import t

from .conftest import Reader, hidden, office, words

CATEGORIES = load_categories().by_id
OTHER = next(c for c in CATEGORIES.values() if c.domain != "labour" and not c.is_place_protected)
FAMILY = next(c for c in CATEGORIES.values() if c.is_place_protected)


def ask(reader: Reader, code: str, field: str, value: str, **also: str) -> int:
    return reader.post("/s/correct", code=code, field=field, **{field: value}, **also).status_code


def scope_of(db: Db, slip: Slip) -> Scope:
    opened = find(db, slip.code)
    assert opened is not None
    return opened.scope


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_names_what_is_entered_and_every_choice_from_the_lists(
    reader: Reader, slip: Slip, language: str
) -> None:
    page = reader.post("/s/correct", code=slip.code, lang=language)
    assert page.status_code == 200
    said = words(page)
    for category in CATEGORIES.values():
        assert category.names[language] in said
    assert t("public.correct.desk", language) in said
    assert 'value="990000002000"' in page.text
    assert "<script" not in page.text
    assert page.text.count("<textarea") == 0


def test_any_code_asks_and_both_request_and_result_stand_on_the_page(
    reader: Reader, county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    with county.write() as conn:
        again = receipts.issue(county, conn, slip.case_id, "t01", clock(), reissued=True)
    assert ask(reader, again.code, "category", OTHER.category_id) == 200
    page = words(reader.open(slip.code))
    assert OTHER.names["zh"] in page
    assert t("public.correct.waits", "zh") in page
    then = county.now()
    clock.go(days=1)
    corrections.make(county, LABOUR, slip.case_id, "category", OTHER.category_id, CATEGORIES)
    page = words(reader.open(slip.code))
    assert t("public.correct.waits", "zh") not in page
    assert f"已改为：{OTHER.names['zh']}" in page
    history = read_case(county, LABOUR, slip.case_id)
    assert (history.category, history.domain) == (OTHER.category_id, OTHER.domain)
    # the rules and clocks are those it began with, and what was known then stays
    assert (history.pack, history.procedure) == ("cn_xinfang_2022", "ordinary")
    assert "2026年3月20日" in page
    before = read_figures(county, SUPERVISOR, then).cases
    assert list(before["category"]) == ["unpaid_wages"]


def test_a_reason_why_not_is_shown_and_it_may_be_asked_again(
    reader: Reader, county: Db, slip: Slip
) -> None:
    assert ask(reader, slip.code, "place", "990000002000") == 200
    assert ask(reader, slip.code, "place", "990000002000") == 400, "one at a time"
    reason = CORRECTION_DECLINE_REASONS[1]
    corrections.decline(county, LABOUR, slip.case_id, "place", reason)
    assert t(f"corrections.reason.{reason}", "zh") in words(reader.open(slip.code))
    assert read_case(county, LABOUR, slip.case_id).township_code == "990000001000"
    assert ask(reader, slip.code, "place", "-") == 200
    assert t("public.correct.desk", "zh") in words(reader.open(slip.code))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", "nobody"), ("category", ""), ("category", "unpaid_wages"), ("category", "-"),
        ("place", "990000001000"), ("place", "000"), ("place", ""), ("name", "x"),
    ],
)  # fmt: skip
def test_only_another_entry_of_the_lists_can_be_asked_for(
    reader: Reader, county: Db, slip: Slip, field: str, value: str
) -> None:
    assert ask(reader, slip.code, field, value) == 400
    assert corrections.corrections(county, scope_of(county, slip), slip.case_id) == ()


def test_the_place_is_corrected_by_the_desk_that_still_has_the_case(
    reader: Reader, county: Db, slip: Slip
) -> None:
    ask(reader, slip.code, "place", "-")
    with pytest.raises(NotAllowed):  # a grid of a layer that does not lie there
        corrections.make(
            county, LABOUR, slip.case_id, "place", "990000002000", CATEGORIES, "990000001001001"
        )
    corrections.make(county, DESK, slip.case_id, "place", "990000002000", CATEGORIES)
    assert read_case(county, LABOUR, slip.case_id).township_code == "990000002000"


def test_nobody_else_decides_and_nothing_is_decided_twice(
    reader: Reader, county: Db, slip: Slip
) -> None:
    for scope in (LABOUR, DESK):
        with pytest.raises(NotAllowed):
            corrections.decline(county, scope, slip.case_id, "place", "place_elsewhere")
    ask(reader, slip.code, "place", "-")
    with pytest.raises(NotFound):
        corrections.decline(county, HOUSING, slip.case_id, "place", "place_elsewhere")
    with pytest.raises(NotAllowed):
        corrections.decline(county, SUPERVISOR, slip.case_id, "place", "place_elsewhere")
    with pytest.raises(NotAllowed):
        corrections.decline(county, LABOUR, slip.case_id, "place", "because")
    own = scope_of(county, slip)
    with pytest.raises(NotAllowed):
        corrections.make(county, own, slip.case_id, "place", "990000002000", CATEGORIES)
    corrections.decline(county, LABOUR, slip.case_id, "place", "place_elsewhere")
    with pytest.raises(NotAllowed):
        corrections.make(county, LABOUR, slip.case_id, "place", "990000002000", CATEGORIES)


def test_after_it_was_passed_on_the_desk_decides_no_more(
    reader: Reader, county: Db, slip: Slip
) -> None:
    ask(reader, slip.code, "place", "-")
    office(county, slip.case_id, "accepted")
    with pytest.raises(NotFound):
        corrections.decline(county, DESK, slip.case_id, "place", "place_elsewhere")


def test_a_family_matter_keeps_no_place_below_the_township(
    reader: Reader, county: Db, slip: Slip
) -> None:
    ask(reader, slip.code, "category", FAMILY.category_id)
    corrections.make(county, LABOUR, slip.case_id, "category", FAMILY.category_id, CATEGORIES)
    assert read_case(county, LABOUR, slip.case_id).grid_code is None


def test_a_case_somebody_did_not_ask_for_is_not_corrected(reader: Reader, slip: Slip) -> None:
    first = hidden(reader.open(slip.code), "first")
    reader.post("/s/say", code=slip.code, first=first, event="disowned")
    assert reader.post("/s/correct", code=slip.code).status_code == 400
    assert ask(reader, slip.code, "place", "-") == 400
