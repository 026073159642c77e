"""How the resident's pages are started as processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from public.serve import main
from public.throttle import MOST_PROCESSES
from tests.test_architecture import ROOT


@pytest.mark.parametrize("workers", [0, MOST_PROCESSES + 1])
def test_more_processes_than_can_share_the_guesses_are_not_started(
    workers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--workers", str(workers)])
    assert f"1 to {MOST_PROCESSES}" in capsys.readouterr().err


def test_a_process_says_that_it_lives_before_it_loads_the_pages() -> None:
    heavy = "import public.serve, sys; assert not {'pandas', 'sqlalchemy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, check=True)
