"""A made-up ledger of an older system: taken over with its clocks running, by its own times."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from casework.adapter import events_of
from casework.clocks import clocks
from data import quarantine, receipts, steering, texts
from data.db import Db
from data.errors import DataError, NotFound
from data.reading import read_case
from data.record import confirm, register
from data.rows import NewCase
from data.schema import case_event, case_version, metadata, source_ref
from data.scope import Scope
from service import takeover
from service.figures import county_figures, worklist
from service.rules import rules_of
from tests.conftest import ROOT, SUPERVISOR, Clock

LEDGER = ROOT / "examples" / "ledger_cn"
TODAY = dt.datetime(2026, 11, 25, 2, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Shanghai
LETTERS = Scope(who="clerk-letters", role="department_clerk", bodies=frozenset({"b01"}), desk="b01")
LABOUR = Scope(who="clerk-labour", role="department_clerk", bodies=frozenset({"b02"}), desk="b02")

DUE = {
    "信2026-0801": "2026-12-07",  # 20 Nov + 15 = Sat 5 Dec, moved to Monday
    "信2026-0802": "2026-11-27",  # to be decided: 15 days from the transfer of 12 Nov
    "信2026-0803": "2026-12-11",  # accepted 12 Oct + 60
    "信2026-0804": "2026-11-30",  # accepted 1 Sep + 60 + 30
    "信2026-0805": "2026-12-02",  # simple: 10 working days from 18 Nov
    "信2026-0806": "2026-11-26",  # simple, to be decided: 3 working days from 23 Nov
    "信2026-0807": "2026-10-09",  # accepted 10 Aug + 60: overdue
    "信2026-0808": "2026-12-07",  # 17 Sep + 60 + 20 days between answer and objection: Sun 6 Dec
    "信2026-0810": "2027-01-19",  # accepted 20 Nov + 60
    "信2026-0811": "2027-01-08",  # accepted 9 Nov + 60
    "信2026-0812": "2026-12-22",  # accepted 23 Oct + 60
}
"""Last days of the open cases, counted by hand."""
BROKEN = {
    27: "not_accepted", 28: "second_extension", 29: "in_the_future", 30: "extension_after_limit",
    31: "extension_too_long", 32: "not_registered", 33: "out_of_order", 34: "right_lapsed",
    35: "no_extension", 36: "bad_moment", 37: "second_extension", 38: "unknown_category",
    39: "unknown_place", 40: "unknown_body", 41: "not_asked", 42: "person_in_id",
    43: "repeated_id",
}  # fmt: skip
"""The rule each impossible row of the example breaks, by its row in the sheet."""


@pytest.fixture
def county(db: Db, clock: Clock) -> Db:
    clock.at = TODAY
    takeover.set_up_county(db, LEDGER / "county.toml")
    return db


def test_a_county_file_copied_without_what_it_names_is_told_what_is_not_there(
    db: Db, tmp_path: Path
) -> None:
    """As somebody does who begins with the example: by another file than the example's folder."""
    copied = tmp_path / "county.toml"
    copied.write_text((LEDGER / "county.toml").read_text("utf-8"), "utf-8")
    with pytest.raises(NotFound, match="categories_cn"):
        takeover.set_up_county(db, copied)


def take(db: Db, file: str | Path = "ledger.csv", mapping: str = "mapping.toml", steps=None):
    read = takeover.read_mapping(db, LEDGER / mapping)
    sent = takeover.Sent.of(LEDGER / file)
    second = takeover.Sent.of(LEDGER / steps) if steps else None
    return takeover.take_over_export(db, Scope.operator(), sent, read, steps=second)


def case_ids(db: Db, desk: str = "b01") -> dict[str, str]:
    """Case id by the ledger's own number."""
    numbers = [
        *DUE,
        "信2026-0809",
        *(f"信2026-07{n:02}" for n in range(1, 13)),
        "信2026-0901",
        "热2026-01",
    ]
    with db.read() as conn:
        known = dict(conn.execute(sa.select(source_ref.c.source_key, source_ref.c.case_id)).all())
    named = {n: db.keys.digest("source", f"{desk}:{n}") for n in numbers}
    return {number: known[key] for number, key in named.items() if key in known}


