"""DOMAIN.md §2.2: cases, never persons. The lists beside this file hold every name there is."""

from __future__ import annotations

import re
from itertools import pairwise

import pandas as pd
import pytest
import sqlalchemy as sa

from data import audit, bulk, frames, quarantine, record
from data.db import Db
from data.errors import RowProblem
from data.history import NewEvent
from data.openings import open_texts, text_openings
from data.reading import read_case, read_summary, read_worklist
from data.schema import metadata
from data.scope import Scope
from tests.conftest import DESK, LABOUR, SUPERVISOR

from . import golden
from .conftest import ANSWER, anything, cases, events
from .looking import encodings, stored_bytes

LISTS = {
    "golden_columns.txt": golden.columns,
    "golden_fields.txt": golden.form_fields,
    "golden_features.txt": golden.feature_names,
    "golden_vocabulary.txt": golden.words,
}


@pytest.mark.parametrize("name", LISTS)
def test_every_column_field_feature_and_word_is_listed_on_purpose(name: str) -> None:
    assert not (what_to_do := golden.difference(name, LISTS[name]())), what_to_do


@pytest.mark.parametrize("name", LISTS)
def test_a_name_that_is_not_listed_is_found_and_said(name: str) -> None:
    said = golden.difference(name, [*LISTS[name](), "case_version.headcount"])
    assert "only in the software: case_version.headcount" in said
    assert "only in the list" in golden.difference(name, LISTS[name]()[1:])


_WORDS = """
name surname person persons people headcount heads caller asker_id applicant petitioner
complainant party parties resident phone telephone tel mobile cell fax email mail wechat qq
id_number identity id_card idcard passport ssn national_id licence license plate address street
home house_number domicile household hukou gender sex age birth birthday nationality ethnicity
religion occupation employer photo picture image face voice fingerprint biometric account_number
bank_card bank iban device ip ip_address user_agent imei mac location movement track route trip
destination ticket visit visits hotel lon lat longitude latitude point coordinates group groups
members crowd collective joint repeat repeats repeated history previous_case earlier related
linked link similar duplicate matched profile person_score blacklist watch keyword sentiment
emotion mood tendency intent petition gathering protest stability registrar registered_by
created_by clerk operator handler officer
"""
PERSON = frozenset(_WORDS.split())
"""Words for a person, a number of people, where somebody goes, or what somebody might do."""

OFFICES_AND_FILES = {
    "body.name_zh", "body.name_en", "township.name_zh", "township.name_en", "area.name_zh",
    "area.name_en", "config_file.name", "quarantine.source_name",
}  # fmt: skip
"""Names of offices, places and files."""
CHANCES_OF_LATE_ANSWERS = {
    f"score.{name}"
    for name in ("id", "case_id", "as_of", "recorded_at", "probability", "model_version")
}
"""How likely a body's answer comes late (DOMAIN.md §8): the table is named so in §4."""
NOT_PERSONS = {
    "setting address",  # where the server listens
    # of the problem, to find its grid: no column of the record holds one (§2.10)
    "intake lon: degrees",
    "intake lat: degrees",
    # a drawn township to click on: the way HTML sends a click without script
    "html public/ask_place: input image spot{{ sheet.width }}",
    "staff mappings: text_input mapping_name",  # of a mapping file
    "html ui/code: input hidden ticket",  # of a sign-in that waits for its second step
    "staff case_steps: checkbox earlier",  # a step that was taken earlier than now
    "feature age_days",  # of a case, as the next ones
    "feature body_closing_age_28d",
    "feature body_category_closing_age_28d",
    "feature category_closing_age_28d",
}


def tokens(line: str) -> set[str]:
    """The words of a name, alone and in pairs: identity_number is `identity`, `number`, both."""
    parts = [p for p in re.split(r"[^a-z0-9]+", line.lower()) if p]
    return {*parts, *("_".join(pair) for pair in pairwise(parts))}


@pytest.mark.parametrize("name", ["golden_columns.txt", "golden_features.txt", "golden_fields.txt"])
def test_no_name_is_for_a_person_a_number_of_people_or_their_ways(name: str) -> None:
    # the form for phones: its pages are called so, no field of theirs is
    lines = {line: line.replace("html ui/phone_", "html ui/") for line in LISTS[name]()}
    found = {line: sorted(tokens(said) & PERSON) for line, said in lines.items()}
    found = {line: hits for line, hits in found.items() if hits}
    assert set(found) - OFFICES_AND_FILES - CHANCES_OF_LATE_ANSWERS - NOT_PERSONS == set(), found


