"""A process that has loaded the libraries once, and becomes a server whenever one is asked for.

Most of what a server's start takes is pandas, scikit-learn and the like, the same for each. Only
libraries are loaded before: the application, its settings and its state begin in every server anew.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADED = (
    "streamlit.web.cli", "streamlit.web.bootstrap", "pandas", "pandera.pandas", "pyarrow.compute",
    "pyarrow.parquet", "geopandas", "pyogrio", "sqlalchemy.dialects.sqlite", "alembic.script",
    "alembic.runtime.migration", "sklearn.ensemble", "sklearn.linear_model", "sklearn.pipeline",
    "scipy.stats", "matplotlib.figure", "folium", "docx", "openpyxl", "typst", "segno", "jinja2",
    "babel.dates", "babel.numbers", "chinese_calendar", "uvicorn",
)  # fmt: skip


class Server:
    """One that grew there: what is needed of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it runs; what it ended with is in its log."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def wait(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("streamlit", seconds)
            time.sleep(0.05)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@cache
def _loaded() -> subprocess.Popen[str]:
    """Started for the first server; it ends when its input does, with the tests."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.libraries"], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    atexit.register(process.communicate)
    return process


def streamlit(arguments: list[str], environment: dict[str, str], log: Path) -> Server:
    """`python -m streamlit` with these arguments and nothing but this environment."""
    process = _loaded()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([arguments, environment, str(log)]) + "\n")
    process.stdin.flush()
    said = process.stdout.readline()
    assert said, "the libraries were not loaded: see above"
    return Server(int(said))


def _become(arguments: list[str], environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for file, flags, number in ((os.devnull, os.O_RDONLY, 0), (log, os.O_WRONLY | os.O_CREAT, 1)):
        opened = os.open(file, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.dup2(1, 2)
    sys.argv = ["streamlit", *arguments]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def main() -> None:
    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a server that ended is gone
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _become(*json.loads(line))
            return
        print(pid, flush=True)


if __name__ == "__main__":
    main()
