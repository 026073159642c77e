"""The record: nothing is edited, both times stand, the scope decides in the query."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
import sqlalchemy as sa

from data import receipts
from data.errors import NotAllowed, NotFound, RuleError
from data.history import ANSWER_PARTS, NewEvent
from data.openings import open_texts, text_openings
from data.reading import read_case, read_figures, read_summary, read_worklist
from data.record import add_event, confirm, register, register_all
from data.schema import APPEND_ONLY, case_event, case_text, case_version, metadata, text_key
from data.texts import destroy_key
from tests.conftest import (
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    NOW,
    REVIEWER,
    SUPERVISOR,
)  # fmt: skip
from tests.data.test_upgrade import value

ANSWER = dict.fromkeys(ANSWER_PARTS, "已查明。")


def anything(history, event) -> None:
    """A grammar that allows everything: the pack's own is tested in its room."""


def test_a_registered_case_is_read_back_by_the_body_that_owes_it(county, new_case):
    made = register(county, DESK, new_case())
    case = read_case(county, LABOUR, made.case_id)
    assert (case.category, case.body_id, case.desk) == ("unpaid_wages", "b01", "t01")
    assert [e.event for e in case.events] == ["registered"]
    with pytest.raises(NotFound):
        read_case(county, HOUSING, made.case_id)


def test_an_unconfirmed_case_has_no_place_finer_than_the_township(county, new_case):
    made = register(county, DESK, new_case())
    assert read_case(county, LABOUR, made.case_id).grid_code is None
    with county.read() as conn:
        assert conn.execute(sa.select(case_version.c.grid_code)).scalars().all() == [None]
    opened = receipts.find(county, made.slip.code)
    assert confirm(county, opened.scope, opened) is True
    case = read_case(county, LABOUR, made.case_id)
    assert case.grid_code == "990000001001001"
    assert case.is_confirmed
    assert confirm(county, opened.scope, opened) is False
    assert sum(e.event == "confirmed" for e in read_case(county, LABOUR, made.case_id).events) == 1


def test_what_the_asker_typed_online_needs_no_confirmation(county, new_case):
    made = register(county, DESK, new_case(channel="hotline"))
    assert read_case(county, LABOUR, made.case_id).grid_code == "990000001001001"


def test_the_same_number_of_a_desk_adds_nothing(county, new_case):
    first, second = register_all(county, DESK, [new_case(source_id="7"), new_case(source_id="7")])
    assert second.is_repeat
    assert second.case_id == first.case_id
    assert register(county, DESK, new_case(source_id="8")).case_id != first.case_id
    with county.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(case_version)) == 2


def test_a_row_sent_again_gets_another_slip_until_a_code_was_used(county, new_case, clock):
    first, within = register_all(county, DESK, [new_case(source_id="7"), new_case(source_id="7")])
    assert within.slip is None, "one file, one slip"
    clock.go(minutes=1)
    again = register(county, DESK, new_case(source_id="7"))
    assert again.is_repeat
    assert again.case_id == first.case_id
    for slip in (first.slip, again.slip):
        assert receipts.find(county, slip.code).case_id == first.case_id
    assert not receipts.find(county, again.slip.code).is_reissued
    opened = receipts.find(county, again.slip.code)
    confirm(county, opened.scope, opened)
    clock.go(minutes=1)
    assert register(county, DESK, new_case(source_id="7")).slip is None


def test_rows_without_a_number_are_never_matched(county, new_case):
    made = register_all(county, DESK, [new_case(), new_case()])
    assert made[0].case_id != made[1].case_id


def test_one_row_that_is_not_allowed_stores_none(county, new_case):
    with pytest.raises(NotAllowed):
        register_all(county, DESK, [new_case(), new_case(township_code="990000002000")])
    with county.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(case_version)) == 0


