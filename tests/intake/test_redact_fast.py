"""Leaving out patterns that cannot match, and working in processes, changes no outcome."""

import itertools
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import redact, redact_english, redact_many, redact_numbers, redact_screen
from data.errors import DataError
from data.redact import Redacted

from .redaction_corpus import CORPUS, HELD_OUT, lines

CONDITIONS = [name for name in dir(redact_screen) if name.startswith("has_")]
MODULES = (redact, redact_numbers, redact_english)


def without_screen(text: str) -> Redacted:
    """The same rules, every pattern tried on every text."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in itertools.product(MODULES, CONDITIONS):
            if hasattr(module, name):
                patch.setattr(module, name, lambda plain: True)
        return redact.redact(text)


def test_every_condition_stands_before_a_pattern():
    used = {name for module in MODULES for name in CONDITIONS if hasattr(module, name)}
    assert used == set(CONDITIONS)


def corpus() -> list[str]:
    return [text for file in (CORPUS, HELD_OUT) for text, _ in lines(file)]


def test_the_whole_corpus_comes_out_alike_and_so_does_every_piece_of_a_line():
    for text in corpus():
        pieces = [
            text,
            text.upper(),
            text.lower(),
            *(text[at : at + 12] for at in range(0, len(text), 5)),
        ]
        for piece in pieces:
            assert redact.redact(piece) == without_screen(piece), piece


PIECES = sorted({text[at : at + 4] for text in corpus() for at in range(0, len(text), 4)})
CUES = (
    "身份证", "微信", "QQ:", "v信", "vx", "护照", "通行证", "家住", "门牌", "号楼", "单元", "幢",
    "室", "户",
    "电话", "Mr. ", "my name is ", "SSN ", "NINO ", "NI ", "ssn", "TEL",
    "paſſport", "E12345678", "Ea1234567", "+44 7",
    "AB 12 34 56 C", "plate ", "call ", "@", ".com",
    "浙A", "D12345", "-", " ", ")", "(0571)", "8", "12", "138", "0012", "3456", "7890", "１３",
    "ſ", "K",
    "İ", "ß", "一二三", "王建国", "等3人", "John Smith", "12 Oak Street", "E1", "x", "X",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from([*CUES, *PIECES[::7]]) | st.text(max_size=3), max_size=14))
def test_random_texts_of_cues_and_pieces_come_out_alike(parts):
    text = "".join(parts)
    assert redact.redact(text) == without_screen(text)


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789 -.()·+xX转号室户座A第单元一二浙E@ab", max_size=40))
def test_random_figures_and_marks_come_out_alike(text):
    assert redact.redact(text) == without_screen(text)


@settings(max_examples=400, deadline=None)
@given(
    st.from_regex(r"[A-Z]{0,6}[0-9]{1,9}", fullmatch=True)
    | st.text("EGNISPQVWXK0123456789", min_size=1, max_size=12)
    | st.from_regex(redact_screen._BARE_NUMBER, fullmatch=True)
)
def test_in_a_bare_number_nothing_is_found(text):
    assert not redact_screen.is_bare_number(text) or not without_screen(text).is_changed


def test_the_usual_numbers_of_systems_are_bare_and_those_of_persons_are_not():
    assert all(map(redact_screen.is_bare_number, ("GD00000123", "202600012", "XF20260012", "7")))
    persons = ("13812345678", "E12345678", "G12345678", "QQ12345678", "VX1234567", "AB\n1", "١")
    assert not any(map(redact_screen.is_bare_number, persons))


def test_texts_looked_at_in_processes_come_out_as_one_by_one(monkeypatch):
    monkeypatch.setattr(redact_many, "FEW", 50)
    texts = [*corpus(), *corpus()[:9], "", "\ud800 13812345678", "a\nb\r\n电话13812345678"]
    with redact_many.looking(texts) as found_out:
        found = found_out()
    assert found == {t: redact.redact(t).text for t in texts if redact.redact(t).is_changed}
    column = pd.Series([*(t for t in texts if t.isprintable()), None], dtype="str")
    one_by_one = column.map(lambda text: redact.redact(text).text, na_action="ignore")
    assert redact_many.cleaned(column, found).equals(one_by_one)
    assert redact_many.holds_person(column[:-1], found).tolist() == [
        redact.redact(text).is_changed for text in column[:-1]
    ]


@pytest.mark.parametrize(
    "dies",
    [
        "import os; os._exit(9)",
        "import sys; sys.stdin.read(); print('[')",
        "print('[]')",
        "print('[1, []]')",
    ],
)
def test_a_process_that_dies_or_tells_nonsense_is_said_in_one_sentence(monkeypatch, dies):
    monkeypatch.setattr(redact_many, "FEW", 0)
    monkeypatch.setattr(redact_many, "_COMMAND", (sys.executable, "-c", dies))
    with redact_many.looking(corpus()) as found_out, pytest.raises(DataError) as told:
        found_out()
    assert told.value.key == "intake.cleaning.stopped"
    assert told.value.__cause__ is None


def test_whoever_gives_up_leaves_no_process_behind(monkeypatch):
    monkeypatch.setattr(redact_many, "FEW", 0)
    waits = (sys.executable, "-c", "import time; time.sleep(60)")
    monkeypatch.setattr(redact_many, "_COMMAND", waits)
    started = []
    popen = redact_many.subprocess.Popen
    monkeypatch.setattr(
        redact_many.subprocess,
        "Popen",
        lambda *a, **k: started.append(popen(*a, **k)) or started[-1],
    )
    with pytest.raises(KeyError), redact_many.looking(corpus()):
        raise KeyError
    assert started
    assert all(process.poll() is not None for process in started)
