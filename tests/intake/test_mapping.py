"""A mapping reads another system's export, weakens no rule and drops nothing."""

import pandas as pd
import pytest

from data.categories import load_categories
from data.errors import ConfigError, DataError
from data.mapped import apply_mapping
from data.mapping import parse_mapping

NOW = pd.Timestamp("2026-03-10T04:00Z")
CATEGORIES = load_categories()
TEXT = """
zone = "America/Chicago"
own_export = true
duplicate_status_ends = ["- Dup"]
[columns]
source_id = "No"
opened_at = "Opened"
closed_at = "Closed"
status = "State"
category = "Type"
body = "Ward"
area = "Area"
lon = "X"
lat = "Y"
summary = "Words"
[constants]
channel = "hotline"
kind = "redress"
[dates]
formats = ["%Y-%m-%d", "%Y-%m-%d %H:%M"]
[years]
first = "2025-01-01"
last = "2025-12-31"
[area]
system = "wgs84"
number = true
unstated = ["0"]
unstated_code = "unstated"
unstated_zh = "未注明"
unstated_en = "Not stated"
[body]
number = true
id = "w{}"
zh = "第{}区"
en = "Ward {}"
empty = "none"
empty_zh = "区未注明"
empty_en = "Ward unknown"
[desk]
id = "desk"
zh = "服务台"
en = "Desk"
[category]
"Heat" = "heating"
"" = "other"
[limits]
heating = 4
[status]
"Done" = "answered"
"Open" = ""
"""
RIGHT = {
    "No": "1", "Opened": "2025-03-07", "Closed": "2025-03-10", "State": "Done", "Type": "Heat",
    "Ward": "7.0", "Area": "32.0", "X": "1.5", "Y": "0.5", "Words": "电话13812345678，不热",
}  # fmt: skip


def mapping(text=TEXT):
    return parse_mapping(text, "m.toml", CATEGORIES)


def place(lon, lat, system, stated):
    """Area 32 lies where x is 1..2, area 33 where it is 2..3."""
    assert system == "wgs84"
    return (lon.floordiv(1).astype("int64") + 31).astype("str").where(lon < 3)


def mapped(*changes, text=TEXT, areas=("32", "33"), find=place):
    rows = [RIGHT | {"No": str(i)} | change for i, change in enumerate(changes)]
    frame = pd.DataFrame(rows, index=range(2, 2 + len(rows)), dtype="str")
    return apply_mapping(frame, mapping(text), CATEGORIES, areas, NOW, find)


def test_a_row_becomes_a_case_with_its_events():
    result = mapped({})
    case = result.cases.iloc[0]
    assert case.opened_at == pd.Timestamp("2025-03-07T06:00Z")  # start of the day in Chicago
    # four days later, end of the day, summer time by then
    assert case.limit_at == pd.Timestamp("2025-03-12T04:59:59Z")
    assert (case.township_code, case.body_id, case.desk) == ("32", "w7", "desk")
    assert (case.domain, case.category, case.pack) == ("daily_life", "heating", "cn_xinfang_2022")
    assert not case.needs_confirmation
    assert case.summary == "电话〔号码已隐去〕，不热"
    assert list(result.events["event"]) == ["registered", "answered"]
    assert list(result.events["body_id"]) == ["desk", "w7"]
    assert result.events["occurred_at"].iloc[1] == pd.Timestamp("2025-03-11T04:59:59Z")
    assert (result.events["known_at"] == result.events["occurred_at"]).all()
    assert list(result.bodies["body_id"]) == ["desk", "w7"]


def test_the_result_is_what_the_record_takes_over():
    from data.bulk import CASE_COLUMNS, EVENT_COLUMNS

    result = mapped({})
    assert set(CASE_COLUMNS) <= set(result.cases.columns)
    assert set(EVENT_COLUMNS) == set(result.events.columns)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"No": ""}, "no_id"),
        ({"Opened": "soon"}, "bad_opened"),
        ({"Opened": "2024-12-31"}, "opened_before"),
        ({"Opened": "2026-01-01", "Closed": "2026-01-02"}, "opened_after"),
        ({"State": "Done - Dup"}, "marked_duplicate"),
        ({"Type": "Aliens"}, "unknown_category"),
        ({"State": "Lost"}, "unknown_status"),
        ({"Closed": "late"}, "bad_closed"),
        ({"Closed": ""}, "closed_without_date"),
        ({"Closed": "2025-03-06"}, "closed_before_opened"),
        ({"Closed": "2027-03-06"}, "in_future"),
        ({"Area": "99"}, "unknown_place"),
    ],
)
def test_a_row_that_cannot_be_taken_is_set_aside_with_its_reason(change, reason):
    result = mapped({}, change)
    assert len(result.cases) == 1
    assert result.aside_counts == {reason: 1}
    assert list(result.set_aside["row"]) == [3]
    assert result.rows == len(result.cases) + len(result.set_aside)


