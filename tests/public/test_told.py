"""What the office says it told the asker, and the asker's "I was not told" beside it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from data import record
from data.db import Db
from data.history import NewEvent
from data.reading import read_case
from data.receipts import Slip
from data.scope import Scope
from wording import formats, t

from .conftest import DESK, LABOUR, Reader, office, words


def zh(key: str, **values: object) -> str:
    return t(f"public.told.{key}", "zh", **values)


def section(reader: Reader, slip: Slip) -> str:
    page = words(reader.open(slip.code))
    return page.split(zh("title"))[1].split(t("public.asked.title", "zh"))[0]


def test_nothing_told_is_said_plainly(reader: Reader, slip: Slip) -> None:
    assert zh("none") in section(reader, slip)


def test_every_message_stands_with_its_day_body_and_words_newest_first(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    office(county, answered.case_id, "notified", words={"said": "短信告知<受理>。"})
    clock.go(days=2)
    office(county, answered.case_id, "delivered", words={"said": "挂号信送达。"})
    said = section(reader, answered)
    assert said.index("挂号信送达。") < said.index("短信告知<受理>。")
    assert "2026年3月16日" in said
    assert "人社局" in said
    whole = words(reader.open(answered.code))
    assert whole.count("挂号信送达。") == 1, "once is enough"


def test_i_was_not_told_stands_beside_the_message_it_disputes(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    office(county, answered.case_id, "notified", words={"said": "第一次告知。"})
    clock.go(days=1)
    assert reader.post("/s/say", code=answered.code, event="not_told").status_code == 200
    clock.go(days=1)
    office(county, answered.case_id, "notified", words={"said": "第二次告知。"})
    said = section(reader, answered)
    first, second = said.index("第一次告知。"), said.index("第二次告知。")
    disputed = said.index("，您说没有收到")
    assert second < first < disputed
    assert said.count("，您说没有收到") == 1
    assert t("public.say.not_told.button", "zh") in said


def test_a_message_written_down_late_says_so(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    said_at = clock()
    clock.go(days=5)
    office(county, answered.case_id, "notified", occurred_at=said_at, words={"said": "电话告知。"})
    assert "记入系统的时间" in section(reader, answered)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_should_have_been_told_and_was_not_is_said(
    reader: Reader, county: Db, slip: Slip, clock, language: str
) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    clock.go(days=1)
    extension = {"days": 30, "code": "complex", "words": {"reason": "等鉴定。"}}
    office(county, slip.case_id, "extended", **extension)

    def owed() -> list[str]:
        page = words(reader.open(slip.code, lang=language))
        events = ("accepted", "extended")
        told = page.split(t("public.told.title", language))[1]
        for end in ("public.asked.title", "public.say.not_told.what"):
            told = told.split(t(end, language))[0]
        return [e for e in events if t(f"words.event.{e}", language) in told]

    assert owed() == ["accepted", "extended"]
    clock.go(days=1)
    office(county, slip.case_id, "notified", words={"said": "已告知。"})
    assert owed() == []
    clock.go(days=1)
    reader.post("/s/say", code=slip.code, event="not_told")
    assert owed() == ["extended"]
    page = words(reader.open(slip.code, lang=language))
    assert t("public.told.said_not", language) in page


def test_a_step_alongside_the_answer_shows_how_far_it_is_and_its_day(
    reader: Reader, county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    day = dt.date(2026, 3, 20)
    office(county, slip.case_id, "mediated", code="arranged", planned_on=day)
    page = words(reader.open(slip.code))
    assert t("casepage.linked.arranged", "zh") in page
    assert "2026年3月20日 星期五" in page


def test_what_was_not_told_may_be_picked_from_what_had_to_be_told(
    reader: Reader, county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    clock.go(days=1)
    reason = {"days": 30, "code": "complex", "words": {"reason": "等鉴定。"}}
    office(county, slip.case_id, "extended", **reason)
    office(county, slip.case_id, "notified", words={"said": "已告知。"})
    clock.go(days=1)
    offered = re.findall(r'<option value="(\w*)"', reader.open(slip.code).text)
    assert offered == ["", "accepted", "extended"], "what happened, and nothing else"
    for wrong in ("answered", "paused", "张三"):
        said = {"event": "not_told", "about": wrong}
        assert reader.post("/s/say", code=slip.code, **said).status_code == 400
    assert reader.post("/s/say", code=slip.code, event="not_solved", about="x").status_code == 400
    done = reader.post("/s/say", code=slip.code, event="not_told", about="accepted")
    assert done.status_code == 200
    history = read_case(county, LABOUR, slip.case_id)
    assert history.events[-1].code == "accepted"
    page = words(reader.open(slip.code))
    of = zh("of", event=t("words.event.accepted", "zh"))
    assert page.count(of) == 2, "beside the message and in the timeline"
    owed = page.split(zh("owed"))[1].split(t("public.asked.title", "zh"))[0]
    assert t("words.event.accepted", "zh") in owed
    assert t("words.event.extended", "zh") not in owed, "told, and not disputed"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_objected_until_when_and_what_was_decided(
    reader: Reader, county: Db, slip: Slip, clock, language: str
) -> None:  # type: ignore[no-untyped-def]
    def said(key: str, **values: object) -> str:
        return t(f"public.turns.{key}", language, **values)

    judge = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")
    clock.go(days=1)
    to = {"to_body_id": "b02", "code": "by_task", "words": {"reason": "属于住建。"}}
    record.add_event(county, DESK, slip.case_id, NewEvent("transferred", **to), judge)
    last = formats.day(dt.date(2026, 3, 13), language)
    open_page = words(reader.open(slip.code, lang=language))
    assert said("may_object", last=last) in open_page
    clock.go(days=1)
    housing = replace(LABOUR, bodies=frozenset({"b02"}), desk="b02")
    no = NewEvent("objected", words={"reason": "不属本单位。"})
    record.add_event(county, housing, slip.case_id, no, judge)
    page = words(reader.open(slip.code, lang=language))
    name = {"zh": "住建局", "en": "Housing Bureau"}[language]
    for text in (said("objected", body=name), said("until", last=last), said("undecided")):
        assert text in page
    assert said("may_object", last=last) not in page
    clock.go(days=1)
    back = {"to_body_id": "b01", "code": "objection_upheld", "words": {"reason": "异议成立。"}}
    supervisor = Scope(who="sup", role="supervisor")
    record.add_event(county, supervisor, slip.case_id, NewEvent("transferred", **back), judge)
    page = words(reader.open(slip.code, lang=language))
    at = formats.day(clock().astimezone(ZoneInfo("Asia/Shanghai")).date(), language)
    body = {"zh": "人社局", "en": "Labour Bureau"}[language]
    assert said("passed", body=body, at=at) in page
    assert said("undecided") not in page