@pytest.mark.parametrize(
    "line",
    ["case_version.headcount", "case_version.asker_name", "receipt.phone", "text_input id_number",
     "feature body_persons", "case_version.group", "staff case: number_input address"],
)  # fmt: skip
def test_the_word_list_knows_what_it_looks_for(line: str) -> None:
    assert tokens(line) & PERSON


def test_the_tables_between_rooms_have_no_more_columns_than_the_record() -> None:
    recorded = {column.split(".")[1] for column in golden.columns()}
    derived = {"case", "known_at", "is_confirmed"}
    for model in (frames.Cases, frames.Events, frames.Filings, frames.Townships, frames.Bodies):
        assert set(model.to_schema().columns) <= recorded | derived


PHONE, IDENTITY, CARD = "13912345678", "11010519491231002X", "6222021234567890128"
PERSON_SAYS = "张伟明"
TEXT = f"我叫{PERSON_SAYS}，电话{PHONE}，身份证{IDENTITY}，工资卡号{CARD}，工资未发。"
CANARIES = (PHONE, IDENTITY, CARD, PERSON_SAYS)


def spoken(db: Db, new_case) -> str:
    """A county in which somebody wrote a person into every place that takes words."""
    made = record.register(db, DESK, new_case(summary=TEXT, source_id="A-17"))
    assert made.slip is not None
    for event in ("contacted", "transferred", "answered"):
        said = dict.fromkeys(ANSWER, TEXT) if event == "answered" else {"said": TEXT}
        new = NewEvent(event, words=said, to_body_id="b01" if event == "transferred" else None)
        record.add_event(db, LABOUR, made.case_id, new, anything)
    problems = [RowProblem(3, "类别", "intake.row.bad_category", (("field", "类别"),))]
    quarantine.hold(db, DESK, f"{TEXT}.xlsx", {3: {"事项内容": TEXT, "类别": PHONE}}, problems)
    frame = cases([{"summary": TEXT}])
    said = events(frame, {0: [("contacted", 1.0)]}).assign(words=None)
    said.loc[said["event"] == "contacted", "words"] = f'{{"said": "{TEXT}"}}'
    bulk.take_over(db, Scope.operator(), frame, said, source_name=f"{TEXT}.csv")
    open_texts(db, SUPERVISOR, made.case_id, reason=TEXT)
    return made.case_id


def test_what_the_redactor_knows_is_gone_before_anything_is_written(county: Db, new_case) -> None:
    spoken(county, new_case)
    stored = stored_bytes(county)
    assert b"rows_refused" in stored  # the log is read as well as the file
    for canary in CANARIES:
        for form in encodings(canary):
            assert form not in stored, canary


def test_nor_does_it_lie_under_a_seal(county: Db, new_case) -> None:
    case_id = spoken(county, new_case)
    asker = Scope(who=case_id, role="resident")
    summary = read_summary(county, asker, case_id)
    said = [w for e in read_case(county, asker, case_id).events for w in (e.words or {}).values()]
    cells = [c for row in quarantine.waiting(county, DESK) for c in row.cells.values()]
    reasons = [str(o["reason"]) for o in text_openings(county, asker, case_id)]
    assert summary is not None
    assert "工资未发" in summary
    assert len(said) == 7
    for text in (summary, *said, *cells, *reasons):
        assert [canary for canary in CANARIES if canary in text] == []


def test_the_same_canaries_are_found_where_nobody_redacts(county: Db) -> None:
    with county.write() as conn:
        audit.write(county, conn, DESK, "text_opened", reason=TEXT)
    assert any(form in stored_bytes(county) for form in encodings(PHONE))


def test_the_senders_own_number_is_kept_as_a_keyed_hash_only(county: Db, new_case) -> None:
    record.register(county, DESK, new_case(source_id="LEDGER-2026-000917"))
    for form in encodings("LEDGER-2026-000917"):
        assert form not in stored_bytes(county)


def test_who_registered_a_case_stands_in_the_log_only(county: Db, new_case) -> None:
    record.register(county, DESK, new_case())
    with county.read() as conn:
        held = {
            table.name
            for table in metadata.sorted_tables
            for row in conn.execute(sa.select(table))
            if DESK.who in map(str, row)
        }
    assert held == {"audit"}


def test_figures_and_work_lists_carry_nobody(county: Db, new_case) -> None:
    record.register(county, DESK, new_case())
    table = read_worklist(county, LABOUR, county.now())
    texts = pd.concat([table.cases.astype(str).stack(), table.events.astype(str).stack()])
    assert not texts.str.contains(DESK.who).any()
