"""Can 200 people a second look at their case while the office works?

Usage: python benchmarks/status_load.py [--rate 200] [--seconds 20] [--workers 2] [--nice 0]

Three servers of one machine, on a small demo county made for this run (or on a copy of --database):
the resident's pages alone (`python -m public.serve --workers 2`), the staff's application
(`streamlit run app.py`, as `zaojie serve` starts it), and a page that only reads the form and
answers with as many bytes, served in the same way, to say what the server itself costs.

Staff work, during the whole of the load: three supervisors, each signed in with a WebSocket of its
own (benchmarks/staff_client.py), who open the list of open cases, wait until the page has run, read
for two seconds, open the overview, and so on. No browser is drawn here: it is another machine's
work (a headless Chromium on the same two cores takes both of them for a second a page, and 95 in
100 were then answered within 110 to 190 ms). The servers run at normal priority, the resident's
processes at --nice (what `Nice=` of their systemd unit would give; below 0 takes root).

The load is open: a request falls due every 1/rate seconds whether or not earlier ones are answered,
and its time counts from when it fell due, so that a server that stalls cannot hide it. Each is a
POST of /s/case with one of 60 valid codes in turn, on kept connections; an answer is right when it
is 200 and shows its code's case. A kept connection may have been closed by the server while it was
idle: a request that gets no byte of an answer on one is sent again on a new one, once, as browsers
do, and counted; its time goes on. (A POST of /s/case reads.) The load stands for other machines
too, yet keeps normal priority: at the lowest it would come to read its answers only when no server
works, and would count its own waiting as theirs. What it takes from them is printed. Then `ab`
(Debian: apache2-utils), where it is there, asks as fast as it is answered, for the most the pages
give. Processor time is that of the server's processes, from /proc, divided by the requests
answered.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Queue, get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file by `make bench`

import sqlalchemy as sa

from benchmarks.serving import (
    STARTS_WITHIN_SECONDS,
    env_of,
    free_port,
    is_up,
    processor_seconds,
    running,
)
from benchmarks.staff_client import Staff
from data import receipts
from data.db import Db
from data.schema import receipt
from settings import ROOT, Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

CODES = 60
GOAL_A_SECOND, GOAL_MS = 200, 100
TIMEOUT_SECONDS = 5.0
STAFF, STAFF_PAGES, READS_SECONDS = 3, ("worklist", "overview"), 2
SMALL = [
    "--grids",
    "100",
    "--townships",
    "6",
    "--cases-per-year",
    "800",
    "--years",
    "1",
    "--no-score",
]


def trivial() -> Starlette:
    """A page that reads its form and answers with ZAOJIE_BENCH_BYTES bytes, nothing else."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    html = b"x" * int(os.environ["ZAOJIE_BENCH_BYTES"])

    async def page(request: Request) -> Response:
        await request.body()
        return Response(html, media_type="text/html")

    return Starlette(routes=[Route("/s/case", page, methods=["GET", "POST"])])


@dataclass
class Found:
    """What an open load came to; times in seconds, of right answers, from when each fell due."""

    seconds: float
    times: list[float] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=dict)
    size: int = 0
    renewed: int = 0

    def fail(self, why: str) -> None:
        self.wrong[why] = self.wrong.get(why, 0) + 1

    def at(self, share: int) -> float:
        """A percentile, in milliseconds; infinite where nothing was answered."""
        ordered = sorted(self.times)
        return ordered[int((len(ordered) - 1) * share / 100)] * 1000 if ordered else float("inf")

    @property
    def a_second(self) -> float:
        return len(self.times) / self.seconds


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def post(line: Line, body: bytes) -> tuple[int, bytes]:
    """One request on a kept connection; status and body of the answer."""
    reader, writer = line
    writer.write(
        b"POST /s/case HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    assert length is not None, head
    return int(head.split(b" ", 2)[1]), await reader.readexactly(int(length[1]))


async def offer(port: int, codes: list[str], rate: float, seconds: float, shown: bool) -> Found:
    """Requests at a fixed rate, whether or not earlier ones are answered."""
    found, under_way = Found(seconds), set()
    idle: list[Line] = []

    async def one(due: float, code: str) -> None:
        line: Line | None = None
        body = f"code={code}&lang=zh".encode()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                if idle:
                    try:
                        line = idle.pop()
                        status, html = await post(line, body)
                    except (ConnectionError, asyncio.IncompleteReadError) as err:
                        if getattr(err, "partial", b""):
                            raise  # an answer broke off
                        found.renewed += 1
                        line = None
                if line is None:
                    line = await asyncio.open_connection("127.0.0.1", port)
                    status, html = await post(line, body)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as err:
            found.fail(type(err).__name__)
            if line is not None:
                line[1].close()
            return
        idle.append(line)
        if status != 200 or (shown and code.encode() not in html):
            found.fail(str(status))
            return
        found.times.append(time.perf_counter() - due)
        found.size += len(html)

    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(due, codes[number % len(codes)]))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    found.seconds = max(seconds, time.perf_counter() - started)
    for _, writer in idle:
        writer.close()
    return found


