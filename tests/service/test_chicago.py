"""74,401 real complaints through the commands: imported, reported on, exported as a case table."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli import app
from tests.conftest import ROOT

CHICAGO = ROOT / "examples" / "chicago_311"
EXPORT = CHICAGO / "sanitation_complaints_2011_2014.csv.gz"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("chicago")
    env = {
        "ZAOJIE_DATABASE": f"sqlite:///{folder}/chicago.db",
        "ZAOJIE_KEYS": str(folder / "keys.json"),
        "ZAOJIE_VAR": str(folder),
    }

    def command(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(words), env=env)
        assert result.exit_code == code, result.output
        return result.output

    command.folder = folder
    return command


@pytest.fixture(scope="module")
def imported(run) -> dict:
    out = run("import", str(EXPORT), "--mapping", str(CHICAGO / "mapping.toml"), "--json")
    return json.loads(out.splitlines()[-1])


def test_every_row_is_a_case_or_set_aside_with_its_reason(imported):
    assert imported["rows"] == 74_401
    assert imported["added"] == 70_212
    assert imported["set_aside"] == {
        "repeated_id": 375,
        "opened_before": 184,
        "opened_after": 17,
        "marked_duplicate": 3_613,
    }
    assert imported["placed"] == {
        "agree": 70_162,  # within 50 m of the community area that is stated
        "differ": 23,
        "no_point": 20,
        "nowhere": 4,
        "by_point": 3,
    }
    assert sum(imported["placed"].values()) == 70_212
    listed = pd.read_csv(imported["list"])["what"].value_counts()
    assert listed.to_dict() == {**imported["set_aside"], "misplaced": imported["placed"]["differ"]}


def test_the_same_file_again_adds_nothing(run, imported):
    again = run("import", str(EXPORT), "--mapping", str(CHICAGO / "mapping.toml"), "--json")
    found = json.loads(again.splitlines()[-1])
    assert (found["added"], found["taken_over_before"]) == (0, 70_212)


def test_the_exported_case_table_is_the_published_one(run, imported):
    out: Path = run.folder / "cases.csv.gz"
    run("export-cases", "--out", str(out))
    ours, theirs = pd.read_csv(out, dtype=str), pd.read_csv(CHICAGO / "cases.csv.gz", dtype=str)
    texts = tomllib.loads((CHICAGO / "categories.toml").read_text("utf-8"))
    categories = {category["id"]: category["en"] for category in texts["category"]}
    ours["category"] = ours["category"].map(categories)
    for column in ("opened_at", "due_at", "closed_at"):
        ours[column] = ours[column].str[:10]
        theirs[column] = theirs[column].str[:10]
    columns = ["opened_at", "due_at", "closed_at", "category", "body"]
    assert len(ours) == 70_212
    order = {"by": columns, "ignore_index": True}
    pd.testing.assert_frame_equal(
        ours[columns].sort_values(**order), theirs[columns].sort_values(**order)
    )
    assert ours["case_id"].is_unique
    assert not set(ours["case_id"]) & set(theirs["case_id"])


def test_the_report_of_a_day_is_the_same_to_the_byte(run, imported):
    first, second = run.folder / "a.json", run.folder / "b.json"
    for out in (first, second):
        run("report", "--date", "2014-06-10", "--format", "json", "--out", str(out))
    assert first.read_bytes() == second.read_bytes()
    report = json.loads(first.read_bytes())
    assert report["open_now"]["today"] > 100
    assert report["filing"] is None


def test_a_month_of_it_is_published_without_acceptance_or_township_names(run, imported):
    out: Path = run.folder / "public"
    run("publish", "--month", "2014-06", "--out", str(out))
    made = json.loads((out / "figures.json").read_bytes())
    county = {r["indicator"]: r for r in made["figures"] if r["by"] == "county"}
    assert county["on_time"]["denominator"] > 1000
    assert county["decided_in_time"]["denominator"] == 0
    assert {limit["unit"] for limit in made["targets"]["on_time"]} == {"per_case"}
    assert made["demo"] is False
    first = (out / "figures.csv").read_bytes()
    again = run("publish", "--month", "2014-06", "--out", str(out), "--json")
    assert json.loads(again)["files"]
    assert (out / "figures.csv").read_bytes() == first


def test_a_missing_file_or_a_wrong_day_is_one_sentence(run, imported):
    missing = run("import", "nowhere.csv", "--mapping", str(CHICAGO / "mapping.toml"), code=1)
    assert "nothing was done" in missing
    wrong = run("report", "--date", "10.6.2014", "--out", "x.docx", code=1)
    assert wrong.strip() == "--date must be a day like 2026-03-05, not '10.6.2014'"
