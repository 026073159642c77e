"""Files that wait in the inbox: taken over once, set aside with a sentence, never lost."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import openpyxl
import pytest

from data.db import Db
from data.errors import NotAllowed, NotFound
from data.scope import Scope
from service import inbox
from service.figures import county_figures
from tests.conftest import ADMINISTRATOR
from tests.service import nightly

OPERATOR = Scope.operator()
DAY = dt.date(2026, 11, 26)


@pytest.fixture
def county(sqlite_db: Db, clock) -> Db:
    clock.at = nightly.BEFORE
    nightly.fill(sqlite_db)
    return sqlite_db


@pytest.fixture
def home(tmp_path: Path) -> Path:
    nightly.wait_in(tmp_path / "inbox")
    return tmp_path / "inbox"


def taken(county: Db, home: Path, day: dt.date = DAY) -> tuple[dict[str, int], str | None]:
    return inbox.take_in(county, OPERATOR, home, day, "zh")


def count(county: Db) -> int:
    return len(county_figures(county, OPERATOR, county.now()).cases)


def lies(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_what_fits_is_taken_over_and_moved_and_what_cannot_be_read_is_set_aside(county, home):
    before = count(county)
    counts, problem = taken(county, home)
    assert problem == "running.inbox.unreadable"
    assert count(county) == before + counts["added"] > before
    assert lies(home) >= {
        "ledger/done/2026-11-26/mended.csv", "hotline/done/2026-11-26/week.csv",
        "hotline/done/2026-11-26/week.steps.csv", "ledger/aside/2026-11-26/broken.csv",
        "ledger/aside/2026-11-26/broken.csv.why",
    }  # fmt: skip
    why = (home / "ledger/aside/2026-11-26/broken.csv.why").read_text("utf-8")
    assert "broken.csv" in why
    assert [path for path in home.glob("*/*") if path.is_file()] == []
    assert inbox.waiting(home).files == 0
    assert inbox.waiting(home).aside == 1


def test_rows_that_were_set_aside_come_back_as_a_marked_workbook(county, home):
    (home / "ledger" / "broken.csv").unlink()
    text = (nightly.LEDGER / "ledger.csv").read_bytes()
    (home / "ledger" / "again.csv").write_bytes(text)
    os.utime(home / "ledger" / "again.csv", (1, 1))
    counts, problem = taken(county, home)
    assert problem is None
    assert counts["rows_aside"] > 0
    aside = home / "ledger" / "aside" / "2026-11-26"
    book = openpyxl.load_workbook(aside / "again.csv.rows.xlsx")
    rows = list(book.worksheets[0].values)
    assert 1 < len(rows) <= counts["rows_aside"] + 1
    assert all(row[-1] for row in rows[1:])
    assert not any("13800000001" in str(cell) for row in rows for cell in row)
    assert (aside / "again.csv.rows.csv").read_text().startswith("row,what")


def test_the_same_file_again_adds_nothing_and_is_kept_beside_the_first(county, home):
    taken(county, home)
    before = count(county)
    (home / "ledger" / "mended.csv").write_bytes(
        (nightly.LEDGER / "ledger_mended.csv").read_bytes()
    )
    os.utime(home / "ledger" / "mended.csv", (1, 1))
    counts, _ = taken(county, home)
    assert (counts["added"], counts["files"]) == (0, 1)
    assert count(county) == before
    assert (home / "ledger/done/2026-11-26/2-mended.csv").is_file()


def test_a_link_a_second_name_and_a_pipe_are_not_touched(county, home, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_bytes((nightly.LEDGER / "ledger_mended.csv").read_bytes())
    (home / "ledger" / "mended.csv").unlink()
    (home / "ledger" / "broken.csv").unlink()
    (home / "ledger" / "link.csv").symlink_to(outside)
    (home / "ledger" / "second.csv").hardlink_to(outside)
    os.mkfifo(home / "ledger" / "pipe.csv")
    for name in ("second.csv", "pipe.csv"):
        os.utime(home / "ledger" / name, (1, 1))
    os.utime(home / "ledger" / "link.csv", (1, 1), follow_symlinks=False)
    before = count(county)
    counts, problem = taken(county, home)
    assert problem == "running.inbox.refused"
    assert counts["refused"] == 3
    assert count(county) == before + counts["added"]
    assert {path.name for path in (home / "ledger").iterdir()} == {
        "link.csv", "second.csv", "pipe.csv",
    }  # fmt: skip


def test_a_file_of_somebody_else_is_not_touched(county, home, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda handle: _of_other(real(handle)))
    counts, problem = taken(county, home)
    assert problem == "running.inbox.refused"
    assert (counts["files"], counts["refused"]) == (0, 3)


def _of_other(found: os.stat_result) -> os.stat_result:
    return os.stat_result([*found[:4], found.st_uid + 1, *found[5:10]])


def test_a_folder_everybody_writes_to_and_one_without_a_mapping_are_left(county, home):
    (home / "ledger").chmod(0o777)
    (home / "nobody").mkdir()
    (home / "nobody" / "x.csv").write_text("a\n1\n")
    counts, problem = taken(county, home)
    assert problem == "running.inbox.open_to_all"
    assert counts["refused"] == 2
    assert (home / "nobody" / "x.csv").is_file()
    (home / "ledger").chmod(0o755)
    assert taken(county, home)[1] == "running.inbox.unreadable"
    assert taken(county, home)[1] == "running.inbox.no_mapping"


def test_a_file_that_is_still_written_and_half_a_pair_wait(county, home):
    for path in (home / "ledger").iterdir():
        path.unlink()
    (home / "hotline" / "week.steps.csv").unlink()
    (home / "ledger" / "now.csv").write_bytes((nightly.LEDGER / "ledger_mended.csv").read_bytes())
    (home / "ledger" / "later.csv.part").write_text("half")
    counts, problem = taken(county, home)
    assert problem is None
    assert (counts["files"], counts["waiting"]) == (0, 2)
    assert inbox.waiting(home).files == 2


def test_half_a_move_is_finished_and_a_new_file_of_the_same_name_is_not_taken_for_it(county, home):
    folder = home / "hotline"
    first, second = folder / "week.csv", folder / "week.steps.csv"
    to = f"done/{DAY}"
    lines = [f"{path.lstat().st_ino} {to}/{path.name}" for path in (first, second)]
    (folder / ".moving").write_text("\n".join(lines))
    (folder / to).mkdir(parents=True)
    first.rename(folder / to / "week.csv")  # killed here
    first.write_text("another")
    os.utime(first, (1, 1))
    for path in (home / "ledger").iterdir():
        path.unlink()
    counts, _ = taken(county, home)
    assert not second.exists()
    assert first.read_text() == "another"
    assert counts["waiting"] == 1
    assert not (folder / ".moving").exists()


def test_what_was_done_goes_after_thirty_days(county, home):
    taken(county, home)
    assert taken(county, home, DAY + dt.timedelta(days=30))[0]["removed"] == 0
    assert taken(county, home, DAY + dt.timedelta(days=31))[0]["removed"] == 4
    assert lies(home) == set()


def test_only_the_operator_and_only_a_folder_that_is_there(county, home, tmp_path):
    with pytest.raises(NotAllowed):
        inbox.take_in(county, ADMINISTRATOR, home, DAY, "zh")
    with pytest.raises(NotFound):
        inbox.take_in(county, OPERATOR, tmp_path / "gone", DAY, "zh")
