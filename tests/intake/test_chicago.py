"""The city's export by its mapping is the case table made independently of this program."""

from collections import Counter

import pandas as pd
import pytest

from data.categories import load_categories
from data.mapped import apply_mapping
from data.mapping import parse_mapping
from data.sheets import read_sheet
from settings import ROOT

HOME = ROOT / "examples" / "chicago_311"
ZONE = "America/Chicago"


@pytest.fixture(scope="module")
def result():
    categories = load_categories(HOME / "categories.toml")
    mapping = parse_mapping((HOME / "mapping.toml").read_text("utf-8"), "mapping.toml", categories)
    export = (HOME / "sanitation_complaints_2011_2014.csv.gz").read_bytes()
    frame = read_sheet(export, "export.csv.gz", set(mapping.columns.values()).__contains__)
    areas = [str(number) for number in range(1, 78)]
    return apply_mapping(frame, mapping, categories, areas, pd.Timestamp("2026-01-01T00:00Z"))


def test_every_row_is_a_case_or_set_aside_for_a_named_reason(result):
    assert result.rows == 74_401
    assert len(result.cases) == 70_212
    assert result.aside_counts == {
        "repeated_id": 375,
        "opened_before": 184,
        "opened_after": 17,
        "marked_duplicate": 3_613,
    }


def test_the_readme_lists_the_reasons_with_these_counts(result):
    text = (HOME / "README.md").read_text("utf-8")
    for count in result.aside_counts.values():
        assert f"| {count:,} |" in text


def test_days_category_body_and_limit_are_those_of_the_shipped_case_table(result):
    categories = load_categories(HOME / "categories.toml")
    bodies = result.bodies.set_index("body_id")["name_en"]
    answered = result.events[result.events["event"] == "answered"].set_index("case")["occurred_at"]
    cases = result.cases

    def day(moments):
        return moments.dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d")

    ours = Counter(
        zip(
            day(cases["opened_at"]),
            day(cases["limit_at"]),
            day(answered.reindex(cases.index)).fillna(""),
            cases["category"].map({c.category_id: c.names["en"] for c in categories}),
            cases["body_id"].map(bodies),
            strict=True,
        )
    )
    shipped = pd.read_csv(HOME / "cases.csv.gz", dtype="str", keep_default_na=False)
    columns = ["opened_at", "due_at", "closed_at", "category", "body"]
    theirs = Counter(shipped[columns].itertuples(index=False, name=None))
    assert ours == theirs
