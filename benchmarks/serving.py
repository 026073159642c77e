"""Servers of a benchmark: started, waited for, ended; what they take of the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from settings import ROOT, Settings

STARTS_WITHIN_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(words: list[str], env: dict[str, str], url: str, log: Path) -> Iterator[int]:
    """A server, up, by its process id; ended afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while not is_up(url):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"a server did not come up:\n{log.read_text('utf-8', 'replace')}")
            time.sleep(0.3)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def processor_seconds(pid: int) -> float:
    """Processor time of a process and of all it started, as far as they live."""
    ticks = 0
    for one in [pid, *children(pid)]:
        with suppress(OSError):
            after_name = Path(f"/proc/{one}/stat").read_text("utf-8").rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Every process below one, by id."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text("utf-8").split()):
                found += [child, *children(child)]
    return found


def resident_kb(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def env_of(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "ZAOJIE_DATABASE": settings.database,
        "ZAOJIE_KEYS": str(settings.keys),
        "ZAOJIE_VAR": str(settings.var),
    }
