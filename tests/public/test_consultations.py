"""Consultations and suggestions on the open pages: every state, every version, nothing more."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from data import consultation_issues, consultations, suggestions
from data.answers import open_copy
from data.carry import copy_out
from data.consultation_checks import Comments, Decision, Notice
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.receipts import Slip, find
from data.record import confirm
from data.record import register as registered
from data.rows import NewCase
from data.scope import Scope
from public.routes import routes
from service import consultations as served
from service import suggestions as quarters
from service.case_status import case_status
from service.consultations import themes_of
from wording import formats, t

from .conftest import ANSWER, DESK, LABOUR, Reader, hidden, office, words

SUPERVISOR = Scope(who="sup", role="supervisor")
HOUSING = Scope(who="h", role="department_clerk", bodies=frozenset({"b02"}), desk="b02")
TODAY = dt.date(2026, 3, 5)
NOTICE = Notice(
    "b01", "school", "990000001000", "合并两所小学<script>alert(1)</script>",
    "定的是合并时间。<img src=x>", "政务大厅<b>", "意见窗口<i>", TODAY,
    TODAY + dt.timedelta(days=31),
)  # fmt: skip


def published(db: Db, notice: Notice = NOTICE) -> str:
    number = consultations.open_new(db, LABOUR, notice)
    served.publish(db, SUPERVISOR, number, 1)
    return number


def comment(db: Db, number: str, reply: str | None = "已研究。", **counts: int) -> None:
    said = {
        theme: Comments(counts.get(theme, 0), reply if counts.get(theme) else None)
        for theme in themes_of("school")
    }
    consultations.save_comments(db, LABOUR, number, said)


def say(key: str, language: str = "zh", **values: object) -> str:
    return t(f"consultations.{key}", language, **values)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_says_that_there_is_nothing_yet(reader: Reader, language: str) -> None:
    page = words(reader.get("/s/consultations", params={"lang": language}))
    for stage in ("open", "waiting", "decided"):
        assert say(f"public.none.{stage}", language) in page
    assert t("suggestions.public.none", language) in words(
        reader.get("/s/suggestions", params={"lang": language})
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_is_shown_unchanged_and_escaped(reader: Reader, county: Db, language: str) -> None:
    number = published(county)
    for path in ("/s/consultations", f"/s/consultations/{number}"):
        reply = reader.get(path, params={"lang": language})
        assert reply.status_code == 200
        assert len(reply.content) < 15_000
        assert "<script" not in reply.text
        assert "<img" not in reply.text
        assert "set-cookie" not in reply.headers
        assert "合并两所小学&lt;script&gt;" in reply.text
        assert say("public.left", language, days=31) in words(reply)
        assert say("public.how", language) in words(reply)
    page = words(reader.get(f"/s/consultations/{number}", params={"lang": language}))
    for said in (NOTICE.matter, NOTICE.papers_place, NOTICE.ask_desk,
                 formats.day(NOTICE.ends_on, language),
                 say("public.comments_of.not_yet", language)):  # fmt: skip
        assert said in page
    assert "<form" not in reply.text


def test_a_draft_and_what_was_entered_since_are_seen_by_nobody_outside(
    reader: Reader, county: Db
) -> None:
    draft = consultations.open_new(county, LABOUR, replace(NOTICE, title="写到一半的标题"))
    number = published(county)
    consultations.change(county, LABOUR, number, replace(NOTICE, matter="改了一半的话"))
    comment(county, number, access=5)
    of_it = ("", f"/{number}", f"/{draft}", ".csv", ".json", ".atom")
    for path in (f"/s/consultations{rest}" for rest in of_it):
        text = reader.get(path).text
        assert "写到一半" not in text
        assert "改了一半" not in text
        assert "已研究" not in text
    assert reader.get(f"/s/consultations/{draft}").status_code == 404


def test_from_notice_to_decision_every_version_stays(reader: Reader, county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    number = published(county)
    path = f"/s/consultations/{number}"
    clock.go(days=31)
    assert say("public.today") in words(reader.get(path))
    clock.go(days=4)
    assert say("public.waited", days=4) in words(reader.get(path))
    assert say("public.comments_of.waiting") in words(reader.get(path))
    comment(county, number, access=7, safety=1, timing=5)
    served.publish(county, SUPERVISOR, number, 2)
    page = words(reader.get(path))
    assert page.count("已研究。") == 3
    assert say("stage.waiting") in page
    decided = Decision("changed", NOTICE.ends_on + dt.timedelta(days=2), "多开一条校车线。<u>")
    consultations.save_decision(county, LABOUR, number, decided)
    served.publish(county, SUPERVISOR, number, 3)
    reply = reader.get(path)
    assert "多开一条校车线。&lt;u&gt;" in reply.text
    assert say("public.decided", day="2026年4月7日", outcome=say("outcome.changed")) in words(reply)
    assert say("stage.decided") in words(reader.get("/s/consultations"))
    at = formats.moment(county.now(), "zh", "Asia/Shanghai")
    for version in (1, 2):
        old = words(reader.get(f"{path}/{version}"))
        assert say("public.old", number=3, at=at) in old
        assert "多开一条校车线" not in old
    assert "已研究" not in words(reader.get(f"{path}/1"))
    assert say("public.replaces", number=2) in words(reply)


def test_small_counts_leave_the_office_nowhere(reader: Reader, county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    number = published(county)
    clock.go(days=40)
    comment(county, number, access=7, safety=1, timing=5)
    served.publish(county, SUPERVISOR, number, 2)
    said = consultation_issues.newest(county, Scope.public())[0].said()["comments"]
    assert {one["theme"]: one["count"] for one in said["themes"] if one["count"] != 0} == {
        "access": 7, "safety": None, "timing": None,
    }  # fmt: skip
    comment(county, number, access=7, safety=2, timing=5)
    served.publish(county, SUPERVISOR, number, 3)
    page = words(reader.get(f"/s/consultations/{number}"))
    assert say("public.comments_hidden") in page
    rows = reader.get("/s/consultations.csv").text.splitlines()
    assert len(rows) == 4
    assert all(",true," in row for row in rows[1:])
    versions = json.loads(reader.get("/s/consultations.json").text)["versions"]
    shown = [v["comments"] and v["comments"]["total"] for v in versions]
    assert shown == [None, 13, None]


def test_what_a_decision_needs_is_said_and_nothing_is_published_before(
    county: Db, clock  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    number = published(county)
    clock.go(days=40)
    decided = Decision("as_drafted", NOTICE.ends_on + dt.timedelta(days=2))
    consultations.save_decision(county, LABOUR, number, decided)
    with pytest.raises(NotAllowed) as err:
        served.publish(county, SUPERVISOR, number, 2)
    assert err.value.key == "consultations.lacks.no_comments"
    comment(county, number, None, access=7, safety=4)
    with pytest.raises(NotAllowed) as err:
        served.publish(county, SUPERVISOR, number, 2)
    assert err.value.key == "consultations.lacks.no_reply"
    assert err.value.values == {"count": 2}
    comment(county, number, access=7, safety=4)
    served.publish(county, SUPERVISOR, number, 2)
    for stale in (2, 3):
        with pytest.raises(NotAllowed):
            served.publish(county, SUPERVISOR, number, stale)
    assert len(consultation_issues.versions(county, Scope.public(), number)) == 2


def test_a_short_time_needs_a_reason_that_everybody_reads(reader: Reader, county: Db) -> None:
    short = replace(NOTICE, ends_on=TODAY + dt.timedelta(days=29))
    number = consultations.open_new(county, LABOUR, short)
    with pytest.raises(NotAllowed) as err:
        served.publish(county, SUPERVISOR, number, 1)
    assert err.value.key == "consultations.lacks.short"
    consultations.change(county, LABOUR, number, replace(short, short_reason="urgent"))
    served.publish(county, SUPERVISOR, number, 1)
    page = words(reader.get(f"/s/consultations/{number}"))
    assert say("public.short", usual=30, reason=say("short.urgent")) in page


def test_published_days_are_not_taken_back(county: Db) -> None:
    number = published(county)
    for wrong in (
        replace(NOTICE, starts_on=TODAY + dt.timedelta(days=1)),
        replace(NOTICE, ends_on=NOTICE.ends_on - dt.timedelta(days=1)),
    ):
        with pytest.raises(Exception, match="correction"):
            consultations.change(county, LABOUR, number, wrong)
    longer = replace(NOTICE, ends_on=NOTICE.ends_on + dt.timedelta(days=7))
    consultations.change(county, LABOUR, number, longer)
    assert served.publish(county, SUPERVISOR, number, 2).number == 2


def test_a_notice_whose_first_day_is_over_is_not_published(county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    number = consultations.open_new(county, LABOUR, NOTICE)
    clock.go(days=1)
    with pytest.raises(NotAllowed) as err:
        served.publish(county, SUPERVISOR, number, 1)
    assert err.value.key == "consultations.lacks.start_over"


def test_only_a_supervisor_publishes(county: Db) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    for scope in (LABOUR, DESK, HOUSING, Scope.public(), Scope(who="l", role="leader")):
        with pytest.raises((NotAllowed, NotFound)):
            served.publish(county, scope, number, 1)
    assert consultation_issues.newest(county, Scope.public()) == ()


@pytest.mark.parametrize(
    "path",
    ["/s/consultations/AAAA-BBBB-CCCC", "/s/consultations/x%27or%201", "/s/suggestions/2026-Q1"],
)
def test_what_is_not_there_gets_a_sentence(reader: Reader, path: str) -> None:
    reply = reader.get(path)
    assert reply.status_code == 404
    assert t("consultations.public.unknown", "zh") in words(reply) or t(
        "suggestions.public.unknown", "zh"
    ) in words(reply)


def test_a_version_that_never_was_is_not_there(reader: Reader, county: Db) -> None:
    number = published(county)
    for version in ("0", "2", "99"):
        assert reader.get(f"/s/consultations/{number}/{version}").status_code == 404


@pytest.mark.parametrize("name", [*served.FILES, *quarters.FILES, "consultations.atom"])
def test_its_files_are_open_and_linked(reader: Reader, county: Db, name: str) -> None:
    published(county)
    reply = reader.get(f"/s/{name}")
    assert reply.status_code == 200
    page = "suggestions" if name.startswith("suggestions") else "consultations"
    assert f"/s/{name}" in reader.get(f"/s/{page}").text


def test_a_copy_for_a_server_outside_holds_what_is_published_and_no_draft(
    county: Db, clock, tmp_path: Path  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    number = published(county)
    clock.go(days=40)
    comment(county, number, access=2)
    served.publish(county, SUPERVISOR, number, 2)
    out, keys = tmp_path / "copy.db", tmp_path / "copy.json"
    copy_out(county, Scope.operator(), out, keys)
    outside = open_copy(out, keys, clock)
    try:
        reader = Reader(Starlette(routes=routes(lambda: outside)))
        assert "已研究。" in words(reader.get(f"/s/consultations/{number}"))
        with outside.read() as conn:
            for table in ("consultation", "consultation_theme", "consultation_decision"):
                assert conn.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() == 0
    finally:
        outside.engine.dispose()


# what became of a suggestion ----------------------------------------------------------------------


def suggestion(db: Db, category: str = "unpaid_wages", domain: str = "labour") -> Slip:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain=domain, category=category, kind="suggestion", channel="on_behalf",
        procedure="ordinary", body_id="b01", summary="建议在路口加一盏灯。",
    )  # fmt: skip
    slip = registered(db, DESK, new).slip
    assert slip is not None
    return slip


@pytest.fixture
def suggested(county: Db, clock) -> Slip:  # type: ignore[no-untyped-def]
    slip = suggestion(county)
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    return slip


def test_the_asker_reads_what_became_of_a_suggestion_and_every_change(
    reader: Reader, county: Db, suggested: Slip, clock  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    assert t("suggestions.asker.before", "zh") in words(reader.open(suggested.code))
    with pytest.raises(NotAllowed):
        suggestions.say(county, LABOUR, suggested.case_id, "taken_up", None)
    office(county, suggested.case_id, "answered", words=ANSWER)
    assert t("suggestions.asker.none", "zh") in words(reader.open(suggested.code))
    suggestions.say(county, LABOUR, suggested.case_id, "not_taken_up", "no_funds_now")
    clock.go(days=2)
    suggestions.say(county, LABOUR, suggested.case_id, "taken_up", None)
    page = words(reader.open(suggested.code))
    assert t("suggestions.reason.no_funds_now", "zh") in page
    assert t("suggestions.outcome.taken_up", "zh") in page
    assert t("suggestions.asker.changed", "zh") in page
    assert page.index("：采纳") < page.index("：未采纳")
    with pytest.raises(NotAllowed):
        suggestions.say(county, LABOUR, suggested.case_id, "not_taken_up", None)
    with pytest.raises(NotAllowed):
        suggestions.say(county, LABOUR, suggested.case_id, "taken_up", "no_funds_now")
    for scope in (HOUSING, SUPERVISOR, Scope(suggested.case_id, "resident")):
        with pytest.raises((NotAllowed, NotFound)):
            suggestions.say(county, scope, suggested.case_id, "taken_up", None)


def test_a_machine_with_the_code_reads_the_same(county: Db, suggested: Slip) -> None:
    office(county, suggested.case_id, "answered", words=ANSWER)
    suggestions.say(county, LABOUR, suggested.case_id, "taken_in_part", "other_plan")
    opened = find(county, suggested.code)
    assert opened is not None
    assert "suggestion" not in case_status(county, opened, "zh")
    confirm(county, opened.scope, opened)
    opened = find(county, suggested.code)
    assert opened is not None
    (said,) = case_status(county, opened, "zh")["suggestion"]
    assert (said["outcome"], said["reason"]) == ("taken_in_part", "other_plan")
    assert said["body"] == {"id": "b01", "name": "人社局"}


def test_a_request_for_redress_has_no_such_outcome(
    reader: Reader, county: Db, answered: Slip
) -> None:
    with pytest.raises(NotAllowed):
        suggestions.say(county, LABOUR, answered.case_id, "taken_up", None)
    assert t("suggestions.asker.title", "zh") not in words(reader.open(answered.code))


def test_a_quarter_is_published_once_and_covered(reader: Reader, county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    slips = [suggestion(county) for _ in range(13)]
    clock.go(days=1)
    for number, slip in enumerate(slips):
        office(county, slip.case_id, "accepted")
        office(county, slip.case_id, "answered", words=ANSWER)
        if number:
            became = "taken_up" if number > 2 else "already_so"
            suggestions.say(county, LABOUR, slip.case_id, became, None)
    with pytest.raises(NotAllowed) as err:
        quarters.publish(county, SUPERVISOR, "2026-Q1")
    assert err.value.key == "suggestions.error.not_over"
    clock.go(days=40)
    with pytest.raises(NotAllowed):
        quarters.publish(county, LABOUR, "2026-Q1")
    first = quarters.publish(county, SUPERVISOR, "2026-Q1")
    suggestions.say(county, LABOUR, slips[0].case_id, "taken_up", None)
    assert quarters.publish(county, SUPERVISOR, "2026-Q1") == first
    content = json.loads(first.content)
    assert content["total"] == 13
    assert content["totals"]["taken_up"] == 10
    assert content["totals"]["already_so"] is None
    assert content["totals"]["unsaid"] is None
    page = words(reader.get("/s/suggestions"))
    assert "10" in page
    assert slips[0].case_id not in reader.get("/s/suggestions").text
    assert slips[0].case_id not in reader.get("/s/suggestions.json").text


def test_a_suggestion_its_asker_disowned_is_in_no_total(
    reader: Reader, county: Db, clock  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    slips = [suggestion(county) for _ in range(3)]
    clock.go(days=1)
    for slip in slips:
        office(county, slip.case_id, "accepted")
        office(county, slip.case_id, "answered", words=ANSWER)
    since, until = county.now() - dt.timedelta(days=1), county.now() + dt.timedelta(days=1)
    before = suggestions.totals(county, SUPERVISOR, since, until, county.now())
    assert before.loc["labour", "unsaid"] == 3
    opened = reader.open(slips[0].code)
    assert opened.status_code == 200
    done = reader.post("/s/say", code=slips[0].code, event="disowned",
                       first=hidden(opened, "first"))  # fmt: skip
    assert done.status_code == 200, words(done)
    after = suggestions.totals(county, SUPERVISOR, since, until, county.now())
    assert after.loc["labour", "unsaid"] == 2
    assert len(suggestions.unsaid(county, LABOUR)) == 2
    assert suggestions.unsaid_by_body(county, SUPERVISOR) == {"b01": 2}