def stored(db: Db) -> str:
    """Everything in the database, as text."""
    with db.read() as conn:
        return "\n".join(
            str(list(row))
            for table in metadata.sorted_tables
            for row in conn.execute(table.select())
        )


def standing(db: Db, as_of: dt.datetime) -> pd.DataFrame:
    found = worklist(db, SUPERVISOR, as_of)
    return found.standing.set_index(pd.Index(found.table.cases["case_id"]))


def test_right_after_the_import_every_open_case_is_due_on_the_day_counted_by_hand(county):
    done = take(county)
    assert (done.mapped.rows, done.added) == (41, 24)
    stand, ids = standing(county, TODAY), case_ids(county)
    due = {number: str(stand.at[ids[number], "next_due_on"])[:10] for number in DUE}
    assert due == DUE
    assert stand.at[ids["信2026-0807"], "is_overdue"]
    assert stand.at[ids["信2026-0808"], "is_not_solved"]
    is_open = {number for number in ids if stand.at[ids[number], "is_open"]}
    assert is_open == set(DUE)
    # answered and asked to be reviewed on 2 November: 30 days
    history = read_case(county, SUPERVISOR, ids["信2026-0809"])
    pack, calendar = rules_of(county).for_case(history, "Asia/Shanghai")
    given = (pack, history.procedure, events_of(history), TODAY, "Asia/Shanghai", calendar)
    review = next(clock for clock in clocks(*given) if clock.clock == "review")
    assert (review.state, f"{review.due_on}") == ("running", "2026-12-02")


def test_before_the_import_the_record_knows_what_the_older_system_knew(county, clock):
    take(county)
    clock.go(days=1)
    late = case_ids(county)["信2026-0707"]
    # answered on 18 September, written down on the 30th: open until then, and late
    before = standing(county, dt.datetime(2026, 9, 29, tzinfo=dt.UTC))
    after = standing(county, dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    assert before.at[late, "is_open"]
    assert not after.at[late, "is_open"]
    assert after.at[late, "outcome"] == "late"
    # registered on 19 October, entered at 16:40
    entered = case_ids(county)["信2026-0812"]
    for hour, is_known in ((8, False), (9, True)):
        moment = dt.datetime(2026, 10, 19, hour, tzinfo=dt.UTC)
        assert (entered in standing(county, moment).index) == is_known
    figures = county_figures(county, SUPERVISOR, dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC))
    assert len(figures.table.cases) == 5  # opened by 1 July, among those taken over
    with county.read() as conn:
        for table in (case_version, case_event):
            assert set(conn.execute(sa.select(table.c.recorded_at)).scalars()) == {TODAY}


def test_what_cannot_have_happened_is_not_stored_and_named_by_its_rule(county):
    done = take(county)
    listed = takeover.row_list(done.mapped)
    assert dict(zip(listed["row"], listed["what"], strict=True)) == BROKEN
    assert len(case_ids(county)) == 24
    said = {row: text for row, _, text in takeover.sentences(done.mapped, "zh")}
    assert said[27].startswith("第 2 条记录（2026年9月15日）不成立：事项尚未受理。")
    assert said[36].startswith("“受理日期”看不出是哪一天")


def test_rows_that_do_not_fit_wait_sealed_for_their_desk_and_for_nobody_else(county):
    done = take(county)
    waits = {row.row_number: row for row in quarantine.waiting(county, LETTERS)}
    assert set(waits) == set(BROKEN) - {41}  # nobody asked for it: it is not kept to be mended
    assert done.waiting == 16
    assert waits[28].problems[0].key == "rules.second_extension"
    assert waits[38].problems[0].key == "intake.aside.unknown_category"
    assert quarantine.waiting(county, LABOUR) == []
    assert "答复在受理之前" not in stored(county)
    assert not any({"姓名", "联系电话", "备注"} & set(row.cells) for row in waits.values())


