"""Commands on small databases: each succeeds plainly or fails in one sentence."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from cli import app
from settings import ROOT
from tests.casework.test_calendar_file import YEAR


@pytest.fixture
def run(tmp_path):
    return runs_in(tmp_path)


def runs_in(folder: Path):
    """Runs commands on the database, keys and files of a folder; returns what they print."""
    env = {
        "ZAOJIE_DATABASE": f"sqlite:///{folder}/zaojie.db",
        "ZAOJIE_KEYS": str(folder / "keys.json"),
        "ZAOJIE_VAR": str(folder),
    }

    def command(*words: str, code: int = 0, text: str | None = None) -> str:
        result = CliRunner().invoke(app, list(words), env=env, input=text)
        assert result.exit_code == code, result.output
        return result.output

    return command


DEMO = ("demo", "--grids", "40", "--townships", "3", "--cases-per-year", "200", "--years", "1")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, str]:
    """The folder of a demo county, made once by its command, and what the command said."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, runs_in(folder)(*DEMO)


@pytest.fixture
def demo(made, tmp_path) -> str:
    """A copy of it is in the test's own folder; what its making said."""
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    return made[1]


def test_a_demo_county_is_made_once_and_says_what_it_holds(run, demo):
    assert "40 grids, 3 townships" in demo
    assert "was set up before; nothing was changed" in run(*DEMO, code=1)


def test_an_empty_database_says_what_to_do(run):
    out = run("filing", "--date", "2026-03-05", code=1)
    assert out.strip().startswith("This database is empty and was never set up.")


def test_filing_lists_every_desk_of_a_working_day(run, demo):
    lines = json.loads(run("filing", "--date", "2026-09-16", "--json"))
    assert len(lines) == 3
    assert run("filing", "--date", "2026-09-19").startswith("no filing was expected")  # Saturday
    told = json.loads(run("filing", "--date", "2026-09-14", "--to", "2026-09-18", "--json"))
    assert sum(told["states"].values()) == told["expected"]
    assert told["expected"] + told["excused"] + told["not_due"] == 15
    one = run("filing", "--date", "2026-09-14", "--to", "2026-09-18",
              "--township", lines[0]["township_code"])  # fmt: skip
    assert one.startswith("desks: 1, asked days: 5")
    assert "zero share" not in one
    assert "nothing was counted" in run(
        "filing", "--date", "2026-09-14", "--to", "2026-09-01", code=1
    )


def test_the_audit_log_of_a_fresh_county_is_whole(run, demo):
    assert run("verify-audit").startswith("Verified")
    line = run("anchor").strip()
    assert "1 anchors agree" in run("verify-audit", "--anchor", line)


def test_an_account_gets_a_one_time_password_and_a_role_of_the_list(run, demo):
    assert "one-time password" in run("account", "make", "wang", "--role", "supervisor")
    assert "taken" in run("account", "make", "wang", "--role", "supervisor", code=1)
    assert "Role and office do not fit" in run("account", "make", "li", "--role", "police", code=1)


def test_the_clock_command_reads_standard_input(run):
    case = {
        "procedure": "ordinary",
        "events": [
            {"event": "registered", "at": "2025-08-01T10:00"},
            {"event": "accepted", "at": "2025-08-04T10:00"},
        ],
        "as_of": "2025-09-01T12:00",
    }
    shown = json.loads(run("clock", "--events", "-", text=json.dumps(case)))
    answer = next(c for c in shown["clocks"] if c["clock"] == "answer")
    assert (answer["due_on"], answer["state"]) == ("2025-10-09", "running")
    case["events"].append({"event": "registered", "at": "2025-08-05T10:00"})
    assert "nothing" in run("clock", "--events", "-", text=json.dumps(case), code=1)


def test_the_demo_county_is_exported_as_a_case_table(run, demo, tmp_path):
    out = tmp_path / "cases.csv.gz"
    assert "cases written" in run("export-cases", "--out", str(out))
    assert out.exists()


def test_a_year_is_listed_first_and_counted_by_only_once_it_was_applied(run, demo, tmp_path):
    file, case = tmp_path / "2027.toml", tmp_path / "case.json"
    file.write_text(YEAR, "utf-8")
    events = [{"event": name, "at": "2026-12-07T10:00"} for name in ("registered", "accepted")]
    case.write_text(json.dumps({"procedure": "ordinary", "events": events, "as_of": "2026-12-08"}))

    def answer_due(*words: str) -> tuple[str, bool]:
        clocks = json.loads(run("clock", "--events", str(case), *words))["clocks"]
        return next((c["due_on"], c["provisional"]) for c in clocks if c["clock"] == "answer")

    loaded = ("--database", f"sqlite:///{tmp_path}/zaojie.db")
    assert "provisional: not loaded yet" in run("calendar", "show", "2027")
    assert "is not in force; with --apply" in run("calendar", "load", str(file))
    assert answer_due(*loaded) == ("2027-02-05", True)
    assert "calendar_cn_2027.toml is in force" in run("calendar", "load", str(file), "--apply")
    assert answer_due(*loaded) == ("2027-02-12", False)
    assert answer_due() == ("2027-02-05", True)
    assert "worked  2027-02-14 Sunday" in run("calendar", "show", "2027")
    assert "not in use" in run("calendar", "load", str(case), code=1)


def test_the_demo_county_has_published_its_last_month_and_says_that_it_is_made_up(
    run, demo, tmp_path
):
    last = dt.datetime.now(dt.UTC).astimezone(ZoneInfo("Asia/Shanghai")) - dt.timedelta(days=1)
    month = f"{last.replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    out = tmp_path / "public"
    told = json.loads(run("publish", "--month", month, "--out", str(out), "--json"))
    assert told["month"] == month
    assert set(told["files"]) == {path.name for path in out.iterdir()}
    assert "made up" in (out / "index.en.html").read_text("utf-8")
    assert json.loads((out / "figures.json").read_bytes())["demo"] is True
    rows = (out / "figures.csv").read_text("utf-8").splitlines()
    assert rows[0].endswith(",demo")
    assert all(row.endswith(",true") for row in rows[1:])
    running = f"{last + dt.timedelta(days=3):%Y-%m}"
    assert "cannot be published before" in run(
        "publish", "--month", running, "--out", str(out), code=1
    )
    assert "Name another folder" in run("publish", "--month", month, "--out", "/dev/null/x", code=1)


def test_a_county_begins_without_any_case_and_only_once(run, tmp_path):
    file = ROOT / "examples" / "ledger_cn" / "county.toml"
    assert "10 bodies, 4 townships, no case" in run("county", str(file))
    assert "was set up before; nothing was changed" in run("county", str(file), code=1)
    assert "There is no file" in run("county", str(tmp_path / "none.toml"), code=1)
