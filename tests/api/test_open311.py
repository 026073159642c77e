"""Open311 GeoReport v2, held against the specification's own examples (wiki.open311.org)."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import httpx
import pytest

from api.xml import to_xml
from data import record
from data.categories import load_categories
from data.history import NewEvent
from data.receipts import find
from service.open311 import REFUSED
from tests.conftest import LABOUR
from wording import LANGUAGES, t

from .conftest import Sender, row

V2 = "/api/open311/v2"
CASE = re.compile(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){2}")


def sent(**values: str) -> dict[str, str]:
    """The specification's request, told of here: a category and a township of this county."""
    return {
        "service_code": "unpaid_wages", "address_id": "990000001000",
        "description": "A large sinkhole is destroying the street",
    } | values  # fmt: skip


def read(reply: httpx.Response) -> ElementTree.Element:
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    return ElementTree.fromstring(reply.text)


@pytest.fixture
def city(sender) -> Sender:
    return sender("open311", channel="online")


def test_the_service_list_has_the_members_of_the_specification(city: Sender) -> None:
    city.token = ""
    listed = city.get(f"{V2}/services.json?lang=en").json()
    assert {one["service_code"] for one in listed} == set(load_categories().by_id)
    members = {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    }  # fmt: skip
    assert {tuple(sorted(one)) for one in listed} == {tuple(sorted(members))}
    assert {one["type"] for one in listed} == {"realtime"}
    assert {one["metadata"] for one in listed} == {True}
    root = read(city.get(f"{V2}/services.xml?lang=en&jurisdiction_id=city.gov"))
    assert root.tag == "services"
    assert [one.tag for one in root] == ["service"] * len(listed)
    assert [part.tag for part in root[0]] == list(listed[0])
    assert root[0].findtext("metadata") == "true"
    chinese = city.get(f"{V2}/services.json?lang=zh").json()
    assert chinese[0]["service_name"] != listed[0]["service_name"]


def test_a_service_definition_has_the_members_of_the_specification(city: Sender) -> None:
    found = city.get(f"{V2}/services/unpaid_wages.json?lang=en").json()
    assert set(found) == {"service_code", "attributes"}
    [attribute] = found["attributes"]
    assert set(attribute) == {
        "variable", "code", "datatype", "required", "datatype_description", "order",
        "description", "values",
    }  # fmt: skip
    assert attribute["datatype"] in {
        "string", "number", "datetime", "text", "singlevaluelist", "multivaluelist",
    }  # fmt: skip
    assert [set(value) for value in attribute["values"]] == [{"key", "name"}] * 2
    root = read(city.get(f"{V2}/services/unpaid_wages.xml"))
    assert root.tag == "service_definition"
    assert root.find("attributes/attribute/values/value/key").text == "redress"
    assert city.get(f"{V2}/services/033.json").status_code == 404


def test_a_request_gets_its_number_at_once_and_its_code_once(county, city) -> None:
    reply = city.form(f"{V2}/requests.json?lang=en", sent())
    assert reply.status_code == 201
    [told] = reply.json()
    assert {"service_request_id", "service_notice", "account_id"} <= set(told)
    assert told["account_id"] is None
    assert CASE.fullmatch(told["service_request_id"])
    opened = find(county, told["extended_attributes"]["receipt"]["code"])
    assert opened is not None
    assert opened.case_id == told["service_request_id"]
    root = read(city.form(f"{V2}/requests.xml", sent()))
    assert root.tag == "service_requests"
    assert [part.tag for part in root] == ["request"]
    assert CASE.fullmatch(root.findtext("request/service_request_id"))


def test_the_token_may_stand_in_the_form_as_the_specification_has_it(city, sender) -> None:
    key, city.token = city.token, ""
    assert city.form(f"{V2}/requests.json", sent(api_key=key)).status_code == 201
    for wrong in ("", "xyz", sender("api").token):
        reply = city.form(f"{V2}/requests.json", sent(api_key=wrong))
        assert reply.status_code == 403
        assert reply.json() == [{"code": 403, "description": t("machines.error.token", "zh")}]
    reply = city.ask("POST", f"{V2}/requests.json?api_key={key}", data=sent())
    assert reply.status_code == 400, "an address stands in logs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_for_a_person_is_refused_each_with_a_sentence(city, language: str) -> None:
    persons = dict.fromkeys(REFUSED, "x")
    reply = city.form(f"{V2}/requests.json?lang={language}", sent(**persons))
    assert reply.status_code == 400
    assert [one["description"] for one in reply.json()] == [
        t("machines.open311.person", language, field=name) for name in REFUSED
    ]
    assert set(REFUSED) == {
        "email", "device_id", "account_id", "first_name", "last_name", "phone", "media_url",
    }  # fmt: skip
    empty = dict.fromkeys(REFUSED, "")
    assert city.form(f"{V2}/requests.json", sent(**empty)).status_code == 201


def test_an_address_is_not_kept_and_stands_for_no_place(city) -> None:
    reply = city.form(f"{V2}/requests.json?lang=en", sent(address_string="1234 5th street"))
    assert t("machines.open311.address", "en") in reply.json()[0]["service_notice"]
    bare = sent(address_string="1234 5th street", address_id="")
    reply = city.form(f"{V2}/requests.json?lang=en", bare)
    assert reply.status_code == 400
    assert reply.json()[0]["description"] == t("machines.error.no_place", "en")