def test_the_words_of_an_answer_reach_the_asker_unchanged_and_staff_only_by_opening(
    county, new_case
):
    made = register(county, DESK, new_case())
    add_event(county, LABOUR, made.case_id, NewEvent("answered", words=ANSWER), anything)
    opened = receipts.find(county, made.slip.code)
    assert read_case(county, opened.scope, made.case_id).events[-1].words == ANSWER
    assert read_summary(county, opened.scope, made.case_id) == "东郊工地三个月工资未发。"
    assert read_case(county, LABOUR, made.case_id).events[-1].words is None
    assert text_openings(county, opened.scope, made.case_id) == []
    summary, history = open_texts(county, LABOUR, made.case_id)
    assert (summary, history.events[-1].words) == ("东郊工地三个月工资未发。", ANSWER)
    with pytest.raises(NotAllowed):
        open_texts(county, SUPERVISOR, made.case_id)
    open_texts(county, SUPERVISOR, made.case_id, reason="核查逾期")
    seen = text_openings(county, opened.scope, made.case_id)
    assert [(s["role"], s["body_id"], s["reason"], s["count"]) for s in seen] == [
        ("department_clerk", "b01", None, 1),
        ("supervisor", None, "核查逾期", 1),
    ]


def test_texts_are_cleaned_of_persons_before_they_are_sealed(county, new_case):
    made = register(county, DESK, new_case(summary="联系电话13912345678，工资未发。"))
    opened = receipts.find(county, made.slip.code)
    assert "13912345678" not in read_summary(county, opened.scope, made.case_id)


def test_destroying_the_key_ends_every_text_and_leaves_the_figures(county, new_case):
    made = register(county, DESK, new_case())
    add_event(county, LABOUR, made.case_id, NewEvent("answered", words=ANSWER), anything)
    with county.write() as conn:
        destroy_key(conn, made.case_id, county.stamp(conn))
        assert conn.execute(sa.select(text_key.c.wrapped)).scalars().all() == [None]
        assert conn.scalar(sa.select(sa.func.count()).select_from(case_text)) == 0
    opened = receipts.find(county, made.slip.code)
    assert read_summary(county, opened.scope, made.case_id) is None
    assert read_case(county, opened.scope, made.case_id).events[-1].words is None
    assert len(read_figures(county, SUPERVISOR, county.now()).cases) == 1


def test_an_answer_with_a_part_missing_is_not_recorded(county, new_case):
    made = register(county, DESK, new_case())
    with pytest.raises(NotAllowed, match="1 of its parts"):
        add_event(
            county, LABOUR, made.case_id,
            NewEvent("answered", words={**ANSWER, "basis": " "}), anything,
        )  # fmt: skip
    assert len(read_case(county, LABOUR, made.case_id).events) == 1


def test_a_refused_event_writes_nothing(county, new_case):
    made = register(county, DESK, new_case())

    def refuse(history, event) -> None:
        raise RuleError("not_accepted", number=1, event=event.event, day="-")

    with pytest.raises(RuleError):
        add_event(county, LABOUR, made.case_id, NewEvent("extended", days=30), refuse)
    with county.read() as conn:
        assert conn.execute(sa.select(case_event.c.event)).scalars().all() == ["registered"]


def test_one_case_is_read_by_those_alone_whose_list_has_it(county, new_case):
    """The condition for one case and that of the lists are two statements with one meaning."""
    slips = register_all(county, DESK, [new_case(source_id=str(n)) for n in range(3)])
    kept, moved, back = (one.case_id for one in slips)
    for case_id, bodies in ((moved, ("b02",)), (back, ("b02", "b01"))):
        for owner, body in zip((LABOUR, HOUSING), bodies, strict=False):
            add_event(county, owner, case_id, NewEvent("transferred", to_body_id=body), anything)
    for scope, own in (
        (LABOUR, {kept, back}), (HOUSING, {moved}), (SUPERVISOR, {kept, moved, back}),
        (REVIEWER, set()), (LEADER, set()), (GRID_WORKER, set()),
    ):  # fmt: skip
        found = set()
        for case_id in (kept, moved, back):
            with suppress(NotFound):
                found.add(read_case(county, scope, case_id).case_id)
        assert found == own
        if scope not in (LEADER, GRID_WORKER):  # these have no list
            assert set(read_worklist(county, scope, county.now()).cases["case_id"]) == own


