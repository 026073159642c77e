"""`POST /api/v1/cases`: the page's checks and words, everything said at once, stored once."""

from __future__ import annotations

import httpx
import pandas as pd
import pytest
import sqlalchemy as sa

from api import door
from data import quarantine, record
from data.accounts import demo_sign_in
from data.audit import newest
from data.db import Db
from data.machines import end_token, machine_of, make_token
from data.reading import read_case, read_summary
from data.receipts import find
from data.rows import check_rows
from data.schema import case_version
from service.machines import known
from tests.conftest import ADMINISTRATOR, DESK
from wording import t

from .conftest import Sender, problem, row


def stored(db: Db) -> list[sa.Row]:
    with db.read() as conn:
        return list(conn.execute(sa.select(case_version).order_by(case_version.c.id)))


def test_right_rows_are_stored_and_answered_with_their_codes_once(county: Db, hotline) -> None:
    words = t("words.channel.hotline", "zh")
    reply = hotline.cases(row("1"), row("2", channel="hotline"), row("3", channel=words))
    told = reply.json()
    assert reply.status_code == 201
    assert (told["stored"], told["refused"], len(stored(county))) == (3, 0, 3)
    assert {r.channel for r in stored(county)} == {"hotline"}
    assert {r.desk for r in stored(county)} == {"t01"}
    code = told["cases"][-1]["receipt"]["code"]
    opened = find(county, code)
    assert opened is not None
    assert opened.case_id == told["cases"][-1]["case_id"]
    assert {"nosniff"} == {reply.headers["x-content-type-options"]}
    assert reply.headers["cache-control"] == "no-store"
    assert "set-cookie" not in reply.headers
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_of_every_row_is_said_at_once_in_the_words_of_the_page(
    county: Db, hotline, language: str
) -> None:
    wrong = row("2", category="no such", opened_at="soon", township="", summary="x")
    other = row("3", channel="letter", kind=["redress"])
    reply = hotline.cases(row("1"), wrong, other, lang=language)
    assert reply.status_code == 207
    told = reply.json()
    assert (told["stored"], told["refused"]) == (1, 2)
    said = {(p["row"], p["field"]): p["sentence"] for p in told["problems"]}
    frame = pd.DataFrame([wrong | {"channel": "one_stop"}], index=[2])
    scope = machine_of(county, hotline.token, "api").scope
    page = check_rows(
        frame, known(county, scope), county.now(), "Asia/Shanghai", is_file=True, language=language
    )
    assert [said[2, p.column] for p in page.problems] == [p.text(language) for p in page.problems]
    assert len(page.problems) == 4
    assert said[3, "channel"] == t("machines.row.other_channel", language, channel="hotline")
    assert said[3, "kind"]
    waits = quarantine.waiting(county, DESK)
    assert [one.row_number for one in waits] == [2, 3]
    assert waits[0].source_name == "热线平台"
    again = hotline.cases(row("2"), lang=language)
    assert again.status_code == 201
    assert [one.row_number for one in quarantine.waiting(county, DESK)] == [3]


def test_the_language_is_the_one_asked_for(hotline) -> None:
    def said(path: str, accepted: str) -> str:
        headers = {"accept-language": accepted}
        sent = {"cases": []}
        return problem(hotline.ask("POST", path, json=sent, headers=headers))["detail"]

    zh, en = t("machines.error.no_rows", "zh"), t("machines.error.no_rows", "en")
    assert said("/api/v1/cases", "en-GB,en;q=0.9") == en
    assert said("/api/v1/cases", "fr;q=0.9, zh-CN;q=0.8, en;q=0.1") == zh
    assert said("/api/v1/cases", "") == zh
    assert said("/api/v1/cases?lang=en", "zh-CN") == en


def test_persons_are_dropped_unread_and_cleaned_from_texts(county: Db, hotline) -> None:
    sent = row(
        "1", 姓名="张伟明", phone="13912345678", summary="我叫张伟明，电话13912345678，工资未发。"
    )
    reply = hotline.cases(sent, row("2", 姓名="李四", kind="x"))
    assert reply.status_code == 207
    notes = [note["sentence"] for note in reply.json()["notes"]]
    assert t("intake.note.person_column", "en", column="姓名") in notes
    [case] = reply.json()["cases"]
    opened = find(county, case["receipt"]["code"])
    assert opened is not None
    summary = read_summary(county, opened.scope, case["case_id"])
    assert summary is not None
    assert "13912345678" not in summary
    assert "张伟明" not in summary
    assert all("李四" not in one.cells.values() for one in quarantine.waiting(county, DESK))
    assert all("姓名" not in one.cells for one in quarantine.waiting(county, DESK))


