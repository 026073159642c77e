"""`zaojie clock`'s document in and out: the contract, and one clear sentence for what is wrong."""

from __future__ import annotations

import json

import pytest

from casework.clock_file import clocks_json
from data.errors import ConfigError, DataError, RuleError

ACCEPTED = {
    "procedure": "ordinary",
    "category": "unpaid_wages",
    "events": [
        {"event": "registered", "at": "2025-09-16T10:00"},
        {"event": "accepted", "at": "2025-09-20T10:00"},
    ],
    "as_of": "2025-10-09T12:00",
}


def test_the_document_has_every_field_of_the_contract() -> None:
    found = clocks_json(ACCEPTED, "cn_xinfang_2022")
    assert set(found) == {"pack", "as_of", "clocks"}
    assert [clock["clock"] for clock in found["clocks"]] == [
        "forward", "acceptance", "answer", "review_request", "review", "recheck_request", "recheck",
    ]  # fmt: skip
    for clock in found["clocks"]:
        assert set(clock) == {
            "clock", "round", "started_at", "limit", "unit", "extended_by", "due_on", "provisional",
            "state", "days_used", "days_left", "rule", "source",
        }  # fmt: skip
    answer = found["clocks"][2]
    assert (answer["days_used"], answer["days_left"], answer["limit"]) == (19, 41, 60)
    review = found["clocks"][4]
    assert (review["state"], review["due_on"], review["limit"]) == ("not_started", None, None)
    assert json.loads(json.dumps(found)) == found


def test_explain_lists_the_days_that_moved_a_limit_over_the_golden_week() -> None:
    only = ACCEPTED | {"events": ACCEPTED["events"][:1]}
    clock = clocks_json(only, "cn_xinfang_2022", explain=True)["clocks"][1]
    days = clock["days"]
    assert (days[0]["day"], days[0]["number"], days[0]["why"]) == ("2025-09-16", None, "event")
    assert (days[15]["day"], days[15]["number"]) == ("2025-10-01", 15)
    assert [day["why"] for day in days[16:]] == [
        "moved_holiday", "moved_holiday", "moved_holiday", "moved_weekend", "moved_weekend",
        "moved_holiday", "moved_holiday", "last",
    ]  # fmt: skip
    assert days[-1]["day"] == clock["due_on"] == "2025-10-09"


def test_a_limit_of_its_own_is_given_back_as_an_instant() -> None:
    document = {
        "procedure": "ordinary",
        "events": [{"event": "registered", "at": "2014-03-03T10:00"}],
        "as_of": "2014-03-09T12:00",
        "limit_at": "2014-03-08T12:00",
    }
    clock = clocks_json(document, "us_311", zone="America/Chicago")["clocks"][0]
    assert clock["due_at"] == "2014-03-08T12:00-06:00"
    assert (clock["state"], clock["days_left"]) == ("overdue", -1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"procedure": "fast"}, "procedure must be one of ordinary, simple; found fast"),
        ({"as_of": "yesterday"}, "as_of: yesterday is not a readable time"),
        ({"as_of": None}, "as_of"),
        ({"events": {"event": "registered"}}, "events must be a list"),
        ({"events": ["registered"]}, "events must be a list"),
        ({"events": [{"event": "recieved", "at": "2025-01-01"}]}, "there is no event recieved"),
        ({"events": [{"event": "registered", "at": 20250101}]}, "is not a readable time"),
        ({"events": [{"event": "registered"}]}, "is not a readable time"),
        (
            {"events": [{"event": "extended", "at": "2025-01-01T10:00", "days": "30"}]},
            "days must be a whole number",
        ),
    ],
)
def test_a_malformed_document_is_refused_with_what_is_wrong(change: dict, words: str) -> None:
    with pytest.raises(DataError) as refusal:
        clocks_json(ACCEPTED | change, "cn_xinfang_2022")
    assert words in str(refusal.value)
    assert "No clock was computed" in str(refusal.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DataError) as refusal:
        clocks_json({"procedure": "x", "events": [{"event": "y", "at": "z"}]}, "cn_xinfang_2022")
    assert len(refusal.value.problems) == 4


@pytest.mark.parametrize("document", [None, [], "registered", 3])
def test_something_else_than_an_object_is_refused(document: object) -> None:
    with pytest.raises(DataError, match="one JSON object"):
        clocks_json(document, "cn_xinfang_2022")


def test_rules_and_packs_that_do_not_fit_are_named() -> None:
    events = [{"event": "answered", "at": "2025-01-01T10:00"}]
    with pytest.raises(RuleError) as refusal:
        clocks_json(ACCEPTED | {"events": events}, "cn_xinfang_2022")
    assert refusal.value.rule == "not_registered"
    with pytest.raises(ConfigError, match="no rules pack"):
        clocks_json(ACCEPTED, "cn_petition")
