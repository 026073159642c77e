"""`POST /api/v1/status`: what the resident's page shows, by code, and no first use of it."""

from __future__ import annotations

from data import record
from data.history import NewEvent
from data.receipts import MalformedCode, find, new_code, shown
from tests.public.conftest import ANSWER, office, register
from wording import t

from .conftest import problem


def opened(county, slip) -> None:  # type: ignore[no-untyped-def]
    found = find(county, slip.code)
    record.confirm(county, found.scope, found)


def test_a_case_is_read_by_its_code_with_every_word(county, hotline, clock) -> None:
    slip = register(county)
    clock.go(minutes=5)
    opened(county, slip)
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    clock.go(days=10)
    office(county, slip.case_id, "answered", words=ANSWER)
    clock.go(hours=1)
    office(county, slip.case_id, "delivered", code="in_hand")
    clock.go(hours=1)
    hotline.token = ""
    found = hotline.status(shown(slip.code)).json()
    assert found["case_id"] == slip.case_id
    assert found["stage"] == "answered"
    assert found["body"] == {"id": "b01", "name": "Labour Bureau"}
    assert found["summary"].startswith("工资三个月没有发")
    said = {step["event"]: step["words"] for step in found["steps"]}
    assert said["answered"] == ANSWER
    answer = next(one for one in found["limits"] if one["clock"]["id"] == "answer")
    assert answer["state"] == "met"
    assert answer["due_on"]
    assert answer["source"]
    days = [line["why"] for line in answer["why"]]
    assert "counted" in days
    rights = {one["right"]: one["until"] for one in found["next_rights"]}
    assert {"rated", "not_solved", "review_requested"} <= set(rights)
    assert rights["review_requested"] > "2026-03-16"


def test_asking_here_is_no_first_use_and_shows_no_word_before_it(county, hotline, clock) -> None:
    slip = register(county)
    office(county, slip.case_id, "contacted", words={"said": "已联系。"})
    found = hotline.status(slip.code)
    assert found.json()["first_opened_at"] is None
    assert "已联系" not in found.text
    assert "工资" not in found.text
    assert found.json()["limits"]
    assert find(county, slip.code).first_opened_at is None
    opened(county, slip)
    assert "已联系" in hotline.status(slip.code).text


def test_what_was_rated_is_told_to_nobody(county, hotline, clock) -> None:
    slip = register(county)
    opened(county, slip)
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    office(county, slip.case_id, "answered", words=ANSWER)
    clock.go(hours=1)
    asker = find(county, slip.code).scope
    said = NewEvent("rated", code="not", words={"reasons": "rude"})
    record.add_event(county, asker, slip.case_id, said, lambda *_: None)
    [step] = [s for s in hotline.status(slip.code).json()["steps"] if s["event"] == "rated"]
    assert step["code"] is None
    assert step["words"] == {}


def test_unknown_codes_are_answered_alike_and_a_slip_of_typing_by_itself(county, hotline) -> None:
    slip = register(county)
    unknown = [problem(hotline.status(code)) for code in _codes(2)]
    bare = [{k: v for k, v in one.items() if k != "instance"} for one in unknown]
    assert bare[0] == bare[1]
    assert bare[0]["status"] == 404
    wrong = slip.code[:-1] + ("2" if slip.code[-1] != "2" else "3")
    assert problem(hotline.status(wrong))["detail"] == MalformedCode().text("en")
    assert hotline.replies[-1][2].status_code == 400


def _codes(count: int) -> list[str]:
    return [new_code() for _ in range(count)]


def test_guessing_is_slowed_down(hotline, monkeypatch) -> None:
    waits = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("api.door.asyncio.sleep", sleep)
    for code in _codes(7):
        hotline.status(code)
    assert waits == [0, 0, 0, 0, 0.5, 1.0, 2.0]


def test_a_code_travels_in_the_body_of_a_post_only(county, hotline) -> None:
    code = register(county).code
    said = t("machines.error.query", "zh", field="code")
    assert problem(hotline.ask("POST", f"/api/v1/status?code={code}", json={}))["detail"] == said
    assert problem(hotline.get(f"/api/v1/status?code={code}"))["status"] == 400
    assert problem(hotline.get(f"/api/v1/status/{code}"))["status"] == 404
    for body in ({}, [], {"code": 7}):
        assert problem(hotline.ask("POST", "/api/v1/status", json=body))["status"] == 400


def test_a_case_nobody_asked_for_shows_no_text(county, hotline, clock) -> None:
    slip = register(county)
    opened(county, slip)
    asker = find(county, slip.code).scope
    record.add_event(county, asker, slip.case_id, NewEvent("disowned"), lambda *_: None)
    clock.go(minutes=1)
    found = hotline.status(slip.code)
    assert found.json()["summary"] is None
    assert "工资" not in found.text
