"""An office of thirty at work, and the rush at 17:00: nothing fails, is lost or doubled, and
the server does not grow.

    make soak                                        # 30 staff for 10 minutes with the rush
    python benchmarks/soak.py --minutes 120          # for the memory
    python benchmarks/soak.py --share 0.01 --minutes 1 --uploads 20   # a small one

The large county (benchmarks/large_county.py), made up to last midnight in China, is served as
`zaojie serve` starts it. Thirty sessions of their own (benchmarks/staff_client.py), signed in as
supervisors, leaders and clerks of different offices, arrive one after the other, before the office
opens, so that what is counted once is there; then all open pages in turn with some seconds of
reading between: a fifth of a supervisor's reruns each for map and overview, the rest ledgers,
lists, report, filing, indicators, registering. Beside them, spread over the run: uploads of one to
five cases over the machines' door, each sixth sent twice under one key, as a sender does whose
reply was lost; each township's daily filing by a press on its page; and from the middle on the
nightly run in a process of its own. At the end the record is asked: every acknowledged row is there
once, every filing too. Printed: reruns, errors, percentiles by page, the server's memory early
and at the end. The load and the server share the machine's processors; what the load
took is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import sqlalchemy as sa  # noqa: E402

from benchmarks.large_county import copied, large_county, settings_of  # noqa: E402
from benchmarks.serving import env_of, free_port, resident_kb, running  # noqa: E402
from benchmarks.staff_client import PageFailed, Staff  # noqa: E402
from data import places  # noqa: E402
from data.db import Db  # noqa: E402
from data.machines import make_token  # noqa: E402
from data.schema import case_version, filing  # noqa: E402
from data.scope import Scope  # noqa: E402
from settings import Settings  # noqa: E402

GOAL_P95, GOAL_GROWTH = 1.5, 0.20
READS = (4.0, 14.0)
"""Seconds somebody reads a page before asking for the next."""
PAGES = {
    "supervisor": ("overview", "map", "worklist", "likely_late", "assignments", "indicators",
                   "filing", "report", "map", "overview"),
    "leader": ("overview", "map", "report", "indicators"),
    "township_clerk": ("worklist", "register", "filing", "worklist", "assignments"),
    "department_clerk": ("worklist", "assignments", "worklist"),
}  # fmt: skip
SHARES = (("supervisor", 8), ("leader", 2), ("township_clerk", 14), ("department_clerk", 6))
MOST_CASES, TWICE_EVERY = 5, 6
ZONE = "Asia/Shanghai"


@dataclass
class Found:
    """What was seen: seconds by page, errors, acknowledged rows by their sender's number; again:
    requests whose connection was closed meanwhile."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    stored: dict[str, str] = field(default_factory=dict)
    uploads: list[float] = field(default_factory=list)
    again: int = 0
    filed: int = 0
    filed_before: int = 0

    async def told(self, what: str, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except (PageFailed, OSError, httpx.HTTPError, TimeoutError) as err:
            self.errors.append(f"{what}: {type(err).__name__} {str(err)[:120]}")


async def arrived(base: str, people: list[tuple[str, str | None]]) -> list[tuple[Staff, str]]:
    """Everybody signed in, one after the other, as before the office opens: the first of a role
    opens each page once, a clerk the own list; what is counted then is kept for all."""
    there: list[tuple[Staff, str]] = []
    for role, body in people:
        staff = await Staff.enter(base, role, body)
        is_first = role not in {one for _, one in there}
        for page in dict.fromkeys(PAGES[role]) if is_first else ("worklist",) if body else ():
            await asyncio.wait_for(staff.open(page), 300)
        there.append((staff, role))
    return there


async def at_work(staff: Staff, role: str, until: float, found: Found) -> None:
    """One person's day: pages in turn, reading between."""
    try:
        turn = random.randrange(len(PAGES[role]))
        await asyncio.sleep(random.uniform(0, READS[1]))
        while time.monotonic() < until:
            page = PAGES[role][turn % len(PAGES[role])]
            spent, _ = await asyncio.wait_for(staff.open(page), 120)
            found.seconds[page].append(spent)
            turn += 1
            await asyncio.sleep(random.uniform(*READS))
    finally:
        with suppress(OSError):
            await staff.leave()


async def uploads(
    base: str, tokens: list[tuple[str, str, str]], count: int, over: float, found: Found
) -> None:
    """So many uploads over so many seconds; each waits for its own moment."""
    async with httpx.AsyncClient(base_url=base, timeout=120) as client:

        async def one(number: int) -> None:
            await asyncio.sleep(over * number / count)
            token, township, desk = tokens[number % len(tokens)]
            rows = [
                {
                    "source_id": f"soak-{number}-{n}", "township": township, "body": desk,
                    "category": "unpaid_wages", "kind": "redress", "channel": "hotline",
                    "opened_at": time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 60)),
                    "summary": "工资三个月没有发，请督促支付。",
                }
                for n in range(number % MOST_CASES + 1)
            ]  # fmt: skip
            head = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"soak-{number}"}
            for _ in range(2 if number % TWICE_EVERY == 0 else 1):
                started = time.perf_counter()
                answer = await sent(client, {"cases": rows}, head, found)
                found.uploads.append(time.perf_counter() - started)
                if answer.status_code not in (200, 201, 207):
                    found.errors.append(f"upload: {answer.status_code} {answer.text[:120]}")
                    return
                said = answer.json()
                if said["problems"]:
                    found.errors.append(f"upload: {said['problems'][0]['sentence'][:120]}")
                for case in said["cases"]:
                    name = rows[case["row"] - 1]["source_id"]
                    before = found.stored.setdefault(name, case["case_id"])
                    if before != case["case_id"]:
                        found.errors.append(f"upload: {name} became two cases")

        await asyncio.gather(*(found.told("upload", lambda n=n: one(n)) for n in range(count)))


