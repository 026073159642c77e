"""The OpenAPI document is well formed, and says what is really answered: every path, every code."""

from __future__ import annotations

import html
import json
import re

import pytest

from api import door
from api.openapi import document
from data.fields import FIELDS
from data.receipts import new_code
from service.machines import SENT_FIELDS
from wording import LANGUAGES

from .conftest import Sender, row
from .test_open311 import V2, sent


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [ref for part in value.values() for ref in references(part)]
    if isinstance(value, list):
        return [ref for part in value for ref in references(part)]
    return []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_has_what_openapi_3_1_asks_for(hotline: Sender, language: str) -> None:
    hotline.token = ""
    found = hotline.get(f"/api/v1/openapi.json?lang={language}").json()
    assert found == json.loads(json.dumps(document(language)))
    assert re.fullmatch(r"3\.1\.\d", found["openapi"])
    assert {"title", "version"} <= set(found["info"])
    names = set()
    for path, methods in found["paths"].items():
        assert path.startswith("/api/")
        gaps = set(re.findall(r"\{(\w+)\}", path))
        for method, operation in methods.items():
            assert method in {"get", "post"}
            names.add(operation["operationId"])
            assert operation["summary"]
            assert operation["description"]
            assert operation["responses"]
            for code, response in operation["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d", code)
                assert response["description"]
            placed = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert placed == gaps
            assert all(p["required"] == (p["in"] == "path") for p in operation["parameters"])
            assert all("schema" in p for p in operation["parameters"])
    assert len(names) == sum(len(methods) for methods in found["paths"].values())
    for ref in references(found):
        assert ref.removeprefix("#/components/schemas/") in found["components"]["schemas"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fields_are_those_of_the_dictionary(language: str) -> None:
    case = document(language)["components"]["schemas"]["Case"]["properties"]
    assert list(case) == [field.name for field in SENT_FIELDS]
    assert {field.name for field in FIELDS} - set(case) == {"asked", "asked_how"}
    for field in SENT_FIELDS:
        assert case[field.name]["title"] == field.header(language)
        assert case[field.name]["description"] == field.meaning(language)


def test_the_page_of_the_document_needs_no_script_and_no_other_host(hotline: Sender) -> None:
    hotline.token = ""
    for language in LANGUAGES:
        reply = hotline.get(f"/api/v1/docs?lang={language}", root="/zj")
        assert reply.status_code == 200
        assert "<script" not in reply.text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', reply.text)
        assert "script-src" not in reply.headers["content-security-policy"]
        text = html.unescape(reply.text)
        for path in document(language)["paths"]:
            assert f"/zj{path}" in text
        assert document(language)["info"]["title"] in text


def provoked(hotline: Sender, city: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer there is, once."""
    good, wrong = row("1"), row("2", kind="x")
    hotline.cases(good)
    hotline.cases(row("3"), wrong)
    hotline.cases(wrong)
    hotline.ask("POST", "/api/v1/cases", content=b"{", headers={"content-type": door.JSON})
    hotline.ask("POST", "/api/v1/cases", content=b"{")
    code = hotline.replies[0][2].json()["cases"][0]["receipt"]["code"]
    hotline.status(code)
    hotline.status("x")
    hotline.status(new_code())
    hotline.ask("POST", "/api/v1/status", content=b"x")
    for kind, path in ((door.JSON, "/api/v1/status"), (door.FORM, f"{V2}/requests.json")):
        city.ask("POST", path, content=b" " * 70_000, headers={"content-type": kind})
    for path in ("/api/v1/openapi.json", f"{V2}/services.json", f"{V2}/services/unpaid_wages.json"):
        hotline.get(path)
        hotline.get(f"{path}?code=1")
    for path in (f"{V2}/services.txt", f"{V2}/services/033.json", f"{V2}/requests.json"):
        hotline.get(path)
    for form in (sent(), sent(phone="1"), sent(service_code="033")):
        city.form(f"{V2}/requests.json", form)
    for text in ("a1 one", "b2 two"):
        city.form(f"{V2}/requests.json", sent(description=text), Idempotency_Key="k")
    city.ask("POST", f"{V2}/requests.json", content=b"{}")
    number = next(
        r.json()[0]["service_request_id"]
        for m, p, r in city.replies
        if m == "POST" and p == f"{V2}/requests.json" and r.status_code == 201
    )
    city.get(f"{V2}/requests/{number}.json")
    city.get(f"{V2}/requests/{number}.json?code=1")
    hotline.get(f"{V2}/requests/{number}.json")
    city.get(f"{V2}/requests/638344.json")
    hotline.form(f"{V2}/requests.json", sent())
    token, hotline.token = hotline.token, ""
    hotline.cases(good)
    hotline.token = token
    monkeypatch.setattr(door, "MOST_BYTES", 10)
    monkeypatch.setattr(door, "MOST_REQUESTS", 1)
    hotline.cases(good)
    city.form(f"{V2}/requests.json", sent())


def broken(hotline: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    for place in (
        "api.routes.parsed", "api.routes.document", "api.open311._form",
        "service.open311.categories",
    ):  # fmt: skip
        monkeypatch.setattr(place, fail)
    hotline.cases(row("1"))
    hotline.status("x")
    for path in ("/api/v1/openapi.json", f"{V2}/services.json", f"{V2}/services/unpaid_wages.json"):
        hotline.get(path)


def test_every_documented_answer_is_really_given_and_no_other(
    hotline: Sender, sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sleep(seconds: float) -> None:
        assert seconds >= 0

    monkeypatch.setattr("api.door.asyncio.sleep", sleep)
    city = sender("open311", channel="online")
    broken_city = Sender(city.app, city.token)
    provoked(hotline, city, monkeypatch)
    large = Sender(hotline.app, sender().token)
    large.ask(
        "POST", "/api/v1/cases", content=b" " * (8 * 1024 * 1024 + 1),
        headers={"content-type": door.JSON},
    )  # fmt: skip
    monkeypatch.undo()
    fresh = sender()
    broken(fresh, monkeypatch)
    broken_city.token = sender("open311").token
    broken_city.form(f"{V2}/requests.json", sent())
    given: dict[tuple[str, str], set[str]] = {}
    paths = document("en")["paths"]
    for one in (hotline, city, large, fresh, broken_city):
        for method, path, reply in one.replies:
            bare = path.partition("?")[0]
            for documented in paths:
                shape = re.sub(r"\\\{\w+\\\}", r"[^/]+?", re.escape(documented))
                if re.fullmatch(shape, bare) and method.lower() in paths[documented]:
                    key = (method.lower(), documented)
                    given.setdefault(key, set()).add(str(reply.status_code))
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert given.get((method, path)) == set(operation["responses"]), (method, path)
