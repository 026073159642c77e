"""DOMAIN.md §2.7: every word an office writes about a case reaches its asker unchanged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from casework.reasons import REASONS, reason_key
from casework.sweeps import FINDING_STEPS
from casework.written import WRITTEN, written
from data import filings, frames, record
from data.assigned import NewAssignment
from data.db import Db
from data.errors import NotAllowed
from data.history import NewEvent
from data.reading import read_figures
from data.receipts import Slip
from data.schema import assignment, case_event, excused_day, filing, sweep_finding
from data.vocabulary import FILING_REASONS, OFFICE_EVENTS, SWEEP_FINDINGS
from reports.facts_json import to_json
from service import assignments, daily, sweeps
from tests.conftest import DESK, LABOUR, LEADER, SUPERVISOR
from tests.public.conftest import Reader, words
from wording import t

from .conftest import ANSWER, anything, office

SAID = '  第{n}句：<b>不予</b> & "引号"\n换行——{part} {{x}} %s \\n ,.;\'`  '


def spoken(event: str) -> dict[str, str]:
    """Words in every part that this step has, each different, with everything that breaks."""
    return {
        part: SAID.replace("{n}", str(number)).replace("{part}", f"{event}.{part}")
        for number, part in enumerate([*written(event).parts, "another_part"])
    }


def test_every_word_of_every_step_stands_on_the_askers_page_unchanged(
    county: Db, reader: Reader, new_case
) -> None:
    for event in OFFICE_EVENTS:
        if event == "erased":  # takes words away and has none (tests of rule 13)
            continue
        slip = record.register(county, DESK, new_case()).slip
        assert slip is not None
        said = spoken(event)
        new = NewEvent(event, words=said, to_body_id="b01" if event == "transferred" else None)
        record.add_event(county, LABOUR, slip.case_id, new, anything)
        page = words(reader.open(slip.code))
        for part, text in said.items():
            assert text.strip() in page, (event, part)
        assert t(f"words.event.{event}", "zh") in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_from_a_list_is_told_in_words(
    county: Db, reader: Reader, new_case, language: str
) -> None:
    for event, codes in REASONS.items():
        slip = record.register(county, DESK, new_case()).slip
        assert slip is not None
        for code in codes:
            to = "b01" if event == "transferred" else None
            new = NewEvent(event, code=code, to_body_id=to, days=9 if event == "extended" else None)
            record.add_event(county, LABOUR, slip.case_id, new, anything)
        page = words(reader.open(slip.code, lang=language))
        for code in codes:
            assert t(reason_key(event, code), language) in page, code


def test_a_whole_case_under_the_packs_own_grammar_hides_no_word(
    county: Db, slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    steps = [
        (
            "transferred",
            {"to_body_id": "b01", "code": "by_task", "words": {"reason": "属人社职责。"}},
        ),
        ("accepted", {"words": {"note": "已受理。"}}),
        ("contacted", {"words": {"note": "已通电话。"}}),
        ("extended", {"days": 30, "code": "complex", "words": {"reason": "需要鉴定。"}}),
        ("answered", {"words": ANSWER}),
        ("notified", {"words": {"said": "短信告知。"}}),
    ]
    for event, values in steps:
        clock.go(days=2)
        office(county, slip.case_id, event, **values)
    page = words(reader.open(slip.code))
    for _, values in steps:
        for text in values["words"].values():
            assert text in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_and_code_of_an_assignment_stands_on_the_askers_page(
    county: Db, reader: Reader, slip: Slip, language: str
) -> None:
    office(county, slip.case_id, "accepted")
    due = assignments.choices(county, SUPERVISOR, slip.case_id).usual_day
    note, said, why = (SAID.replace("{n}", n).replace("{part}", "x") for n in "123")
    new = NewAssignment("case", "b01", "this_case", "contact", due, slip.case_id, words=note)
    made = assignments.assign(county, SUPERVISOR, new)
    assignments.follow_up(county, LABOUR, made, "acknowledged")
    assignments.follow_up(county, LABOUR, made, "answered", "within_week", said)
    assignments.follow_up(county, SUPERVISOR, made, "returned", "no_facts", why)
    assignments.follow_up(county, SUPERVISOR, made, "ended", "replaced")
    page = words(reader.open(slip.code, lang=language))
    for text in (note, said, why):
        assert text.strip() in page
    keys = (
        "origin.case", "step.contact", "event.acknowledged", "event.answered", "answer.within_week",
        "event.returned", "return_reason.no_facts", "event.ended", "end_reason.replaced",
    )  # fmt: skip
    for key in keys:
        assert t(f"assignments.{key}", language) in page, key
    assert page.count(t("assignments.state.ended", language)) >= 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_of_a_sweep_stands_on_the_askers_page(
    county: Db, reader: Reader, slip: Slip, language: str
) -> None:
    office(county, slip.case_id, "accepted")
    today = sweeps.today_of(county)
    made = sweeps.begin(county, LABOUR, "b01", "open", today)
    noted = [(f, next(iter(FINDING_STEPS[f]), None)) for f in SWEEP_FINDINGS]
    for finding, step in noted:
        due_on = today if step else None
        sweeps.note(county, LABOUR, made, slip.case_id, finding, step, due_on)
    page = words(reader.open(slip.code, lang=language))
    for finding, step in noted:
        assert t(f"sweeps.finding.{finding}", language) in page, finding
        assert step is None or t(f"assignments.step.{step}", language) in page, step


def test_a_finding_has_no_room_for_a_sentence() -> None:
    lengths = [c.type.length for c in sweep_finding.columns if isinstance(c.type, sa.String)]
    assert max(lengths) <= 40


def test_an_assignment_without_a_case_has_no_room_for_a_sentence(county: Db) -> None:
    due = assignments.subject_choices(county, "backlog_cases", "b01").usual_day
    for scope, origin in ((SUPERVISOR, "notice"), (LEADER, "instruction")):
        new = NewAssignment(origin, "b01", "backlog_cases", "report", due, words="张三又来了")
        with pytest.raises(NotAllowed):
            assignments.assign(county, scope, new)
    lengths = [c.type.length for c in assignment.columns if isinstance(c.type, sa.String)]
    assert max(lengths) <= 40


def test_no_step_can_be_written_that_the_page_does_not_know() -> None:
    for event, parts in WRITTEN.items():
        assert event in OFFICE_EVENTS
        for part in parts.parts:
            assert t(f"public.part.{part}", "zh")


def test_a_filing_and_an_excuse_have_no_room_for_a_sentence(county: Db) -> None:
    for table in (filing, excused_day):
        lengths = [c.type.length for c in table.columns if isinstance(c.type, sa.String)]
        assert max(lengths) <= 24
        assert not any(isinstance(c.type, sa.Text) for c in table.columns)
    today = county.now().date()
    for reason in ("张三又来了", "sick", "training; he came again"):
        with pytest.raises(NotAllowed):
            filings.file_day(county, DESK, "990000001000", today, "zero", reason)
    filings.file_day(county, DESK, "990000001000", today, "zero", FILING_REASONS[0])


def test_what_a_step_keeps_beside_its_words_is_codes(county: Db) -> None:
    kept = {c.name: c.type.length for c in case_event.columns if isinstance(c.type, sa.String)}
    assert max(kept.values()) <= 40
    assert set(frames.Events.to_schema().columns) & {"words", "text", "text_id"} == set()


def test_figures_and_the_daily_report_are_the_same_whatever_was_written(another, new_case) -> None:
    made = []
    for text in ("工资三个月未发。", "村里路灯坏了，整条路都是黑的。"):
        db = another()
        case = record.register(db, DESK, new_case(summary=text))
        said = {"note": text}
        record.add_event(db, LABOUR, case.case_id, NewEvent("contacted", words=said), anything)
        report = daily.daily(db, SUPERVISOR, db.now().date(), db.now())
        # the log's newest hash covers the case's number, which is drawn anew
        files = tuple(f for f in report.files if not f.name.startswith("audit#"))
        assert len(files) == len(report.files) - 1
        report = replace(report, files=files)
        table = read_figures(db, SUPERVISOR, db.now())
        made.append((to_json(report), table.cases.to_csv(), table.events.to_csv()))
        assert json.dumps(text, ensure_ascii=False)[1:-1] not in made[-1][0].decode()
    assert made[0] == made[1]