def test_a_hotlines_own_case_is_confirmed_and_a_one_stop_centres_is_not(county, sender) -> None:
    for channel, confirmed in (("hotline", True), ("one_stop", False)):
        told = sender(channel=channel).cases(row(channel)).json()
        opened = find(county, told["cases"][0]["receipt"]["code"])
        history = read_case(county, opened.scope, opened.case_id)
        assert history.is_confirmed is confirmed


def test_a_repeat_adds_nothing_and_an_unopened_code_is_issued_again(county, hotline, clock) -> None:
    first = hotline.cases(row("1")).json()["cases"][0]
    clock.go(minutes=1)
    again = hotline.cases(row("1")).json()
    assert (again["stored"], again["repeats"]) == (0, 1)
    assert again["cases"][0]["case_id"] == first["case_id"]
    assert again["cases"][0]["receipt"]["code"] != first["receipt"]["code"]
    opened = find(county, first["receipt"]["code"])
    record.confirm(county, opened.scope, opened)
    clock.go(minutes=1)
    last = hotline.cases(row("1")).json()["cases"][0]
    assert last["receipt"] is None
    assert last["is_opened"]


def test_a_key_makes_a_lost_reply_harmless(county: Db, hotline, clock) -> None:
    rows = [row("1"), row("2", kind="x")]
    first = hotline.cases(*rows, Idempotency_Key="k")
    clock.go(minutes=1)
    again = hotline.cases(*rows, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (207, 207)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["problems"] == first.json()["problems"]
    assert len(stored(county)) == 1
    assert len(quarantine.waiting(county, DESK)) == 1
    other = hotline.cases(row("9"), Idempotency_Key="k")
    assert problem(other)["detail"] == t("machines.error.key_used", "en")
    assert other.status_code == 422
    assert problem(hotline.cases(row("9"), Idempotency_Key="x" * 201))["status"] == 400


def test_no_token_no_cookie_and_no_other_door_opens(county: Db, hotline, sender) -> None:
    token, bad = hotline.token, []
    open311 = sender("open311").token
    line, ended = make_token(county, ADMINISTRATOR, "x", "api", "t01", "hotline", 1)
    end_token(county, ADMINISTRATOR, line.token_id)
    for wrong in (None, "x", open311, ended, f"{token} ", f"Basic {token}"):
        hotline.token = ""
        headers = {"authorization": wrong if wrong and " " in wrong else f"Bearer {wrong}"}
        if wrong is None:
            headers = {"cookie": "zaojie_session=" + "x" * 20}
        reply = hotline.ask("POST", "/api/v1/cases", json={"cases": [row("1")]}, headers=headers)
        bad.append((reply.status_code, problem(reply)["detail"]))
        assert reply.headers["www-authenticate"] == "Bearer"
    assert set(bad) == {(401, t("machines.error.token", "zh"))}
    assert stored(county) == []


def test_a_signed_in_browser_is_nobody_here(county: Db, hotline, monkeypatch) -> None:
    monkeypatch.setattr(type(county.county()), "is_demo", True, raising=False)
    session = demo_sign_in(county, "administrator", None)
    hotline.token = ""
    headers = {"cookie": f"zaojie_session={session}"}
    reply = hotline.ask("POST", "/api/v1/cases", json={"cases": [row("1")]}, headers=headers)
    assert reply.status_code == 401


def test_a_place_outside_the_desk_is_refused(county: Db, hotline, sender) -> None:
    reply = hotline.cases(row("1", township="西镇"))
    assert reply.status_code == 422
    assert problem(reply)["problems"][0]["field"] == "township"
    assert stored(county) == []
    assert sender(body="b02").cases(row("1", township="西镇")).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'{"cases": {}}', b'{"cases": [1]}', b"\xff\xfe", b"null",
        b'{"cases": [], "cases": []}', b'{"cases": [{"lon": NaN}]}', b"[" * 100_000,
        b'{"cases": [{"summary": "\\ud800"}]}', b'{"cases": [{"a": 1, "a": 2}]}',
    ],
)  # fmt: skip
def test_what_is_no_proper_request_is_answered_with_a_sentence(county, hotline, body) -> None:
    headers = {"content-type": "application/json"}
    reply = hotline.ask("POST", "/api/v1/cases", content=body, headers=headers)
    assert problem(reply)["status"] == 400
    assert stored(county) == []


