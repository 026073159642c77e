"""Five hundred canaries through every door, looked for on disk, in copies and in logs.

Of each text three the redactor knows: they may lie nowhere, not even under a seal. Two it does
not: they may lie under a seal only. Each family begins alike, so that one look finds all of it.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import itertools
import json
import logging
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware

from data import (
    assignments,
    bulk,
    corrections,
    ending,
    machines,
    places,
    quarantine,
    record,
    roster,
    sessions,
)
from data.assigned import NewAssignment, NewAssignmentEvent
from data.db import Db
from data.errors import ProjectError
from data.fields import BY_NAME
from data.history import NewEvent
from data.openings import open_texts
from data.reading import read_case, read_summary
from data.redact import redact
from data.redact_numbers import id_check_digit, is_luhn
from data.roster import NewLine
from data.rows import check_rows
from data.schema import metadata, sent_before
from data.scope import Scope
from data.sheets import read_sheet
from data.vocabulary import ASSIGNMENT_ANSWERS, ROSTER_POSTS
from public.failing import Failing
from service import asking
from service.figures import categories
from service.machines import known, take
from tests.conftest import ADMINISTRATOR, DESK, GRID_WORKER, LABOUR, NOW, SUPERVISOR
from tests.pages.test_routes import SAME, Client
from tests.rules.conftest import ANSWER, anything, cases, events, layer
from tests.rules.looking import encodings
from ui import state
from ui.guard import COOKIE

from .canary_doors import through_imports, through_open311


def _card(n: int) -> str:
    begun = f"6228480388{n:05d}"
    return next(f"{begun}{d}" for d in range(10) if is_luhn(f"{begun}{d}"))


def _id(n: int) -> str:
    begun = f"33010219770203{n:03d}"
    return begun + id_check_digit(begun)


KNOWN = {
    "phone": ("1398765", lambda n: f"，电话1398765{n:04d}，"),
    "id_number": ("33010219770203", lambda n: f"，身份证号{_id(n)}，"),
    "name": ("欧阳珬", lambda n: f"。我叫欧阳珬{chr(0x4E00 + n)}，"),
    "email": ("canary-q7x", lambda n: f" canary-q7x{n:03d}@mail.example.org "),
    "plate": ("浙A7Q", lambda n: f"，车牌浙A7Q{'ABCDEFGH'[n // 100]}{n % 100:02d}，"),
    "bank_card": ("6228480388", lambda n: f"，银行卡{_card(n)}，"),
    "account": ("wxcanary", lambda n: f"，微信号wxcanary{n:03d}，"),
}
UNKNOWN = {
    "nickname": ("甪珬", lambda n: f"，甪珬{chr(0x4E00 + n)}知道，"),
    "latin": ("Zyxqvel", lambda n: f"，Zyxqvel{n:03d}，"),
}
"""What no rule knows: it says nothing of a person but to who knows them."""


class Told:
    """Makes texts with canaries, none twice, and remembers which went out."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.canaries: set[str] = set()
        self.heard: list[str] = []

    def _made(self, families: dict[str, tuple[str, Callable[[int], str]]], n: int) -> str:
        made = [make(n) for _, make in families.values()]
        self.canaries.update(made)
        return "".join(made)

    def text(self, most: int | None = None) -> str:
        """Three canaries that are known, two that are not; `most`: the unknown ones and one."""
        n, pair = next(self.numbers), list(KNOWN.items())
        some = dict(pair[(n + step) % 7] for step in range(1 if most else 3))
        said = "工资三个月未发" + self._made(some, n) + self._made(UNKNOWN, n) + "请处理。"
        assert most is None or len(said) <= most
        return said

    def label(self) -> str:
        """What is cleaned and then stands in plain (docs/redaction.md): known ones only."""
        return "台账" + self._made(KNOWN, next(self.numbers))


ALL_CODES = ("utf-8", "utf-16-le", "gb18030")


