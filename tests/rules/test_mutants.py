"""The mutants' list is current: what each of them changes is still there, once."""

from __future__ import annotations

import pytest

from .mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.what)
def test_what_a_mutant_changes_is_still_there(mutant: Mutant) -> None:
    assert (ROOT / mutant.path).read_text("utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new
    assert all((ROOT / name).is_file() for name in mutant.tests.split())


def test_every_rule_has_a_mutant_and_there_are_thirty() -> None:
    tests = " ".join(mutant.tests for mutant in MUTANTS)
    assert len(MUTANTS) >= 30
    assert [n for n in range(1, 15) if f"test_rule_{n:02d}_" not in tests] == []