def settled(url: str) -> None:
    """Wait until requests their sender gave up are worked off: the next must not stand behind."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        asked = time.perf_counter()
        if is_up(url) and time.perf_counter() - asked < 0.2:
            return
        time.sleep(0.5)


def codes_of(db: Db) -> list[str]:
    """Valid codes of cases spread over the record, made for this copy and opened once."""
    made = []
    with db.write() as conn:
        cases = conn.execute(sa.select(receipt.c.case_id).distinct().order_by(receipt.c.case_id))
        known = cases.scalars().all()
        for case_id in known[:: max(1, len(known) // CODES)][:CODES]:
            code = receipts.new_code()
            row = receipts.row(db, case_id, code, "", db.now()) | {"first_opened_at": db.now()}
            conn.execute(receipt.insert().values(**row))
            made.append(code)
    return made


def staff(base: str, stop: Event, drawn: Queue[tuple[float, float]]) -> None:
    """Supervisors who open the overview and the list of open cases in turn; when and how long."""

    async def one(first: int) -> None:
        member = await Staff.enter(base, "supervisor")
        for turn in itertools.count(first):
            if stop.is_set():
                break
            started = time.perf_counter()
            took, _ = await member.open(STAFF_PAGES[turn % len(STAFF_PAGES)])
            drawn.put((started, took))
            await asyncio.sleep(READS_SECONDS)
        await member.leave()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(STAFF)))

    asyncio.run(all_of_them())


def told(what: str, found: Found, cpu: float) -> None:
    answered = max(1, len(found.times))
    wrong = ", ".join(f"{n} {why}" for why, n in found.wrong.items()) or "none"
    print(
        f"{what:18} {found.a_second:5.0f} a second   p50 {found.at(50):4.0f} ms   "
        f"p95 {found.at(95):4.0f} ms   p99 {found.at(99):4.0f} ms   errors: {wrong}, "
        f"{found.renewed} sent again   "
        f"{found.size // answered:,} bytes and {cpu / answered * 1000:.2f} ms processor a page",
        flush=True,
    )


def fastest(port: int, body: Path, seconds: int, what: str) -> None:
    """`ab` with 16 connections, each asking again as soon as it is answered."""
    if shutil.which("ab") is None:
        print(f"{what:18} left out: `ab` is missing (Debian: apt install apache2-utils)")
        return
    done = subprocess.run(
        ["ab", "-q", "-k", "-c", "16", "-t", str(seconds), "-n", "1000000", "-p", body,
         "-T", "application/x-www-form-urlencoded", f"http://127.0.0.1:{port}/s/case"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rate = re.search(r"Requests per second:\s+([\d.]+)", done.stdout)
    slow = re.search(r"\n\s+95%\s+(\d+)", done.stdout)
    other = re.search(r"Non-2xx responses:\s+(\d+)", done.stdout)
    if rate is None or slow is None:
        raise SystemExit(f"ab: {done.stderr.strip() or done.stdout}")
    print(f"{what:18} {float(rate[1]):5.0f} a second   p95 {slow[1]:>4} ms   by ab, 16 at once, "
          f"as fast as they are answered; errors: {other[1] if other else 'none'}")  # fmt: skip


def county(folder: Path, given: argparse.Namespace) -> Settings:
    """A small demo county of this run's own, or a copy of the one that was named."""
    settings = Settings(f"sqlite:///{folder}/demo.db", folder / "keys.json", var=folder)
    if given.database is not None:
        shutil.copy(given.database, folder / "demo.db")
        shutil.copy(given.keys, settings.keys)
        return settings
    words = [sys.executable, "-m", "cli", "demo", "--database", settings.database, *SMALL]
    subprocess.run(words, cwd=ROOT, env=env_of(settings), check=True, capture_output=True)
    return settings


