"""The monthly reconciliation: ours, theirs, differing; for the desk that owns the rows only."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
import sqlalchemy as sa

from data.db import Db
from data.errors import DataError, NotAllowed
from data.file_names import logged
from data.schema import audit, metadata
from data.scope import Scope
from reports.reconciliation import to_csv, to_html, to_xlsx
from service import takeover
from service.reconcile import reconcile
from tests.conftest import ADMINISTRATOR, GRID_WORKER, LEADER, SUPERVISOR, Clock
from tests.service.test_ledger_takeover import (
    LABOUR,
    LEDGER,
    LETTERS,
    TODAY,
    case_ids,
    ledger_file,
    take,
)

OPERATOR = Scope.operator()


@pytest.fixture
def county(sqlite_db: Db, clock: Clock) -> Db:
    clock.at = TODAY
    takeover.set_up_county(sqlite_db, LEDGER / "county.toml")
    take(sqlite_db)
    return sqlite_db


def compare(db: Db, month: str, file="ledger.csv", scope: Scope = OPERATOR):
    return reconcile(
        db, scope, LEDGER / file, takeover.read_mapping(db, LEDGER / "mapping.toml"), month
    )


def changed(tmp_path, *changes: tuple[str, str]):
    """The example's ledger with some texts changed."""
    text = (LEDGER / "ledger.csv").read_text("gbk")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "november.csv"
    path.write_text(text, "gbk")
    return path


def test_a_file_just_taken_over_is_alike_but_for_what_was_set_aside(county):
    found = compare(county, "2026-07")
    assert found.counts() == {
        "same": 5, "differs": 0, "theirs_only": 2, "ours_only": 0, "unreadable": 7,
    }  # fmt: skip
    assert [line[1] for line in found.lines if line[0] == "theirs_only"] == [
        "信2026-0902", "信2026-0911",
    ]  # fmt: skip


def test_what_differs_is_named_with_the_days_of_both_sides(county, tmp_path):
    file = changed(
        tmp_path,
        (",供暖,银塘镇,综合行政执法局,暖气不", ",物业,桂垟街道,住房和城乡建设局,暖气不"),
        (",2026-11-20,,,,,,,,", ",2026-11-20,,,,,,,2026-11-23,"),
    )  # fmt: skip
    found = compare(county, "2026-11", file)
    differs = {line[1]: line[3] for line in found.lines if line[0] == "differs"}
    assert differs == {
        "信2026-0805": ("category", "body"),
        "信2026-0810": ("answered_on", "closed"),
    }
    assert found.days["信2026-0810"] == [("answered_on", "2026-11-23", "")]


def test_a_case_that_is_only_ours_has_our_number(county, tmp_path):
    ids = case_ids(county)
    found = compare(
        county, "2026-11", ledger_file(tmp_path, 编号="信2026-0801", 登记日期="2026-11-20")
    )
    ours = {line[2] for line in found.lines if line[0] == "ours_only"}
    assert ours == {ids[f"信2026-08{n}"] for n in ("02", "05", "06", "10", "11")}
    assert found.counts()["same"] == 1


def test_no_other_desk_and_no_other_role_gets_the_list(county):
    assert compare(county, "2026-07", scope=LETTERS).same == 5
    for scope in (LABOUR, SUPERVISOR, LEADER, ADMINISTRATOR, GRID_WORKER, Scope.public()):
        with pytest.raises(NotAllowed):
            compare(county, "2026-07", scope=scope)


def test_the_list_holds_no_text_no_place_and_no_body_and_is_logged(county):
    found = compare(county, "2026-11")
    pages = [to_csv(found, "zh").decode(), to_html(found, "zh").decode()]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(found, "zh")))
    pages.append(str([cell.value for row in book.active for cell in row]))
    for page in pages:
        for private in ("工资", "街道", "石坪镇", "住房和城乡建设局", "110101199003070011"):
            assert private not in page
    with county.read() as conn:
        rows = conn.execute(
            sa.select(audit.c.who, audit.c.target).where(audit.c.action == "exported")
        )
        file = logged(county, "ledger.csv")
        assert rows.all() == [("operator", f"reconciliation b01 {file}")]
        assert file.startswith("csv ")


def test_comparing_stores_nothing_but_the_entry_in_the_log(county):
    def counts() -> dict[str, int]:
        with county.read() as conn:
            return {
                table.name: conn.scalar(sa.select(sa.func.count()).select_from(table))
                for table in metadata.sorted_tables
            }

    before = counts()
    compare(county, "2026-09")
    after = counts()
    assert {n for n in before if before[n] != after[n]} == {"audit"}


def test_a_number_that_is_a_formula_stays_a_text(county, tmp_path):
    found = compare(county, "2026-10", ledger_file(tmp_path, 编号="=1+1"))
    shown = to_csv(found, "en").decode("utf-8-sig")
    assert any(row[1] == "'=1+1" for row in csv.reader(io.StringIO(shown)))
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(found, "en")))
    assert all(cell.data_type != "f" for row in book.active for cell in row)


def test_a_month_that_is_none_is_one_sentence(county):
    with pytest.raises(DataError) as refused:
        compare(county, "2026-13")
    assert refused.value.key == "takeover.reconcile.bad_month"
