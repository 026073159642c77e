"""The `[events]` part of a mapping: only the record's own steps, none that only a code can say."""

from __future__ import annotations

import pytest

from data.categories import load_categories
from data.errors import ConfigError
from data.mapping import parse_mapping
from data.mapping_events import OWN_WORD, STEPS
from data.vocabulary import EVENTS
from tests.conftest import ROOT

LEDGER = (ROOT / "examples" / "ledger_cn" / "mapping.toml").read_text("utf-8")
HOTLINE = (ROOT / "examples" / "ledger_cn" / "hotline_mapping.toml").read_text("utf-8")


def parse(text: str):
    return parse_mapping(text, "m.toml", load_categories())


def test_every_event_is_a_step_of_a_ledger_or_said_why_not():
    assert set(STEPS) | set(OWN_WORD) | {"registered", "erased"} == set(EVENTS)
    assert not set(STEPS) & set(OWN_WORD)


@pytest.mark.parametrize("event", OWN_WORD)
def test_no_ledger_confirms_rates_or_withdraws_in_the_askers_place(event):
    with pytest.raises(ConfigError) as refused:
        parse(LEDGER.replace('event = "contacted"', f'event = "{event}"'))
    assert refused.value.key == "intake.mapping.own_word"
    with pytest.raises(ConfigError) as refused:
        parse(HOTLINE.replace('"联系" = "contacted"', f'"联系" = "{event}"'))
    assert refused.value.key == "intake.mapping.own_word"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('event = "contacted"', 'event = "visited_at_home"', "unknown_event"),
        ('event = "contacted"', 'event = "registered"', "unknown_event"),
        ('at = "联系日期"', "", "broken"),
        ('at = "联系日期"', 'at = "联系人"', "person_column"),
        ('at = "联系日期"', 'at = "联系日期"\nconfirmed = "是"', "unknown_part"),
        ('kind = "redress"', 'kind = "redress"\nconfirmed = "yes"', "weak_constant"),
        ('kind = "redress"', 'kind = "redress"\nasked = "yes"', "consent"),
        ('kind = "redress"', 'kind = "redress"\nchannel = "desk"', "broken"),
        ('"代办" = "on_behalf"', '"代办" = "rumour"', "broken"),
        ('asked = "受本人委托"', "", "broken"),
        ('known = "录入时间"', 'known = "录入时间"\nwatch = "x"', "unknown_part"),
        ('"其他" = "other"', '"其他" = "other"\n[status]\n"办结" = "answered"', "broken"),
        ('empty = "b01"', "", "broken"),
    ],
)
def test_a_ledgers_mapping_that_weakens_a_rule_or_is_wrong_is_refused(old, new, key):
    assert LEDGER.count(old) >= 1
    with pytest.raises(ConfigError) as refused:
        parse(LEDGER.replace(old, new, 1))
    assert refused.value.key == f"intake.mapping.{key}"
    assert refused.value.text("zh")


def test_the_example_mappings_are_taken():
    ledger, hotline = parse(LEDGER), parse(HOTLINE)
    assert len(ledger.events.steps) == 12
    assert ledger.read_columns.count("转送单位") == 1
    assert not ledger.is_own_export
    assert hotline.is_own_export
    assert hotline.events.steps == ()
    assert hotline.events.names["答复"] == "answered"