def test_of_a_repeated_number_the_first_is_kept_even_if_it_is_set_aside_itself():
    result = mapped({"No": "5", "State": "Open - Dup"}, {"No": "5"}, {"No": "5"})
    assert list(result.set_aside["reason"]) == ["marked_duplicate", "repeated_id", "repeated_id"]


def test_the_stated_area_wins_and_every_disagreement_is_told():
    result = mapped(
        {}, {"X": "2.5"}, {"Area": "0"}, {"X": "", "Y": ""}, {"Area": "", "X": ""}, {"X": "9"}
    )
    assert list(result.cases["township_code"]) == ["32", "32", "32", "32", "unstated", "32"]
    assert result.placed == {"agree": 1, "differ": 2, "by_point": 1, "no_point": 1, "nowhere": 1}
    assert result.misplaced[["row", "stated"]].to_numpy().tolist() == [[3, "32"], [7, "32"]]
    assert result.misplaced["by_point"].iloc[0] == "33"
    assert pd.isna(result.misplaced["by_point"].iloc[1])


def test_points_are_forgotten():
    result = mapped({}, {"X": "2.5"})
    assert not {"X", "Y", "lon", "lat"} & set(result.cases.columns)
    assert "1.5" not in result.cases.to_csv()


def test_an_open_case_has_no_closing_and_a_category_without_limit_none():
    result = mapped({"State": "Open", "Closed": "", "Type": ""})
    assert list(result.events["event"]) == ["registered"]
    assert pd.isna(result.cases["limit_at"].iloc[0])


def test_a_missing_column_refuses_the_file():
    with pytest.raises(DataError) as refused:
        apply_mapping(pd.DataFrame({"No": ["1"]}), mapping(), CATEGORIES, (), NOW)
    assert refused.value.key == "intake.mapping.no_column"
    assert len(refused.value.problems) == 9


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('kind = "redress"', 'kind = "redress"\nasked = "yes"', "consent"),
        ('kind = "redress"', 'kind = "redress"\nsummary = "x"', "weak_constant"),
        ("own_export = true", "own_export = false", "not_own_channel"),
        ('channel = "hotline"', 'channel = "on_behalf"', "broken"),
        ('channel = "hotline"', 'channel = "rumour"', "broken"),
        ('summary = "Words"', 'summary = "联系电话"', "person_column"),
        ('system = "wgs84"', "", "bad_system"),
        ('"Heat" = "heating"', '"Heat" = "nothing"', "unknown_category"),
        ("heating = 4", "heating = 0", "broken"),
        ('"Done" = "answered"', '"Done" = "withdrawn"', "unknown_event"),
        ('zone = "America/Chicago"', 'zone = "Mars/Base"', "broken"),
        ('source_id = "No"', "", "broken"),
        ("[years]", "[watch]\nx = 1\n[years]", "unknown_part"),
    ],
)
def test_a_mapping_that_weakens_a_rule_or_is_wrong_is_refused(old, new, key):
    assert old in TEXT
    with pytest.raises(ConfigError) as refused:
        mapping(TEXT.replace(old, new))
    assert refused.value.key == f"intake.mapping.{key}"
    assert refused.value.text("zh")


def test_on_behalf_needs_each_rows_own_consent():
    text = TEXT.replace('"hotline"', '"on_behalf"').replace(
        'lon = "X"', 'asked = "Asked"\nlon = "X"'
    )
    result = mapped({"Asked": "是"}, {"Asked": "否"}, {"Asked": ""}, text=text)
    assert result.aside_counts == {"not_asked": 2}
    assert result.cases["needs_confirmation"].all()
