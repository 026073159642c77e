"""How soon the overview stands on a server that has just started, on a large county.

Goal: under 2 s from asking for the page to its end. Three starts of `streamlit run app.py` on the
record of `benchmarks/large_county.py`, each a fresh process: without the kept columns (everything
is read from the database, and kept), with them, and with them after a day's 2,000 events. The
server's own start, its imports and the sign-in come before the page and are told apart; the page is
asked for by `benchmarks/staff_client.py`, twice in each process, over a WebSocket as a browser has.
Before it the supervisor opens a page that reads no case, so that imports of the staff's pages are
not counted either.

    python benchmarks/cold_start.py --folder var/bench
    python benchmarks/cold_start.py --folder var/bench --share 0.05     # smoke
    python benchmarks/cold_start.py --folder var/bench --page worklist
    python benchmarks/cold_start.py --folder var/bench --wait 5         # as long as a sign-in

A server that starts brings the columns up to date by itself (`ui/ready.py`); without --wait the
page is asked for while it does, and waits for it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from benchmarks import serving  # noqa: E402
from benchmarks.large_county import large_county, settings_of  # noqa: E402
from benchmarks.serving import env_of, free_port, processor_seconds, running  # noqa: E402
from benchmarks.staff_client import Staff  # noqa: E402
from data.db import Db  # noqa: E402
from data.schema import case_event, case_version  # noqa: E402
from settings import Settings  # noqa: E402

NEW_EVENTS = 2_000


async def asked(base: str, page: str, pid: int) -> list[tuple[float, float]]:
    """The page twice: seconds on the wall and of the server's processor."""
    member = await Staff.enter(base, "supervisor")
    await member.open("register")
    found = []
    for _ in range(2):
        before = processor_seconds(pid)
        took, _ = await member.open(page)
        found.append((took, processor_seconds(pid) - before))
    await member.leave()
    return found


def start(settings: Settings, page: str, folder: Path, wait: float) -> list[tuple[float, float]]:
    """A fresh server, asked for the page."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1",
             "--server.port", str(port), "--server.headless", "true"]  # fmt: skip
    began, log = time.perf_counter(), folder / "server.log"
    found: list[tuple[float, float]] = []
    with (
        suppress(subprocess.TimeoutExpired),  # a busy machine ends it later
        running(words, env_of(settings), f"{base}/_stcore/health", log) as pid,
    ):
        print(f"   started in {time.perf_counter() - began:.1f} s", flush=True)
        time.sleep(wait)
        found = asyncio.run(asked(base, page, pid))
    return found


def append(db: Db, count: int) -> None:
    """So many events of contact, of the newest cases."""
    with db.write() as conn:
        at = db.stamp(conn)
        newest = sa.select(case_version.c.case_id, case_version.c.body_id)
        rows = conn.execute(newest.order_by(case_version.c.id.desc()).limit(count)).all()
        conn.execute(
            case_event.insert(),
            [
                {"case_id": row.case_id, "event": "contacted", "occurred_at": at,
                 "recorded_at": at, "actor": "office", "body_id": row.body_id}
                for row in rows
            ],
        )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--page", default="overview")
    parser.add_argument("--wait", type=float, default=0, help="seconds from the start to sign-in")
    parser.add_argument("--database", help="PostgreSQL URL of a large county")
    given = parser.parse_args()
    serving.STARTS_WITHIN_SECONDS = 300  # what is measured is the page, not the start
    db = large_county(given.folder, given.share, given.database)
    settings = settings_of(given.folder, given.share, given.database)
    print(f"load average {os.getloadavg()[0]:.1f} before; the {given.page}:", flush=True)
    first = None
    for what in ("nothing kept", "columns kept", f"kept, {NEW_EVENTS:,} events later"):
        if what == "nothing kept":
            shutil.rmtree(settings.var / "columns", ignore_errors=True)
        elif what != "columns kept":
            append(db, NEW_EVENTS)
        found = start(settings, given.page, given.folder, given.wait)
        first = first or found[0]
        for name, (took, used) in zip(("cold", "again"), found, strict=True):
            print(
                f"{what:26s} {name:6s} {took:6.2f} s {used:6.2f} s processor   "
                f"1/{first[0] / took:,.1f} and 1/{first[1] / used:,.1f} of the first",
                flush=True,
            )  # fmt: skip
    db.engine.dispose()


if __name__ == "__main__":
    main()
