"""Plain texts cut into columns at once read as they do row by row."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import sheets
from data.errors import DataError
from data.sheets import read_sheet
from data.sheets_plain import plain_frame

HEAD = "提出时间,类别,事项内容"
CELL = st.sampled_from(
    ["", " ", "2026-03-05", "欠薪", "\u3000供暖 ", "a;b", "NULL", "nan", "1e5", "'"]
)
LINE = st.lists(CELL, min_size=3, max_size=3).map(",".join)
ODD = st.sampled_from(["", HEAD, "甲,乙", "甲,乙,丙,丁", '"甲,乙",丙,丁', "题头"])


def by_row(data: bytes) -> pd.DataFrame:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "plain_frame", lambda *_: None)
        return read_sheet(data, "a.csv")


def outcome(read, data):
    try:
        return read(data)
    except DataError as err:
        return str(err)


@given(
    st.lists(st.one_of(LINE, LINE, LINE, ODD), max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_both_ways_read_the_same(lines, end, has_title, encoding):
    data = end.join([*(["一月"] if has_title else []), HEAD, *lines, ""]).encode(encoding)
    one, other = outcome(lambda data: read_sheet(data, "a.csv"), data), outcome(by_row, data)
    if isinstance(one, str):
        assert one == other
    else:
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    "text",
    [f"{HEAD}\n甲,乙\n", f'{HEAD}\n"甲",乙,丙\n', f"一月\n{HEAD}\n", f"{HEAD}\r甲,乙,丙\n"],
)
def test_what_is_not_so_plain_is_left_to_the_other_way(text):
    assert plain_frame(text, ",", lambda rows: 0, 20, (9, 9, 99)) is None


def test_a_plain_text_is_read_at_once_and_too_much_of_it_is_not():
    text = f"{HEAD}\n甲, 乙 ,丙\n,,\n{HEAD}\n丁,,戊\n"
    read = plain_frame(text, ",", lambda rows: 0, 20, (9, 9, 99))
    assert read is not None
    assert read.index.tolist() == [2, 5]
    assert read.to_numpy().tolist() == [["甲", "乙", "丙"], ["丁", "", "戊"]]
    for limits in ((3, 9, 99), (9, 2, 99), (9, 9, 14)):
        assert plain_frame(text, ",", lambda rows: 0, 20, limits) is None