def test_mended_rows_come_in_when_sent_again_and_the_same_rows_add_nothing(county):
    take(county)
    mended = take(county, "ledger_mended.csv")
    assert (mended.added, mended.waiting) == (3, 0)
    assert len(quarantine.waiting(county, LETTERS)) == 13
    again = take(county)
    assert (again.added, again.repeated) == (0, 27)
    assert {"not_accepted", "in_the_future"} & set(again.mapped.aside_counts) == set()
    assert len(quarantine.waiting(county, LETTERS)) == 13


def test_names_telephones_and_identity_numbers_of_a_ledger_stay_outside(county):
    done = take(county)
    kept = stored(county)
    for person in ("王某某", "13800000001", "张建国", "13800000002", "110101199003070011"):
        assert person not in kept
    numbers = [row.cells["编号"] for row in quarantine.waiting(county, LETTERS)]
    assert "110101199003070011" not in numbers
    notes = {note.column: note.key for note in done.mapped.notes}
    assert notes["姓名"] == notes["联系电话"] == "intake.note.person_column"
    assert notes["备注"] == "intake.note.unknown_column"
    case_id = case_ids(county)["信2026-0711"]
    with county.read() as conn:
        said = texts.opened(county, conn, case_id, ["summary"])
    assert [*said.values()] == ["请联系〔姓名已隐去〕，电话〔号码已隐去〕，物业费收了没有开票。"]


def test_no_case_of_a_ledger_is_confirmed_until_its_slip_is_used(county):
    take(county)
    ids = case_ids(county)
    found = worklist(county, SUPERVISOR, TODAY).table.cases.set_index("case_id")
    assert not found["is_confirmed"].any()  # not even those it says came by the hotline or online
    case_id = ids["信2026-0803"]
    assert case_id in receipts.without_receipt(county, LETTERS)
    opened = receipts.find(county, receipts.issue_first(county, LETTERS, case_id).code)
    confirm(county, opened.scope, opened)
    found = worklist(county, SUPERVISOR, TODAY).table.cases.set_index("case_id")
    assert found.at[case_id, "is_confirmed"]
    assert int(found["is_confirmed"].sum()) == 1


def test_a_hotlines_own_export_is_confirmed_and_its_steps_come_in_a_second_file(county):
    done = take(county, "hotline_cases.csv", "hotline_mapping.toml", "hotline_steps.csv")
    assert done.added == 3
    assert done.mapped.aside_counts == {"unknown_step": 1}
    assert [stray.row for stray in done.mapped.strays] == [9]
    found = worklist(county, SUPERVISOR, TODAY)
    assert found.table.cases["is_confirmed"].all()
    case_id = case_ids(county, "hotline")["热2026-01"]
    assert standing(county, TODAY).at[case_id, "outcome"] == "on_time"
    with pytest.raises(DataError) as refused:
        take(county, "hotline_cases.csv", "hotline_mapping.toml")
    assert refused.value.key == "takeover.events.needed"


def test_a_case_runs_by_the_pack_its_category_names_taken_over_or_registered(
    sqlite_db: Db, clock: Clock, tmp_path: Path
):
    clock.at = TODAY
    takeover.set_up_county(sqlite_db, LEDGER / "county.toml")
    texts = (ROOT / "data" / "config" / "categories_cn.toml").read_text("utf-8")
    changed = texts.replace("cn_xinfang_2022", "us_311", 1)  # unpaid wages, the first
    steering.save_file(sqlite_db, Scope.operator(), "categories.toml", changed)
    assert take(sqlite_db, ledger_file(tmp_path, 答复日期="2026-10-14")).added == 1
    new = NewCase(
        "990101001", None, TODAY, "labour", "unpaid_wages", "redress", "desk", "ordinary", "b02",
        "工资未发。", pack="us_311",
    )  # fmt: skip
    desk = Scope("clerk", "township_clerk", frozenset({"990101001"}), desk="t990101001")
    register(sqlite_db, desk, new)
    with sqlite_db.read() as conn:
        assert set(conn.execute(sa.select(case_version.c.pack)).scalars()) == {"us_311"}


