"""Leaving out patterns that cannot match changes no outcome."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import redact, redact_english, redact_numbers, redact_screen
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
    "电话", "Mr. ", "my name is ", "SSN ", "NINO ", "AB 12 34 56 C", "plate ", "call ", "@", ".com",
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