async def sent(
    client: httpx.AsyncClient, rows: dict[str, list[dict[str, object]]], head: dict[str, str],
    found: Found,
) -> httpx.Response:  # fmt: skip
    """Sent, and where the connection was closed meanwhile sent again under the same key, as
    docs/api.md says: a server closes one that was idle for five seconds, now and then just as it
    is used again."""
    try:
        return await client.post("/api/v1/cases?lang=en", json=rows, headers=head)
    except httpx.TransportError:
        found.again += 1
        return await client.post("/api/v1/cases?lang=en", json=rows, headers=head)


async def filings(base: str, desks: list[str], over: float, found: Found) -> None:
    """Every township's day by a press on its page."""

    async def one(number: int, desk: str) -> None:
        await asyncio.sleep(over * number / len(desks))
        staff = await Staff.enter(base, "township_clerk", desk)
        try:
            await staff.open("filing")
            await staff.choose(r"\w*_reason")  # after the deadline a reason is asked for
            done = await staff.press(r"\w*_(?:report|zero)")
            found.filed += done is not None
            found.filed_before += done is None
        finally:
            await staff.leave()

    await asyncio.gather(
        *(found.told("filing", lambda n=n, d=d: one(n, d)) for n, d in enumerate(desks))
    )


async def memory(pid: int, until: float, seen: list[tuple[float, int]]) -> None:
    """The server's resident memory in KB, every five seconds."""
    while time.monotonic() < until:
        seen.append((time.monotonic(), resident_kb(pid)))
        await asyncio.sleep(5)


async def day(
    base: str, pid: int, given: argparse.Namespace, tokens: list[tuple[str, str, str]],
    desks: list[str], bodies: list[str], found: Found,
) -> list[tuple[float, int]]:  # fmt: skip
    """Everything at once, for the minutes given."""
    seen: list[tuple[float, int]] = []
    people: list[tuple[str, str | None]] = []
    for role, share in SHARES:
        of = desks if role == "township_clerk" else bodies if role == "department_clerk" else [None]
        many = max(1, round(share * given.staff / 30))
        people += [(role, of[n % len(of)]) for n in range(many)]
    began = time.monotonic()
    there = await arrived(base, people)
    print(f"{len(there)} arrived in {time.monotonic() - began:.0f} s", flush=True)
    until = time.monotonic() + given.minutes * 60
    over = given.minutes * 60 * 0.9
    await asyncio.gather(
        memory(pid, until, seen),
        *(found.told(role, lambda s=staff, r=role: at_work(s, r, until, found))
          for staff, role in there),
        uploads(base, tokens, given.uploads, over, found),
        filings(base, desks, over, found),
    )  # fmt: skip
    return seen


def at(values: list[float], share: float) -> float:
    """A percentile; 0 without values."""
    ordered = sorted(values)
    return ordered[int((len(ordered) - 1) * share)] if ordered else 0.0