HEAD = "编号,登记日期,录入时间,来源渠道,受本人委托,问题类别,属地,承办单位,反映内容,转送日期,转送单位,受理日期,不予受理日期,联系日期,延期日期,延期天数,再次延期日期,再次延期天数,答复日期,答复录入时间,送达日期,群众不认可日期,再次答复日期,复查申请日期,复查意见日期"  # noqa: E501


def ledger_file(tmp_path: Path, **cells: str) -> Path:
    """A ledger of one row: 欠薪 of 北泉街道, and what is given."""
    row = {
        "编号": "1", "登记日期": "2026-10-12 14:00", "来源渠道": "来访", "问题类别": "欠薪",
        "属地": "990101001", "承办单位": "b02", "反映内容": "工资未发。", **cells,
    }  # fmt: skip
    path = tmp_path / "one.csv"
    line = ",".join(row.get(name, "") for name in HEAD.split(","))
    path.write_text(f"{HEAD}\n{line}\n", "gbk")
    return path


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        # a date alone takes its place within the day, after what has an hour
        ({"转送日期": "2026-10-12", "转送单位": "b02", "受理日期": "2026-10-12"}, {}),
        ({"受理日期": "2026-10-12 09:00"}, {"not_registered": 1}),
        ({"受理日期": "2026-11-25"}, {}),
        ({"受理日期": "2026-11-25 10:01"}, {"in_the_future": 1}),
        ({"登记日期": "2027-01-01"}, {"in_the_future": 1}),
        ({"受理日期": "2026-10-13", "答复日期": "2026-11-10", "答复录入时间": "2026-11-09"},
         {"in_the_future": 1}),
        ({"受理日期": "2026-10-13", "答复日期": "2026-11-10", "答复录入时间": "2026-11-10"}, {}),
        ({"录入时间": "2026-10-12 13:59"}, {"in_the_future": 1}),
        ({"受理日期": "2026-10-13", "延期天数": "30"}, {"no_moment": 1}),
        ({"受理日期": "2026-10-13", "延期日期": "2026-11-02", "延期天数": "若干"}, {"bad_days": 1}),
        ({"受理日期": "2026-10-13", "延期日期": "2026-11-02", "延期天数": "30天"}, {}),
        ({"转送日期": "2026-10-13", "转送单位": "某局"}, {"unknown_body": 1}),
        ({"不予受理日期": "2026-10-13", "答复日期": "2026-10-14"}, {"out_of_order": 1}),
        ({"受理日期": "2026-10-13", "不予受理日期": "2026-10-14"}, {"out_of_order": 1}),
        ({"受理日期": "9999-10-13"}, {"bad_moment": 1}),
    ],
)  # fmt: skip
def test_one_row_is_taken_or_named_by_the_rule_it_breaks(
    sqlite_db: Db, clock: Clock, tmp_path: Path, cells, found
):
    clock.at = TODAY
    takeover.set_up_county(sqlite_db, LEDGER / "county.toml")
    done = take(sqlite_db, ledger_file(tmp_path, **cells))
    assert done.mapped.aside_counts == found
    assert done.added == (0 if found else 1)


def test_every_problem_of_a_row_that_can_be_told_apart_is_told(
    sqlite_db: Db, clock: Clock, tmp_path: Path
):
    clock.at = TODAY
    takeover.set_up_county(sqlite_db, LEDGER / "county.toml")
    twice = {
        "登记日期": "2026-06-01", "受理日期": "2026-06-02", "延期日期": "2026-07-01",
        "延期天数": "45", "再次延期日期": "2026-11-02", "再次延期天数": "30",
    }  # fmt: skip
    done = take(sqlite_db, ledger_file(tmp_path, **twice))
    assert [p.key for p in done.mapped.problems] == [
        "rules.extension_too_long", "rules.extension_after_limit",
    ]  # fmt: skip
    late = {"受理日期": "2027-06-02", "答复日期": "2028-07-01"}
    done = take(sqlite_db, ledger_file(tmp_path, **late))
    assert [p.column for p in done.mapped.problems] == ["受理日期", "答复日期"]
