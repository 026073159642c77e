"""DOMAIN.md §2.6: only service steps exist, one frozen list. Configuration cannot add to it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa

from casework import reasons
from casework.pack import load, pack_ids, series
from data import record
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.history import NewEvent
from data.schema import case_event
from data.vocabulary import ASKER_EVENTS, EVENTS, OFFICE_EVENTS
from tests.conftest import DESK, LABOUR
from tests.test_architecture import ROOT
from wording import catalogue

from .conftest import anything

PACKS = ROOT / "casework" / "packs"

OFFICE = {
    # in the words of the rule
    "accepted": "accept", "transferred": "transfer to the right body", "declined": "decline",
    "contacted": "contact", "answered": "answer", "mediated": "mediate", "met": "joint meeting",
    "received": "reception", "aided": "legal aid", "funded": "hardship fund",
    "hearing_opened": "hearing", "hearing_closed": "hearing", "reviewed": "review",
    "rechecked": "recheck", "policy_changed": "policy changed", "referred": "court",
    "no_remedy": "no remedy found",
    # what the record itself needs (DOMAIN.md §4)
    "registered": "", "acknowledged": "", "objected": "", "extended": "", "paused": "",
    "resumed": "", "delivered": "", "notified": "", "erased": "",
}  # fmt: skip


def test_the_offices_steps_are_those_of_the_rule_and_no_other() -> None:
    assert set(OFFICE_EVENTS) == set(OFFICE)
    assert len(OFFICE_EVENTS) == len(OFFICE)
    assert set(EVENTS) == set(OFFICE) | set(ASKER_EVENTS)


HARM = (
    "stop", "intercept", "return", "follow", "track", "expose", "shame", "calm", "soothe", "punish",
    "detain", "warn", "persuade", "escort", "visit", "watch", "blacklist", "educate", "admonish",
    "稳控", "劝返", "训诫", "约谈", "跟踪", "曝光", "拦", "截访", "拘", "教育疏导", "稳定情绪",
    "看护", "包保", "盯防", "黑名单", "列管", "重点人",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_step_no_reason_and_no_name_of_one_stands_for_stopping_anybody(language: str) -> None:
    lists = [*EVENTS, *(code for codes in reasons.REASONS.values() for code in codes)]
    said = [
        text.lower()
        for key, text in catalogue(language).items()
        if key.startswith(("words.event.", "casework.event.", "casework.reason.", "words.stage."))
    ]
    assert len(said) > len(EVENTS)
    for name in [*lists, *said]:
        assert [word for word in HARM if word in name.split("_") or word in name.split()] == []
        assert [word for word in HARM if not word.isascii() and word in name] == []


def changed(tmp_path: Path, old: str, new: str) -> str:
    text = (PACKS / "cn_xinfang_2022.toml").read_text("utf-8")
    assert old in text
    text = text.replace('id = "cn_xinfang_2022"', 'id = "cn_county"', 1).replace(old, new, 1)
    (tmp_path / "cn_county.toml").write_text(text, "utf-8")
    series.cache_clear()
    return "cn_county"


@pytest.mark.parametrize("event", ["persuaded_back", "visited_at_home", "calmed", "stopped"])
def test_a_pack_that_adds_a_step_is_refused_with_the_place(tmp_path: Path, event: str) -> None:
    name = changed(tmp_path, "[grammar]", f'[grammar]\n{event} = {{ in = ["any"] }}')
    with pytest.raises(ConfigError, match=f"grammar.{event}"):
        load(name, tmp_path)


def test_a_pack_whose_clock_ends_on_a_step_of_its_own_is_refused(tmp_path: Path) -> None:
    name = changed(tmp_path, 'ends_on = ["answered"]', 'ends_on = ["answered", "persuaded_back"]')
    with pytest.raises(ConfigError, match="ends_on"):
        load(name, tmp_path)


def test_the_same_pack_without_the_addition_is_taken(tmp_path: Path) -> None:
    assert load(changed(tmp_path, "[grammar]", "[grammar]"), tmp_path).id == "cn_county"


@pytest.mark.parametrize("pack_id", pack_ids())
def test_shipped_packs_know_listed_steps_only(pack_id: str) -> None:
    table = tomllib.loads((PACKS / f"{pack_id}.toml").read_text("utf-8"))
    named = {event for rule in table["rule"] for event in (*rule["starts_on"], *rule["ends_on"])}
    assert (named | set(table["grammar"])) <= set(EVENTS)


def test_the_record_takes_no_step_outside_the_list(county: Db, new_case) -> None:
    made = record.register(county, DESK, new_case())
    for event in ("persuaded_back", "calmed", "assigned", "flagged", ""):
        with pytest.raises(NotAllowed):
            record.add_event(county, LABOUR, made.case_id, NewEvent(event), anything)
    with county.read() as conn:
        assert conn.execute(sa.select(case_event.c.event)).scalars().all() == ["registered"]