def test_a_transfer_moves_the_case_to_the_receivers_list_only(county, new_case):
    made = register(county, DESK, new_case())
    add_event(county, LABOUR, made.case_id, NewEvent("transferred", to_body_id="b02"), anything)
    assert list(read_worklist(county, HOUSING, county.now()).cases["case_id"]) == [made.case_id]
    assert read_worklist(county, LABOUR, county.now()).cases.empty
    with pytest.raises(NotFound):
        add_event(county, LABOUR, made.case_id, NewEvent("accepted"), anything)


def test_nobody_but_the_asker_records_what_an_asker_does(county, new_case):
    made = register(county, DESK, new_case())
    for event in ("not_solved", "rated", "disowned", "withdrawal_asked", "confirmed"):
        with pytest.raises(NotAllowed):
            add_event(county, LABOUR, made.case_id, NewEvent(event), anything)
    opened = receipts.find(county, made.slip.code)
    with pytest.raises(NotAllowed):
        add_event(county, opened.scope, made.case_id, NewEvent("answered", words=ANSWER), anything)


def test_a_code_reaches_its_own_case_and_no_other(county, new_case):
    mine, other = register_all(county, DESK, [new_case(), new_case()])
    opened = receipts.find(county, mine.slip.code)
    with pytest.raises(NotFound):
        read_case(county, opened.scope, other.case_id)
    with pytest.raises(NotFound):
        add_event(county, opened.scope, other.case_id, NewEvent("not_solved"), anything)


ROWS: dict[str, dict[str, object]] = {
    "model": {
        "model_version": "v", "recorded_at": NOW, "as_of": NOW, "served": "direct",
        "data_hash": "d", "code_version": "0", "card": "{}",
    },
    "score": {
        "case_id": "x", "as_of": NOW, "recorded_at": NOW, "probability": 0.5, "model_version": "v",
    },
    "flag": {
        "flag_id": "f", "case_id": "x", "as_of": NOW, "probability": 0.5, "level": "due_soon",
        "model_version": "v", "reasons": "[]",
    },
    "flag_event": {"flag_id": "f", "event": "proposed", "recorded_at": NOW},
    "assignment": {
        "assignment_id": "a", "origin": "notice", "body_id": "b01", "subject": "overdue_answers",
        "step": "report", "due_on": NOW.date(), "recorded_at": NOW,
    },
    "assignment_event": {"assignment_id": "a", "event": "acknowledged", "recorded_at": NOW},
    "correction": {"case_id": "x", "event": "asked", "field": "place", "recorded_at": NOW},
    "publication": {"month": "2026-02", "recorded_at": NOW, "sha256": "0", "content": "{}"},
    "roster": {
        "day": NOW.date(), "starts": "09:00", "ends": "11:30", "post": "county_head",
        "place": "x", "slots": 8, "recorded_at": NOW, "is_off": False,
    },
    "area_change": {
        "from_code": "x", "to_code": "y", "kind": "renamed", "share": 1.0,
        "valid_from": NOW.date(), "recorded_at": NOW,
    },
    "report_issue": {
        "kind": "daily", "starts_on": NOW.date(), "ends_on": NOW.date(), "number": 1,
        "recorded_at": NOW, "issued_by": "x", "sha256": "0", "content": "{}",
    },
    "sweep": {
        "sweep_id": "s", "body_id": "b01", "kind": "open", "until": NOW.date(), "recorded_at": NOW,
    },
    "sweep_case": {"sweep_id": "s", "case_id": "x"},
    "sweep_finding": {
        "sweep_id": "s", "case_id": "x", "body_id": "b01", "finding": "in_order",
        "recorded_at": NOW,
    },
    "campaign": {
        "campaign_id": "c", "begins_on": NOW.date(), "ends_on": NOW.date(), "categories": "[]",
        "bodies": "[]", "recorded_at": NOW,
    },
    "campaign_measure": {
        "measure_id": "m", "campaign_id": "c", "body_id": "b01", "category": "x",
        "figure": "on_time", "measure": "training", "post": "office_head", "due_on": NOW.date(),
        "recorded_at": NOW,
    },
    "campaign_result": {
        "measure_id": "m", "result": "done", "done_on": NOW.date(), "recorded_at": NOW,
    },
    "inspection": {
        "year": 2026, "body_id": "b01", "item": "x", "mark": "met", "done_on": NOW.date(),
        "post": "office_head", "checklist": "0", "recorded_at": NOW,
    },
    "evaluation": {
        "year": 2026, "evaluator": "university", "body_id": "b01", "measure": "told", "share": 0.5,
        "base": 20, "method": "phone_survey", "recorded_at": NOW,
    },
}  # fmt: skip


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_to_change_or_delete_what_was_recorded(county, new_case, table):
    register(county, DESK, new_case())
    with county.write() as conn:
        conn.execute(sa.text(
            "INSERT INTO filing (township_code, period, kind, filed_at, recorded_at, revision) "
            "VALUES ('x', '2026-03-05', 'zero', 1, 1, 1)"))  # fmt: skip
        conn.execute(sa.text(
            "INSERT INTO excused_day (township_code, period, reason, recorded_at) "
            "VALUES ('x', '2026-03-05', 'training', 1)"))  # fmt: skip
        for name, row in ROWS.items():
            conn.execute(metadata.tables[name].insert().values(**row))
        if not conn.scalar(sa.select(sa.func.count()).select_from(metadata.tables[table])):
            bare = sa.Table(table, sa.MetaData(), autoload_with=conn)
            conn.execute(bare.insert().values({c.name: value(c, 2) for c in bare.columns}))
    column = metadata.tables[table].columns.keys()[1]
    for sql in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), county.write() as conn:
            conn.execute(sa.text(sql))


