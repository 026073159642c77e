"""How the resident's pages are started as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from public.serve import main, serve
from public.throttle import MOST_PROCESSES
from tests.test_architecture import ROOT
from wording import t


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


def test_idle_connections_outlive_those_of_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: served.append(self.config))
    serve("public.alone:from_env", "127.0.0.1", 0, 1)
    assert served[0].timeout_keep_alive > 60  # nginx's own; whoever closes first loses nothing
    assert not served[0].access_log


def test_processes_that_cannot_begin_end_the_whole_with_one_sentence_each(tmp_path: Path) -> None:
    """Started anew by each other for ever they would look well to whoever watches the service."""
    env = {**os.environ, "ZAOJIE_DATABASE": f"sqlite:///{tmp_path}/other.db"}
    command = [sys.executable, "-m", "public.serve", "--port", "0", "--workers", "2"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert ended.returncode == STARTUP_FAILURE
    assert "Traceback" not in ended.stderr
    assert zh_or_en("separation.error.not_current") & set(ended.stderr.splitlines())


def zh_or_en(key: str) -> set[str]:
    return {t(key, language) for language in ("zh", "en")}
