"""A review goes to the body above and starts its clock there; the page says who, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from starlette.applications import Starlette

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from data import places, reading, record
from data.db import Db, set_up
from data.errors import NotFound
from data.history import NewEvent
from data.receipts import Slip, find
from data.scope import Scope
from public.routes import routes
from service.figures import worklist
from tests.conftest import BODIES, COUNTY, REVIEWER, TOWNSHIPS
from wording import t

from .conftest import ANSWER, LABOUR, Reader, office, register, words

JUDGE = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")
OPINION = {
    "facts": "查明属实。",
    "opinion": "维持。",
    "basis": "条例。",
    "remedy": "可以申请复核。",
}


@pytest.fixture
def no_reviewer(sqlite_db: Db) -> Db:
    """The same county, which named nobody who reviews."""
    set_up(sqlite_db, COUNTY)
    bodies = BODIES.assign(reviewed_by=pd.Series([None] * len(BODIES), dtype="str"))
    places.save_offices(sqlite_db, Scope.operator(), bodies, TOWNSHIPS)
    return sqlite_db


def ask(reader: Reader, slip: Slip, event: str, **fields: str) -> str:
    reply = reader.post("/s/say", code=slip.code, event=event, **fields)
    assert reply.status_code == 200, words(reply)
    return words(reply)


def test_a_review_goes_to_the_body_named_for_it_with_its_clock(
    reader: Reader, county: Db, answered: Slip
) -> None:
    before = words(reader.open(answered.code))
    assert t("public.review.to", "zh", body="复查办") in before
    done = ask(reader, answered, "review_requested")
    # asked on 16 March: 30 days end on 15 April
    assert t("public.done.due", "zh", body="复查办") in done
    assert "2026年4月15日" in done
    history = reading.read_case(county, REVIEWER, answered.case_id)
    assert (history.body_id, history.events[-1].to_body_id) == ("rv", "rv")
    with pytest.raises(NotFound):
        reading.read_case(county, LABOUR, answered.case_id)
    assert list(worklist(county, REVIEWER, county.now()).table.cases["case_id"]) == [
        answered.case_id
    ]
    assert worklist(county, LABOUR, county.now()).table.cases.empty


def test_who_reviews_is_the_records_to_say_not_the_senders(county: Db, answered: Slip) -> None:
    opened = find(county, answered.code)
    assert opened is not None
    new = NewEvent("review_requested", to_body_id="b02")
    record.add_event(county, opened.scope, answered.case_id, new, JUDGE)
    assert reading.read_case(county, REVIEWER, answered.case_id).body_id == "rv"
    other = NewEvent("not_told", to_body_id="b02")
    record.add_event(county, opened.scope, answered.case_id, other, JUDGE)
    assert reading.read_case(county, REVIEWER, answered.case_id).body_id == "rv"


def test_a_recheck_above_a_reviewer_with_nobody_above_stays_and_the_page_says_so(
    reader: Reader, county: Db, answered: Slip, clock: Callable[..., dt.datetime]
) -> None:
    ask(reader, answered, "review_requested")
    clock.go(days=5)  # type: ignore[attr-defined]
    new = NewEvent("reviewed", words=OPINION)
    record.add_event(county, REVIEWER, answered.case_id, new, JUDGE)
    page = words(reader.open(answered.code))
    assert t("public.review.nobody", "zh", body="复查办") in page
    done = ask(reader, answered, "recheck_requested")
    assert t("public.review.unnamed", "zh", body="复查办") in done
    assert "2026年4月20日" in done
    assert t("public.review.unnamed", "zh", body="复查办") in words(reader.open(answered.code))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_nobody_is_named_it_stays_with_the_body_that_answered_and_says_where_to_go(
    no_reviewer: Db, clock: Callable[..., dt.datetime], language: str
) -> None:
    slip = register(no_reviewer)
    clock.go(days=1)  # type: ignore[attr-defined]
    office(no_reviewer, slip.case_id, "accepted")
    office(no_reviewer, slip.case_id, "answered", words=ANSWER)
    reader = Reader(Starlette(routes=routes(lambda: no_reviewer)))
    body = {"zh": "人社局", "en": "Labour Bureau"}[language]
    page = words(reader.open(slip.code, lang=language))
    assert t("public.review.nobody", language, body=body) in page
    done = ask(reader, slip, "review_requested", lang=language)
    assert t("public.review.unnamed", language, body=body) in done
    assert reading.read_case(no_reviewer, LABOUR, slip.case_id).body_id == "b01"


def test_the_time_with_each_office_is_shown_once_it_moved(
    reader: Reader, county: Db, answered: Slip, clock: Callable[..., dt.datetime]
) -> None:
    assert t("public.turns.title", "zh") not in reader.open(answered.code).text
    clock.go(days=4)  # type: ignore[attr-defined]
    ask(reader, answered, "review_requested")
    clock.go(days=6)  # type: ignore[attr-defined]
    said = words(reader.open(answered.code)).split(t("public.turns.title", "zh"))[1]
    # registered on 5 March, asked for a review on the 20th, now the 26th
    assert "人社局 · 2026年3月5日至2026年3月20日，15 日" in said
    assert "复查办 · 2026年3月20日起至今，6 日" in said