def test_recorded_at_never_decreases_when_the_clock_is_set_back(county, new_case, clock):
    register(county, DESK, new_case())
    clock.go(hours=-5)
    register(county, DESK, new_case(opened_at=clock()))
    with county.read() as conn:
        stamps = conn.execute(
            sa.select(case_version.c.recorded_at).order_by(case_version.c.id)
        ).scalars().all()  # fmt: skip
    assert stamps == sorted(stamps)


def test_reading_as_of_an_earlier_moment_knows_nothing_later(county, new_case, clock):
    made = register(county, DESK, new_case())
    before = clock()
    clock.go(days=2)
    add_event(county, LABOUR, made.case_id, NewEvent("accepted"), anything)
    assert list(read_figures(county, SUPERVISOR, before).events["event"]) == ["registered"]
    assert list(read_figures(county, SUPERVISOR, clock()).events["event"]) == [
        "registered", "accepted",
    ]  # fmt: skip
    earlier = before - dt.timedelta(days=1)
    assert read_figures(county, SUPERVISOR, earlier).cases.empty


def test_figures_carry_no_identity_and_a_grid_worker_sees_nothing(county, new_case):
    made = register(county, GRID_WORKER, new_case(channel="on_behalf"))
    assert read_figures(county, LEADER, county.now()).cases["case_id"].isna().all()
    for read in (read_figures, read_worklist):
        with pytest.raises(NotAllowed):
            read(county, GRID_WORKER, county.now())
    with pytest.raises(NotFound):
        read_case(county, GRID_WORKER, made.case_id)


def test_a_bulk_read_does_not_make_later_writes_invisible(county, new_case):
    """A second SQLite in the process once deleted the write-ahead log under the first."""
    register(county, DESK, new_case())
    assert len(read_worklist(county, SUPERVISOR, county.now()).cases) == 1
    register(county, DESK, new_case())
    assert len(read_worklist(county, SUPERVISOR, county.now()).cases) == 2