def grown(seen: list[tuple[float, int]]) -> str:
    """The memory over the second and the last tenth of the run, least, median and most: while two
    moments are counted at once the server holds both, so one look says little."""
    tenth = max(1, len(seen) // 10)
    spans = [[kb / 1024 for _, kb in part] for part in (seen[tenth : 2 * tenth], seen[-tenth:])]
    told = " and ".join(f"{min(s):.0f}, {at(s, 0.5):.0f}, {max(s):.0f}" for s in spans if s)
    growth = [f"{of(spans[-1]) / of(spans[0]) - 1:+.0%}" for of in (min, statistics.median, max)]
    return f"{told} MB in the second and the last tenth: {', '.join(growth)}"


def checked(db: Db, found: Found) -> list[str]:
    """What the record says against what was acknowledged."""
    wrong = []
    ids = list(found.stored.values())
    if len(set(ids)) != len(ids):
        wrong.append("two rows became one case")
    with db.read() as conn:
        there = set(conn.execute(sa.select(case_version.c.case_id)).scalars())
        today = db.now().date()
        pairs = conn.execute(
            sa.select(filing.c.township_code, sa.func.count())
            .where(filing.c.period == today)
            .group_by(filing.c.township_code)
        ).all()
    wrong += [f"acknowledged and not there: {i}" for i in ids if i not in there]
    wrong += [f"filed {count} times: {code}" for code, count in pairs if count > 1]
    return wrong


def at_work_since_yesterday(given: argparse.Namespace) -> tuple[Db, Settings]:
    """The large county on a morning on which no desk has filed yet; of a file, a copy of it."""
    today = dt.datetime.now(ZoneInfo(ZONE)).date()
    midnight = dt.datetime.combine(today, dt.time(0), ZoneInfo(ZONE))
    evening = midnight.astimezone(dt.UTC) - dt.timedelta(seconds=1)
    folder = given.folder / f"soak-{today}"
    db = large_county(folder, given.share, given.database, until=evening)
    settings = settings_of(folder, given.share, given.database)
    if given.database is None:
        db.engine.dispose()
        shutil.rmtree(folder / "run", ignore_errors=True)
        settings = copied(settings.var, folder / "run")
        db = Db.open(settings)
    return db, settings


def main() -> int:
    """0 when nothing failed, nothing is lost or doubled; times and memory are printed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--database", help="a PostgreSQL URL instead of a file")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--staff", type=int, default=30)
    parser.add_argument("--uploads", type=int, default=1_000)
    parser.add_argument("--no-cycle", action="store_true")
    given = parser.parse_args()
    db, settings = at_work_since_yesterday(given)
    offices = places.read_bodies(db, Scope.operator())
    bodies = offices.loc[offices["township_code"].isna(), "body_id"].tolist()
    of_townships = offices.dropna(subset="township_code")
    desks = of_townships["body_id"].tolist()
    tokens = []
    for desk, township in zip(desks, of_townships["township_code"], strict=True):
        _, token = make_token(db, Scope.operator(), "soak", "api", desk, "hotline", 2)
        tokens.append((token, township, desk))
    found, port = Found(), free_port()
    base = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with running(serve, env_of(settings), base, settings.var / "soak.log") as pid:
        cycle = None
        started = time.monotonic()
        if not given.no_cycle:
            wait = f"import time; time.sleep({given.minutes * 30 + 60})"
            run = [sys.executable, "-m", "cli", "cycle", "--database", settings.database]
            cycle = subprocess.Popen(
                ["/bin/sh", "-c", '"$1" -c "$2" && shift 2 && exec "$@"', "sh", sys.executable,
                 wait, *run],
                cwd=ROOT, env=env_of(settings), stdout=subprocess.DEVNULL,
            )  # fmt: skip
        seen = asyncio.run(day(base, pid, given, tokens, desks, bodies, found))
        spent = time.monotonic() - started
        if cycle is not None:
            print("nightly run ended with", cycle.wait())
    wrong = checked(db, found)
    reruns = [second for seconds in found.seconds.values() for second in seconds]
    print(f"{given.staff} staff, {spent / 60:.1f} minutes: {len(reruns)} reruns, "
          f"{len(found.errors)} errors")  # fmt: skip
    for page, seconds in sorted(found.seconds.items()):
        print(f"  {page:12s} {len(seconds):5d}  p50 {at(seconds, 0.5):5.2f} s  "
              f"p95 {at(seconds, 0.95):5.2f} s  most {max(seconds):5.2f} s")  # fmt: skip
    print(f"all reruns: p50 {at(reruns, 0.5):.2f} s, p95 {at(reruns, 0.95):.2f} s "
          f"(goal {GOAL_P95} s)")  # fmt: skip
    print(f"uploads: {len(found.uploads)} requests, {found.again} sent again, "
          f"{len(found.stored)} cases, p95 {at(found.uploads, 0.95):.2f} s; filings: "
          f"{found.filed}, before: {found.filed_before}; lost or doubled: "
          f"{len(wrong)}")  # fmt: skip
    print(f"server's memory: {grown(seen)} (goal {GOAL_GROWTH:.0%})")
    mine = resource.getrusage(resource.RUSAGE_SELF)
    print(f"the load itself took {(mine.ru_utime + mine.ru_stime) / spent:.2f} processors")
    for line in [*found.errors[:20], *wrong[:20]]:
        print("  " + line)
    return 1 if found.errors or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
