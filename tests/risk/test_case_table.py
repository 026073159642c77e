"""The case table's contract: what a date means, what is left out, what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from data.errors import DataError
from risk.case_table import NOT_STATED, clean, read

HEAD = "case_id,opened_at,due_at,closed_at,category,body\n"


def table(*lines: str) -> pd.DataFrame:
    return pd.DataFrame([line.split(",") for line in lines], columns=HEAD.strip().split(","))


def test_a_date_only_is_a_days_start_for_openings_and_its_end_for_limits_and_closings() -> None:
    cases = clean(table("a,2024-03-01,2024-03-05,2024-03-03,roads,b1")).cases.iloc[0]
    assert cases["opened_at"] == pd.Timestamp("2024-03-01 00:00:00")
    assert cases["due_at"] == pd.Timestamp("2024-03-05 23:59:59")
    assert cases["closed_at"] == pd.Timestamp("2024-03-03 23:59:59")


def test_a_case_closed_on_the_day_of_its_opening_by_dates_is_kept() -> None:
    read_list = clean(table("a,2024-03-01,2024-03-05,2024-03-01,roads,b1"))
    assert len(read_list.cases) == 1


def test_times_with_and_without_seconds_and_with_a_space_are_read() -> None:
    cases = clean(
        table(
            "a,2024-03-01T09:30,2024-03-05 12:00:00,2024-03-03T10:00:00.25,roads,b1",
        )
    ).cases.iloc[0]
    assert cases["opened_at"] == pd.Timestamp("2024-03-01 09:30")
    assert cases["due_at"] == pd.Timestamp("2024-03-05 12:00")
    assert cases["closed_at"] == pd.Timestamp("2024-03-03 10:00:00.25")


def test_what_is_left_out_is_counted_by_its_first_reason() -> None:
    read_list = clean(
        table(
            "a,2024-03-01,2024-03-05,2024-03-03,roads,b1",
            "a,2024-03-02,2024-03-06,,roads,b1",
            "b,2024-03-04T10:00,2024-03-09,2024-03-04T09:00,roads,b1",
            "c,2024-03-04T10:00,2024-03-04T10:00,,roads,b1",
            "d,yesterday,2024-03-09,,roads,b1",
            "e,,2024-03-09,,roads,b1",
            "f,2024-03-04,soon,,roads,b1",
            "g,2024-03-04,2024-03-09,2024-13-40,roads,b1",
            ",2024-03-04,2024-03-09,,roads,b1",
            "h,2024-03-04,,,roads,b1",
        )
    )
    assert list(read_list.cases["case_id"]) == ["a", "h"]
    assert read_list.left_out == {
        "repeated_id": 1,
        "without_id": 1,
        "opening_missing_or_unreadable": 2,
        "limit_unreadable": 1,
        "closing_unreadable": 1,
        "closed_before_opened": 1,
        "due_not_after_opened": 1,
        "opened_after_extract_end": 0,
    }


def test_the_extract_ends_with_the_latest_opening_or_closing_unless_told() -> None:
    lines = (
        "a,2024-03-01,2024-04-05,2024-03-03,roads,b1",
        "b,2024-03-10,2024-04-05,2024-03-20,roads,b1",
        "c,2024-03-25,2024-04-05,,roads,b1",
    )
    assert clean(table(*lines)).extract_end == pd.Timestamp("2024-03-25")
    early = clean(table(*lines), "2024-03-15")
    assert early.extract_end == pd.Timestamp("2024-03-15 23:59:59")
    assert early.left_out["opened_after_extract_end"] == 1
    assert early.cases["closed_at"].isna().tolist() == [False, True]


def test_a_missing_category_or_body_is_a_group_of_its_own() -> None:
    cases = clean(table("a,2024-03-01,2024-03-05,,,")).cases.iloc[0]
    assert (cases["category"], cases["body"]) == (NOT_STATED, NOT_STATED)


def test_a_compressed_file_is_read_and_further_columns_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv.gz"
    text = "channel,area," + HEAD + "phone,47,a,2024-03-01,2024-03-05,2024-03-03,roads,b1\n"
    path.write_bytes(gzip.compress(text.encode()))
    assert list(read(path).cases) == HEAD.strip().split(",")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("note", ["13800138000", "see file"]),
        ("contact", ["(312) 555-0142", ""]),
        ("reference", ["11010519491231002X", "x"]),
        ("身份证号", ["", ""]),
        ("phone_number", ["", ""]),
    ],
)
def test_columns_that_look_like_numbers_of_persons_are_refused(
    tmp_path: Path, column: str, values: list[str]
) -> None:
    path = tmp_path / "cases.csv"
    lines = [f"k{i},2024-03-01,2024-03-05,,roads,b1,{v}\n" for i, v in enumerate(values)]
    path.write_text(HEAD.strip() + f",{column}\n" + "".join(lines), "utf-8")
    with pytest.raises(DataError) as caught:
        read(path)
    assert column in caught.value.text("en")
    assert column in caught.value.text("zh")


def test_long_case_numbers_and_grid_codes_are_not_taken_for_numbers_of_persons(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cases.csv"
    lines = [
        f"1010024{i:05d},2024-03-01,2024-03-05,,roads,b1,330102001{i:06d}\n" for i in range(50)
    ]
    path.write_text(HEAD.strip() + ",area\n" + "".join(lines), "utf-8")
    assert len(read(path).cases) == 50


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case_id,opened_at,closed_at,category,body\na,2024-03-01,,x,y\n", "utf-8")
    with pytest.raises(DataError, match="due_at"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00bad", b"\x1f\x8bnot gzip"])
def test_a_file_that_is_no_table_gets_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ("cases.csv.gz" if content[:2] == b"\x1f\x8b" else "cases.csv")
    path.write_bytes(content)
    with pytest.raises(DataError, match="nothing was computed"):
        read(path)


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        read(tmp_path / "none.csv")


def test_a_table_without_a_usable_row_says_why() -> None:
    with pytest.raises(DataError) as caught:
        clean(table("a,never,2024-03-05,,roads,b1"))
    assert [problem.key for problem in caught.value.problems] == [
        "risk.left_out.opening_missing_or_unreadable"
    ]


def test_an_extract_end_that_is_no_local_time_is_refused() -> None:
    with pytest.raises(DataError, match="extract"):
        clean(table("a,2024-03-01,2024-03-05,,roads,b1"), "2024-03-01T00:00:00Z")
