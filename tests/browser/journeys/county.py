"""The made-up county of the journeys: made by the command everybody uses, on a Thursday at ten,
whatever day it is, with an account for everyone who walks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from data import accounts, invitations, record
from data.assigned import THIS_CASE, NewAssignment
from data.db import Db
from data.history import NewEvent
from data.receipts import Slip
from data.rows import NewCase
from data.scope import Scope
from service import assignments
from settings import Settings
from tests.conftest import ROOT

START = dt.datetime(2026, 11, 26, 2, 0, tzinfo=dt.UTC)
"""Thursday, 10:00 in Shanghai: a filing is asked and not late; next year's holidays are out."""
CLOCK = """
import dataclasses, datetime, time, data.db
_open = data.db.Db.open.__func__
_start, _real = datetime.datetime.fromisoformat({start!r}), {real!r}
def _now():
    return _start + datetime.timedelta(seconds=time.time() - _real)
data.db.Db.open = classmethod(lambda c, s: dataclasses.replace(_open(c, s), now=_now))
"""
"""Put before a process's start: its clock goes, from a moment on."""
LARGER = ("--grids", "400", "--townships", "12", "--cases-per-year", "4000", "--years", "2")
"""Options of `zaojie demo` for the tour: figures of townships that rest on enough cases."""
SMALL = ("--grids", "60", "--townships", "4", "--cases-per-year", "600", "--years", "1")
PASSWORD = "paper-boat-7"
LABOUR = "b02"
OPERATOR = Scope.operator()
JUDGE = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")
ANSWER = {
    "request": "诉求人要求支付三个月工资。",
    "facts": "经核查，东郊工地拖欠工资属实。",
    "opinion": "责令用人单位十日内付清。",
    "basis": "《保障农民工工资支付条例》第三条。",
    "remedy": "不服本答复的，可自收到之日起三十日内申请复查。",
}


@dataclass
class MadeCounty:
    """A county in a folder: its record, its server's environment, its accounts' logins.

    desks: townships by code, those with nothing registered today first.
    """

    db: Db
    folder: Path
    environment: dict[str, str]
    desks: list[str]

    def login(self, role: str, desk: str | None = None) -> str:
        """The login of somebody in a role; a desk's clerk by its township."""
        return f"desk-{self.desks.index(desk)}" if desk else role.replace("_", "-")

    def scope(self, township: str) -> Scope:
        """The clerk of a township's desk."""
        desk = f"t{township}"
        return Scope(f"desk-{township}", "township_clerk", frozenset({township}),
                     frozenset({desk}), desk)  # fmt: skip


def made(folder: Path, size: tuple[str, ...] = SMALL) -> MadeCounty:
    """Make the county with `zaojie demo` and its options, then the accounts of those who walk."""
    _set_clock(folder, START - dt.timedelta(hours=1))  # made, and its forecast, before it opens
    url = f"sqlite:///{folder}/zaojie.db"
    environment = {
        "ZAOJIE_DATABASE": url, "ZAOJIE_KEYS": str(folder / "keys.json"),
        "ZAOJIE_VAR": str(folder), "PYTHONPATH": f"{folder}:{ROOT}",
    }  # fmt: skip
    command = [sys.executable, "-m", "cli", "demo", *size]
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    real = _set_clock(folder, START)

    def now() -> dt.datetime:
        return START + dt.timedelta(seconds=time.time() - real)

    opened = Db.open(Settings(database=url, keys=folder / "keys.json"))
    db = dataclasses.replace(opened, now=now)
    county = MadeCounty(db, folder, environment, _quiet_first(db))
    for desk in county.desks:
        _account(db, county.login("township_clerk", desk), "township_clerk", f"t{desk}")
    _account(db, county.login("grid_worker"), "grid_worker", f"t{county.desks[-1]}")
    _account(db, county.login("department_clerk"), "department_clerk", LABOUR)
    for role in ("supervisor", "leader", "administrator"):
        _account(db, county.login(role), role, None)
    return county


def _set_clock(folder: Path, start: dt.datetime) -> float:
    """From now on processes of that folder begin at `start`; the real moment that stands for it."""
    real = time.time()
    (folder / "sitecustomize.py").write_text(
        CLOCK.format(start=start.isoformat(), real=real), "utf-8"
    )
    return real


def _quiet_first(db: Db) -> list[str]:
    """The townships, those whose desks may file a zero today first."""
    from service.filing import span_matrix

    day = START.date()
    matrix = span_matrix(db, Scope("super", "supervisor"), day, day, db.now(), None)
    matrix = matrix.sort_values("cases_after", kind="stable")
    return [str(row.township_code) for row in matrix.itertuples()]


def _account(db: Db, login: str, role: str, body: str | None) -> None:
    accounts.make_account(db, OPERATOR, login, role, body)
    invitations.redeem(db, invitations.invite(db, OPERATOR, login), PASSWORD)


def a_case(county: MadeCounty, *steps: str) -> Slip:
    """A case of the last desk that the labour bureau owes an answer to, after some steps."""
    desk, db = county.desks[-1], county.db
    new = NewCase(
        desk, None, db.now() - dt.timedelta(days=3), "labour", "unpaid_wages", "redress",
        "desk", "ordinary", LABOUR, "东郊工地三个月工资没有发放。",
    )  # fmt: skip
    slip = record.register(db, county.scope(desk), new).slip
    assert slip is not None
    clerk = Scope("labour", "department_clerk", bodies=frozenset({LABOUR}), desk=LABOUR)
    words = {
        "accepted": {"note": "依法受理。"},
        "answered": ANSWER,
        "delivered": {"said": "当面送达。"},
    }
    for step in steps:
        code = "in_hand" if step == "delivered" else None
        event = NewEvent(step, code=code, words=words.get(step, {"said": "已电话告知。"}))
        record.add_event(db, clerk, slip.case_id, event, JUDGE)
    return slip


def assign(county: MadeCounty, case_id: str) -> None:
    """The supervisor asks the labour bureau for the next step of a case."""
    db, scope = county.db, Scope("super", "supervisor")
    found = assignments.choices(db, scope, case_id)
    assignments.assign(
        db, scope,
        NewAssignment("case", found.body_id, THIS_CASE, "answer", found.usual_day, case_id),
    )  # fmt: skip