@contextmanager
def staff_work(base: str, loads: list[tuple[float, float]]) -> Iterator[None]:
    """Staff work from here to the end of the block, in a process of its own."""
    fresh = get_context("spawn")
    stop, drawn = fresh.Event(), fresh.Queue()
    work = fresh.Process(target=staff, args=(base, stop, drawn))
    work.start()
    try:
        for _ in range(2 * STAFF):  # everybody has seen both pages: what is kept is kept
            loads.append(drawn.get(timeout=STARTS_WITHIN_SECONDS))
        yield
    finally:
        stop.set()
        with suppress(Empty):
            while True:
                loads.append(drawn.get(timeout=3))
        work.join(90)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rate", type=float, default=GOAL_A_SECOND, help="requests a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2, help="processes of the resident's pages")
    parser.add_argument("--nice", type=int, default=0, help="of the processes of these pages")
    parser.add_argument("--database", type=Path, help="a demo SQLite file; it is copied")
    parser.add_argument("--keys", type=Path, default=ROOT / "var" / "keys.json")
    given = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before; "
        f"{given.workers} processes at nice {given.nice}, "
        f"{given.rate:.0f} a second for {given.seconds:.0f} s"
    )
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch), given)


def measure(folder: Path, given: argparse.Namespace) -> None:
    settings = county(folder, given)
    db = Db.open(settings)
    codes = codes_of(db)
    db.engine.dispose()
    (folder / "body").write_text(f"code={codes[0]}&lang=zh", "utf-8")
    pages_at, office_at, plain_at = free_port(), free_port(), free_port()
    alone, office = f"http://127.0.0.1:{pages_at}", f"http://127.0.0.1:{office_at}"
    serve = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1",
             "--server.port", str(office_at), "--server.headless", "true"]  # fmt: skip
    pages = ["nice", "-n", str(given.nice), sys.executable, "-m", "public.serve",
             "--port", str(pages_at), "--workers", str(given.workers)]  # fmt: skip
    loads: list[tuple[float, float]] = []
    env = env_of(settings)
    with (
        running(pages, env, f"{alone}/s", folder / "alone.log") as pid,
        running(serve, env, f"{office}/_stcore/health", folder / "office.log") as office_pid,
        staff_work(office, loads),
    ):
        asyncio.run(offer(pages_at, codes, 60, 2, True))  # what every process keeps is kept
        before, staff_before = processor_seconds(pid), processor_seconds(office_pid)
        since, own = time.perf_counter(), time.process_time()
        found = asyncio.run(offer(pages_at, codes, given.rate, given.seconds, True))
        own = time.process_time() - own
        cpu, staff_cpu = (
            processor_seconds(pid) - before, processor_seconds(office_pid) - staff_before,
        )  # fmt: skip
        told("status pages", found, cpu)
        until = time.perf_counter()
        settled(f"{alone}/s")
        fastest(pages_at, folder / "body", 5, "status pages")
    worked = sorted(took for at, took in loads if since <= at + took <= until)
    middle = worked[len(worked) // 2]
    print(
        f"staff meanwhile    {len(worked)} pages run by {STAFF}, median {middle:.1f} s, "
        f"{staff_cpu / found.seconds:.2f} cores in their application"
    )
    print(f"the load itself    {own / found.seconds:.2f} cores")
    env["ZAOJIE_BENCH_BYTES"] = str(found.size // max(1, len(found.times)))
    start = f"serve('benchmarks.status_load:trivial', '127.0.0.1', {plain_at}, {given.workers})"
    plain = [sys.executable, "-c", f"from public.serve import serve; {start}"]
    with running(plain, env, f"http://127.0.0.1:{plain_at}/s/case", folder / "plain.log") as pid:
        before = processor_seconds(pid)
        bare = asyncio.run(offer(plain_at, codes, given.rate, 5, False))
        bare_cpu = processor_seconds(pid) - before
        told("a bare page", bare, bare_cpu)
        fastest(plain_at, folder / "body", 3, "a bare page")
    ratio = (cpu / max(1, len(found.times))) / (bare_cpu / max(1, len(bare.times)))
    print(f"a status page costs {ratio:.1f} times the processor time of a bare page")
    is_met = found.a_second >= 0.99 * GOAL_A_SECOND and found.at(95) <= GOAL_MS and not found.wrong
    print(f"goal ({GOAL_A_SECOND} a second, p95 under {GOAL_MS} ms): "
          f"{'met' if is_met else 'not met'}")  # fmt: skip


if __name__ == "__main__":
    main()