def test_size_rows_fields_and_types_have_limits(county: Db, hotline, monkeypatch) -> None:
    def sent(content: bytes, kind: str) -> httpx.Response:
        headers = {"content-type": kind}
        return hotline.ask("POST", "/api/v1/cases", content=content, headers=headers)

    assert problem(sent(b"{}", "text/plain"))["status"] == 415
    assert problem(sent(b"a=1", "application/x-www-form-urlencoded"))["status"] == 415
    assert problem(hotline.cases(*[{} for _ in range(1001)]))["status"] == 422
    assert problem(hotline.cases({f"f{n}": 1 for n in range(61)}))["status"] == 422
    assert problem(sent(b'"' + b" " * door.MOST_BYTES + b'"', "application/json"))["status"] == 413

    def chunks():  # no length is said beforehand
        for _ in range(door.MOST_BYTES // 65536 + 2):
            yield b" " * 65536

    class Stream(httpx.AsyncByteStream):
        async def __aiter__(self):
            for chunk in chunks():
                yield chunk

    headers = {"content-type": "application/json"}
    reply = hotline.ask("POST", "/api/v1/cases", content=Stream(), headers=headers)
    assert problem(reply)["status"] == 413
    assert stored(county) == []


def test_a_token_that_asks_too_often_is_told_when_to_come_back(hotline, monkeypatch) -> None:
    monkeypatch.setattr(door, "MOST_REQUESTS", 3)
    codes = [hotline.cases().status_code for _ in range(5)]
    assert codes == [422, 422, 422, 429, 429]
    reply = hotline.replies[-1][2]
    assert 1 <= int(reply.headers["retry-after"]) <= 61
    assert reply.headers["retry-after"] in problem(reply)["detail"]


def test_the_rate_is_of_each_token_and_forgets() -> None:
    now = 0.0
    rate = door.Rate(lambda: now)
    for _ in range(door.MOST_REQUESTS):
        assert rate.wait_seconds("a") == 0
    assert rate.wait_seconds("a") > 0
    assert rate.wait_seconds("b") == 0
    now = door.PER_SECONDS + 1
    assert rate.wait_seconds("a") == 0


def test_a_failure_has_an_id_and_no_trace_and_stores_nothing(
    county: Db, hotline, monkeypatch, caplog
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SECRET 工资三个月没有发。")

    monkeypatch.setattr("data.machines.record.register_in", broken)
    reply = hotline.cases(row("1"))
    found = problem(reply)
    assert reply.status_code == 500
    assert "SECRET" not in reply.text + caplog.text
    assert found["instance"].removeprefix("urn:uuid:") in caplog.text
    assert stored(county) == []


def test_what_a_machine_did_is_in_the_log_under_its_token(county: Db, hotline) -> None:
    told = hotline.cases(row("1")).json()
    [entry] = [e for e in newest(county, ADMINISTRATOR, 5) if e.action == "case_registered"]
    assert (entry.role, entry.target) == ("machine", told["cases"][0]["case_id"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/cases", 405), ("DELETE", "/api/v1/cases", 405),
        ("OPTIONS", "/api/v1/cases", 405), ("GET", "/api/v1/status", 405),
        ("GET", "/api/v1/export", 404), ("GET", "/api/v1/cases/ABCD-EFGH-JKLM", 404),
        ("GET", "/api", 404), ("POST", "/api/v1/search", 404), ("GET", "/api/v1/tokens", 404),
    ],
)  # fmt: skip
def test_there_is_no_list_no_export_and_no_search(hotline, method, path, status) -> None:
    reply = hotline.ask(method, path)
    assert problem(reply)["status"] == status
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_it_works_below_a_base_path(hotline: Sender) -> None:
    reply = hotline.ask("POST", "/api/v1/cases", "/zj", json={"cases": [row("1")]})
    assert reply.status_code == 201
    assert hotline.get("/api/v1/openapi.json", root="/zj").json()["servers"] == [{"url": "/zj"}]