def test_all_errors_come_at_once_under_the_specifications_names(city) -> None:
    wrong = sent(description="", address_id="nowhere")
    wrong["attribute[kind]"] = "gossip"
    reply = city.form(f"{V2}/requests.json?lang=en", wrong)
    assert reply.status_code == 400
    named = [one["description"].partition(": ")[0] for one in reply.json()]
    assert {"description", "address_id", "attribute[kind]"} <= set(named)
    root = read(city.form(f"{V2}/requests.xml", wrong))
    assert root.tag == "errors"
    assert {error.findtext("code") for error in root} == {"400"}
    assert all(error.findtext("description") for error in root)
    for form, status in ((sent(service_code="033"), 404), (sent(service_code=""), 400)):
        assert city.form(f"{V2}/requests.json", form).status_code == status


def test_ones_own_request_shows_state_and_limit_and_nothing_else(county, city, sender) -> None:
    [told] = city.form(f"{V2}/requests.json", sent()).json()
    case_id = told["service_request_id"]
    reply = city.get(f"{V2}/requests/{case_id}.json")
    [found] = reply.json()
    assert set(found) == {
        "service_request_id", "status", "service_name", "service_code", "requested_datetime",
        "updated_datetime", "expected_datetime",
    }  # fmt: skip
    assert found["status"] == "open"
    assert found["expected_datetime"].endswith("T23:59:59+08:00")
    root = read(city.get(f"{V2}/requests/{case_id}.xml"))
    assert root.findtext("request/status") == "open"
    other = sender("open311", channel="online")
    another = sender("open311", "t02", "online")
    assert {s.get(f"{V2}/requests/{case_id}.json").status_code for s in (other, another)} == {404}
    desks = sender().cases(row("1")).json()["cases"][0]["case_id"]
    unknown = [city.get(f"{V2}/requests/{i}.json") for i in (desks, "AAAA-AAAA-AAAA", "638344")]
    assert len({(reply.status_code, reply.text) for reply in unknown}) == 1
    city.token = ""
    assert city.get(f"{V2}/requests/{case_id}.json").status_code == 403


def test_a_request_is_closed_when_nothing_is_owed_any_more(county, city, clock) -> None:
    [told] = city.form(f"{V2}/requests.json", sent()).json()
    case_id = told["service_request_id"]
    clock.go(days=1)
    desk = LABOUR.__class__(
        who="c", role="township_clerk", townships=frozenset({"990000001000"}),
        bodies=frozenset({"t01"}), desk="t01",
    )  # fmt: skip
    words = dict.fromkeys(("request", "facts", "opinion", "basis", "remedy"), "已办。")
    record.add_event(county, desk, case_id, NewEvent("accepted"), lambda *_: None)
    record.add_event(county, desk, case_id, NewEvent("answered", words=words), lambda *_: None)
    [found] = city.get(f"{V2}/requests/{case_id}.json").json()
    assert found["status"] == "closed"
    assert "已办" not in json.dumps(found, ensure_ascii=False)


def test_there_is_no_list_and_it_says_why(city) -> None:
    for path in ("/requests.json", "/requests.json?lang=zh"):
        reply = city.get(f"{V2}{path}")
        assert reply.json() == [{"code": 403, "description": t("machines.error.no_list", "zh")}]
        assert reply.status_code == 403
    assert read(city.get(f"{V2}/requests.xml")).findtext("error/code") == "403"
    assert city.get(f"{V2}/requests.json?start_date=2010-01-01T00:00:00Z").status_code == 400
    assert city.get(f"{V2}/tokens/222.json").status_code == 404
    assert city.get(f"{V2}/services.yaml").status_code == 404
    assert city.get(f"{V2}/nothing.xml").status_code == 404
    assert city.ask("DELETE", f"{V2}/requests.json").status_code == 404


def test_the_discovery_document_leads_here(city) -> None:
    found = city.get("/api/open311/v2/discovery.json", root="/zj").json()
    assert {"changeset", "contact", "key_service", "endpoints"} == set(found)
    [endpoint] = found["endpoints"]
    assert endpoint["url"] == "/zj/api/open311/v2"
    assert endpoint["formats"] == ["application/json", "text/xml"]
    root = read(city.get("/api/open311/v2/discovery.xml"))
    assert root.findtext("endpoints/endpoint/formats/format") == "application/json"


def test_the_same_form_with_the_same_key_is_one_request(city, clock) -> None:
    first = city.form(f"{V2}/requests.json", sent(), Idempotency_Key="k")
    clock.go(minutes=1)
    again = city.form(f"{V2}/requests.json", sent(), Idempotency_Key="k")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()[0]["service_request_id"] == first.json()[0]["service_request_id"]
    other = city.form(f"{V2}/requests.json", sent(description="other"), Idempotency_Key="k")
    assert other.status_code == 422


def test_bad_forms_are_refused_in_words(city) -> None:
    def posted(content: bytes, kind: str = "application/x-www-form-urlencoded") -> int:
        headers = {"content-type": kind}
        reply = city.ask("POST", f"{V2}/requests.json", content=content, headers=headers)
        assert reply.json()[0]["description"]
        return reply.status_code

    assert posted(b"description=%FF%FE") == 400
    assert posted(b"lat=1&lat=2") == 400
    assert posted(b"a=1&" * 200) == 400
    assert posted(b"{}", "application/json") == 415
    assert posted(b"a=" + b"x" * 70_000) == 413


def test_xml_is_escaped_whatever_is_in_it() -> None:
    nasty = "</description><script>alert(1)</script>&\x00\x0b\ud800 ]]>"
    text = to_xml("errors", [{"code": 400, "description": nasty}])
    root = ElementTree.fromstring(text)
    assert [part.tag for part in root[0]] == ["code", "description"]
    assert "<script>" in root.findtext("error/description")
    assert "\x00" not in text
