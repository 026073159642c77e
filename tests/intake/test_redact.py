"""What identifies a person goes, what does not stays; see also the corpus."""

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.redact import redact
from data.redact_numbers import id_check_digit, is_id_number, is_luhn

from .redaction_corpus import CORPUS, HELD_OUT, lines, measure, report

WIDE = str.maketrans(string.digits, "０１２３４５６７８９")
PROVINCES = ["11", "33", "37", "44", "51", "65"]


@st.composite
def id_numbers(draw):
    day = draw(st.dates(min_value=dt.date(1930, 1, 1)))
    first = (
        draw(st.sampled_from(PROVINCES))
        + f"{draw(st.integers(0, 9999)):04d}"
        + f"{min(day.year, 2024):04d}{day.month:02d}{min(day.day, 28):02d}"
        + f"{draw(st.integers(0, 999)):03d}"
    )
    return first + id_check_digit(first)


@st.composite
def written(draw, numbers):
    """A number as people write it: plain, in groups, full-width."""
    number = draw(numbers)
    gap = draw(st.sampled_from(["", " ", "-", "　"]))
    size = draw(st.integers(3, 6))
    text = gap.join(number[i : i + size] for i in range(0, len(number), size))
    return text.translate(WIDE) if draw(st.booleans()) else text


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)


@st.composite
def cards(draw):
    first = "62" + draw(st.text("0123456789", min_size=14, max_size=16))
    return next(first + d for d in string.digits if is_luhn(first + d))


@pytest.mark.parametrize("place", range(18))
def test_a_slip_in_an_id_number_is_caught_by_its_check_digit(place):
    number = "11010519491231002X"  # the example of GB 11643-1999
    assert is_id_number(number)
    wrong = "1" if number[place] != "1" else "2"
    assert not is_id_number(number[:place] + wrong + number[place + 1 :])


@given(written(id_numbers()))
def test_every_id_number_goes_however_it_is_written(number):
    cleaned = redact(f"我的号码是{number}，请核实")
    assert cleaned.found == {"id_number": 1}
    assert not any(c.isdigit() for c in cleaned.text)


@given(written(mobiles))
def test_every_mobile_number_goes_however_it_is_written(number):
    cleaned = redact(f"请打{number}，谢谢")
    assert cleaned.found == {"phone": 1}
    assert not any(c.isdigit() for c in cleaned.text)


@given(written(cards()))
def test_every_bank_card_goes_however_it_is_written(number):
    cleaned = redact(f"卡号{number}，谢谢")
    assert not any(c.isdigit() for c in cleaned.text)


landlines = st.builds(
    lambda area, gap, rest: f"{area}{gap}{rest}",
    st.sampled_from(["010", "021", "0571", "0838", "(0571)"]),
    st.sampled_from(["-", " ", " - "]),
    st.from_regex(r"[2-9][0-9]{7}", fullmatch=True).filter(str.isascii),
)


@given(landlines)
def test_every_landline_with_its_area_code_goes(number):
    cleaned = redact(f"家里{number}，白天有人")
    assert not any(c.isdigit() for c in cleaned.text)


@given(
    st.sampled_from("京沪浙粤苏"),
    st.sampled_from("ABCDEF"),
    st.sampled_from(["", "·", " "]),
    st.sampled_from(["D", "F", ""]),
    st.from_regex(r"[0-9]{5}", fullmatch=True).filter(str.isascii),
)
def test_every_number_plate_goes_new_energy_ones_too(province, city, gap, energy, rest):
    assert redact(f"{province}{city}{gap}{energy}{rest}占道").found == {"plate": 1}


@given(st.from_regex(r"[1-9][0-9]{2}-[0-9]{2}-[0-9]{4}", fullmatch=True).filter(str.isascii))
def test_every_social_security_number_goes(number):
    assert number not in redact(f"SSN {number}, benefits stopped").text


@given(st.integers(1, 99_999_999), st.sampled_from(["元", "万元", "平方米", "户", "天"]))
def test_amounts_stay(amount, unit):
    text = f"共计{amount}{unit}没有落实"
    assert redact(text).text == text


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y%m%d"]))
def test_dates_stay(day, form):
    text = f"于{day.strftime(form)}提出"
    assert redact(text).text == text


@given(st.integers(0, 249), st.integers(1, 60), st.integers(1, 99))
def test_grid_codes_stay(township, village, grid):
    text = f"330102{township:03d}{village:03d}{grid:03d}网格的路灯不亮"
    assert redact(text).text == text


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing_more(text):
    once = redact(text).text
    assert redact(once).text == once


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_cleaned_corpus_line_is_clean(language):
    for text, _ in lines():
        once = redact(text, language).text
        assert redact(once, language).text == once


def test_the_corpus_is_large_and_has_lines_of_both_kinds_and_a_part_held_out():
    every = [*lines(CORPUS), *lines(HELD_OUT)]
    without = [text for text, expected in every if not expected]
    assert len(every) >= 400
    assert min(len(without), len(every) - len(without)) >= 200
    assert len(lines(HELD_OUT)) >= 100
    assert not {text for text, _ in lines(CORPUS)} & {text for text, _ in lines(HELD_OUT)}


FLOORS = {"name": 0.85, "account": 0.9}
"""Recall below which a change of the rules is refused; every other kind is found throughout."""


def test_numbers_and_addresses_of_the_corpus_are_all_found_and_names_mostly():
    for kind, counts in measure().items():
        assert counts["found"] >= FLOORS.get(kind, 1.0) * counts["expected"], kind
        assert counts["wrong"] <= 1, kind


def test_lines_no_rule_was_tuned_on_lose_their_numbers_as_well():
    for kind, counts in measure(HELD_OUT).items():
        assert counts["found"] >= (0.65 if kind == "name" else 0.9) * counts["expected"], kind


@pytest.mark.parametrize("corpus", [CORPUS, HELD_OUT])
def test_the_documents_say_what_is_measured(corpus):
    from settings import ROOT

    assert report(corpus) in (ROOT / "docs" / "redaction.md").read_text("utf-8")


def test_nothing_found_is_kept_in_the_result():
    cleaned = redact("联系人：张建国，电话13812345678")
    assert "13812345678" not in repr(cleaned)
    assert "张建国" not in repr(cleaned)
    assert cleaned.found == {"name": 1, "phone": 1}


@pytest.mark.parametrize(
    "line",
    [
        "unpaid since November. 13812345678",
        "the boss said no. 13812345678",
        "in the showcase 13812345678",
    ],
)
def test_a_word_that_only_looks_like_a_code_word_hides_no_telephone(line: str) -> None:
    assert "13812345678" not in redact(line).text


def test_a_case_number_in_english_stays() -> None:
    assert "13812345678" in redact("see case no. 13812345678").text