def forms(text: str, codes: tuple[str, ...] = ALL_CODES) -> list[bytes]:
    """A text as it could lie in a file: plain, escaped, in base64 at each of three places."""
    plain = [text.encode(code) for code in codes] + [json.dumps(text)[1:-1].encode()]
    if codes == ALL_CODES:
        plain += [*encodings(text), text.encode("utf-16-be")]
    coded = []
    for skip in range(3):
        for raw in (text.encode(code) for code in codes):
            whole = base64.b64encode(b"\0" * skip + raw)
            coded.append(whole[-(-8 * skip // 6) : 8 * (skip + len(raw)) // 6])
    return list(dict.fromkeys([*plain, *(form for form in coded if len(form) >= 6)]))


def unpacked(stored: bytes) -> bytes:
    """The bytes, and whatever in them is packed by zlib."""
    found = [stored]
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", stored):
        try:
            found.append(zlib.decompressobj().decompress(stored[match.start() :], 1_000_000))
        except zlib.error:
            continue
    return b"\0".join(found)


def seen_in(
    stored: bytes,
    families: dict[str, tuple[str, Callable[[int], str]]],
    codes: tuple[str, ...] = ALL_CODES,
) -> list[str]:
    """The families of which something lies in the bytes."""
    all_bytes = unpacked(stored) if codes == ALL_CODES else stored
    return [
        name
        for name, (start, _) in families.items()
        if any(form in all_bytes for form in forms(start, codes))
    ]


EVERY = KNOWN | UNKNOWN


def on_disk(db: Db, folder: Path) -> bytes:
    """Everything the database left: file, log, index, and a backup by each way."""
    if db.engine.dialect.name == "postgresql":
        return in_cluster(db)
    path = Path(str(db.engine.url.database))
    with sqlite3.connect(path) as source:
        source.execute("VACUUM INTO ?", (str(folder / "vacuumed.db"),))
        with sqlite3.connect(folder / "online.db") as copy:
            source.backup(copy)
    files = [*path.parent.glob(f"{path.name}*"), folder / "vacuumed.db", folder / "online.db"]
    return b"".join(file.read_bytes() for file in files)


def in_cluster(db: Db) -> bytes:
    """The files of a PostgreSQL database and the write-ahead log of its cluster, without padding;
    its rows, where the server is another machine's."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("CHECKPOINT"))
        home = Path(str(conn.execute(sa.text("SHOW data_directory")).scalar()))
        oid = conn.execute(
            sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
        ).scalar()
        files = [*home.glob(f"base/{oid}/*"), *home.glob("pg_wal/0*"), *home.parent.glob("log")]
        if files:
            return b"\0".join(f.read_bytes().rstrip(b"\0") for f in files if f.is_file())
        return repr(
            [conn.execute(sa.select(table)).all() for table in metadata.sorted_tables]
        ).encode()


@pytest.fixture
def told(
    db: Db, small_county: Callable[[Db], Db], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Db, list[str], Told]:
    """A county that was told canaries at every door; and the texts that were kept for someone."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    small_county(db)
    places.save_areas(db, Scope.operator(), layer(), dt.date(2020, 1, 1))
    said_all = Told()
    say, named, kept = iter(said_all.text, ""), iter(said_all.label, ""), []
    files = (f"{text}.xlsx" for text in say)
    held = (db, DESK)

    def row(**changed: str) -> dict[str, str]:
        return {"source_id": "", "opened_at": "2026-03-04 09:00", "township": "东镇",
                "category": "unpaid_wages", "kind": "redress", "channel": "desk", "body": "b01",
                "summary": next(say), **changed}  # fmt: skip

    # a form's case, its wrong ones, a sheet with persons in its names, headers and cells
    for scope in (DESK, GRID_WORKER):
        for changed in ({}, {"category": next(say)}, {"township": next(say)}, {"body": next(say)}):
            frame = pd.DataFrame([row(**changed)], index=[1])
            made = check_rows(frame, known(db, scope), db.now(), "Asia/Shanghai", is_file=False)
            for case in made.good:
                kept.append(record.register(db, scope, case).case_id)
            cells = dict(frame.iloc[0])
            quarantine.hold(*held, next(files), {1: cells}, made.problems)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "欧阳珬表1398765"
    head = [f"{BY_NAME[name].header('zh')}（{next(say)}）" for name in row()]
    sheet.append([*head, next(say), "联系电话"])
    for n in range(30):
        sheet.append([*row(source_id=f"A{n}", kind=next(say) if n % 2 else "redress").values(),
                      next(say), next(say)])  # fmt: skip
    raw = io.BytesIO()
    book.save(raw)
    frame = read_sheet(raw.getvalue(), next(files))
    made = check_rows(frame, known(db, DESK), db.now(), "Asia/Shanghai", is_file=True)
    kept += [one.case_id for one in record.register_all(db, DESK, made.good)]
    wrong = {p.row: dict(frame.loc[p.row].astype(str)) for p in made.problems if p.row}
    quarantine.hold(*held, next(files), wrong, made.problems)
    for waits in quarantine.waiting(db, DESK)[:4]:  # let go: their pages are free again
        quarantine.dismiss(db, DESK, waits.id, "not_asked")
    # an older system's ledger, a machine, somebody who asks online
    table = cases([{"summary": next(say)} for _ in range(10)])
    said = events(table, {n: [("contacted", 1.0)] for n in range(10)}).assign(words=None)
    words = [json.dumps({"said": next(say)}) for _ in range(10)]
    said.loc[said["event"] == "contacted", "words"] = words
    bulk.take_over(db, Scope.operator(), table, said, source_name=next(files))
    _, token = machines.make_token(db, ADMINISTRATOR, next(named), "api", "t01", "hotline", 30)
    machine = machines.machine_of(db, token, "api")
    assert machine is not None
    sent = [
        row(source_id=f"H{n}", category=next(say) if n % 3 else "unpaid_wages") for n in range(9)
    ]
    for one in sent:
        del one["channel"]
    heads = {name: f"{BY_NAME[name].header('zh')}（{next(say)}）" for name in sent[0]}
    rows = [{heads[name]: cell for name, cell in one.items()} for one in sent]
    rows = [{**one, next(say): "1"} for one in rows[:3]] + rows[3:]
    key = machines.Key.of(next(say), json.dumps(rows).encode())
    for _ in range(2):  # its reply was lost: what was said before is said again
        take(db, machine, rows, key, "zh", is_file=True)
    made_there, heard = through_open311(db, say, next(named))
    kept += made_there
    said_all.heard = heard + through_imports(db, say, next(files))
    matter = categories(db, Scope.public())["heating"]
    for n in range(5):
        new = asking.new_case(
            matter, ("990000001000", None), "redress", next(say), "b01", f"{n}-token", NOW, "zh"
        )
        record.register_online(db, Scope.public(), new, "t01")
    # what offices say, why a text was opened
    for case_id in kept[:2]:
        for event in ("contacted", "transferred", "answered"):
            parts = dict.fromkeys(ANSWER, "") if event == "answered" else {"said": ""}
            spoken = NewEvent(
                event, words={name: next(say) for name in parts},
                to_body_id="b01" if event == "transferred" else None,
            )  # fmt: skip
            record.add_event(db, LABOUR, case_id, spoken, anything)
        open_texts(db, SUPERVISOR, case_id, reason=next(named)[:200])
        due = (NOW + dt.timedelta(days=5)).date()
        new_one = NewAssignment(
            "case", "b01", "this_case", "answer", due, case_id=case_id, words=next(say)
        )
        asked = assignments.assign(db, SUPERVISOR, new_one, lambda *_: None)
        answer = NewAssignmentEvent("answered", ASSIGNMENT_ANSWERS[0], next(say))
        assignments.follow_up(db, LABOUR, asked, answer, lambda *_: None)
    for text in ending.erasable(db, SUPERVISOR, kept[2])[:1]:
        ending.erase(db, SUPERVISOR, kept[2], text.text_id)
    for _ in range(3):
        with pytest.raises(ProjectError):
            sessions.sign_in(db, next(say), next(say), next(say))
    place = NewLine(due, "09:00", "11:00", ROSTER_POSTS[0], None, next(named), 3)
    with pytest.raises(ProjectError):
        roster.add(db, SUPERVISOR, [place])
    asker = Scope(who=kept[0], role="resident")
    with pytest.raises(ProjectError):
        corrections.ask(
            db, asker, kept[0], "category", next(say), categories(db, Scope.public()).by_id
        )
    return db, kept, said_all


def test_no_canary_lies_in_plain_and_none_that_is_known_lies_anywhere(
    told: tuple[Db, list[str], Told], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    db, kept, said_all = told
    assert len(said_all.canaries) >= 500
    assert len(kept) >= 15
    stored = on_disk(db, tmp_path)
    assert b"rows_refused" in stored  # what lies in plain is really looked at
    is_cluster = db.engine.dialect.name == "postgresql"  # which holds texts in UTF-8 only
    assert seen_in(stored, EVERY, ("utf-8",) if is_cluster else ALL_CODES) == []
    left = [file.read_bytes() for file in (tmp_path / "tmp").rglob("*") if file.is_file()]
    assert seen_in(b"".join(left) + caplog.text.encode(), EVERY) == []
    opened = []
    for case_id in (*kept[:2], *kept[3:]):
        asker = Scope(who=case_id, role="resident")
        said = [read_summary(db, asker, case_id) or ""]
        case = read_case(db, asker, case_id)
        said += [w for e in case.events for w in (e.words or {}).values()]
        found = assignments.read(db, SUPERVISOR, db.now())
        mine = tuple(one for one in found if one.case_id == case_id)
        said.append(repr(assignments.askers_words(db, asker, case_id, mine)))
        assert "甪珬" in said[0]  # what nobody recognises is kept, sealed
        opened += said
    assert (read_summary(db, Scope(who=kept[2], role="resident"), kept[2]) or "") == ""  # erased
    for waits in quarantine.waiting(db, DESK):
        opened += [*waits.cells, *waits.cells.values(), *map(str, waits.problems)]
        opened.append(waits.source_name)
    answered: list[str] = []
    with db.read() as conn:
        for token, answer in conn.execute(sa.select(sent_before.c.token_id, sent_before.c.answer)):
            version, _, sealed = answer.partition(":")
            raw = db.keys.unwrap("text", int(version), base64.b64decode(sealed), f"sent:{token}")
            answered.append(json.dumps(json.loads(raw), ensure_ascii=False))
    assert any("甪珬" in text for text in answered)  # the machines' own words, sealed
    opened += answered + said_all.heard  # and what Open311 and the page of mappings said
    assert [k for k, (start, _) in KNOWN.items() if any(start in text for text in opened)] == []
    assert any("甪珬" in text for text in said_all.heard)


def test_each_canary_that_is_called_known_is_recognised_and_no_other() -> None:
    for start, make in KNOWN.values():
        for n in range(400):
            assert start not in redact(f"工资未发{make(n)}请处理。").text, make(n)
    for start, make in UNKNOWN.values():
        assert all(start in redact(f"工资未发{make(n)}请处理。").text for n in range(0, 400, 20))


def test_canaries_are_found_where_they_do_lie() -> None:
    text = Told().text()
    for packed in (
        text.encode(), text.encode("utf-16-le"), text.encode("gb18030"), json.dumps(text).encode(),
        base64.b64encode(text.encode()), b"xx" + zlib.compress(text.encode()),
    ):  # fmt: skip
        assert "phone" in seen_in(packed, EVERY)
        assert "nickname" in seen_in(packed, EVERY)


def test_a_crash_with_a_text_in_hand_leaves_none_in_the_log(
    sqlite_db: Db, small_county: Callable[[Db], Db], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    from data import accounts
    from service import form_token

    db = small_county(sqlite_db)
    monkeypatch.setattr(state, "db", lambda: db)
    text = Told().text()
    _, token = accounts.add_account(db, ADMINISTRATOR, "grid-1", "grid_worker", "t01")
    first = accounts.session_of(db, accounts.sign_in(db, "grid-1", token))
    assert first is not None
    client = Client()
    client.cookies.set(COOKIE, accounts.change_password(db, first, token, "a-long-Password-77"))
    form = {
        "at": "check", "to": "send", "asked": "yes", "asked_how": "phone", "kind": "redress",
        "category": "unpaid_wages", "place": "990000001000", "text": text,
        "token": form_token.new_token(db),
    }  # fmt: skip
    with db.write() as conn:  # the store breaks while it has the statement and its values
        conn.execute(sa.text("ALTER TABLE case_version RENAME COLUMN category TO gone"))
    assert client.post("/phone", data=form, headers=SAME).status_code == 500

    def broken(*args: object, **values: object) -> None:
        raise ValueError(f"cannot read {text!r}")

    monkeypatch.setattr(record, "register", broken)
    assert client.post("/phone", data=form, headers=SAME).status_code == 500
    assert _through_failing(broken).status_code == 500
    logged = caplog.text.encode()
    assert b"failed, id" in logged
    assert b"ValueError" in logged
    assert seen_in(logged, EVERY) == []


def _through_failing(broken: Callable[..., None]) -> httpx.Response:
    import asyncio

    from starlette.routing import Route

    async def page(request: object) -> None:
        broken(request)

    app = Starlette(routes=[Route("/x", page)], middleware=[Middleware(Failing, language="zh")])

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            return await http.get("/x")

    logging.getLogger("zaojie")
    return asyncio.run(go())
