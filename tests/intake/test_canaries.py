"""Five hundred canaries through every door, looked for on disk, in copies and in logs.

300 the redactor knows: they may lie nowhere, not even under a seal. 200 it does not: they may lie
under a seal only. Each family begins alike, so one look for its beginning finds all of it.
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
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware

from data import bulk, machines, places, quarantine, record
from data.db import Db
from data.history import NewEvent
from data.openings import open_texts
from data.reading import read_case, read_summary
from data.rows import check_rows
from data.scope import Scope
from data.sheets import read_sheet
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

KNOWN = {
    "phone": ("1398765", lambda n: f"，电话1398765{n:04d}，"),
    "id_number": ("33010219770203", lambda n: f"，身份证号33010219770203{n:04d}，"),
    "name": ("欧阳珬", lambda n: f"。我叫欧阳珬{chr(0x4E00 + n)}，"),
    "email": ("canary-q7x", lambda n: f" canary-q7x{n:03d}@mail.example.org "),
    "plate": ("浙A77Q", lambda n: f"，车牌浙A77Q{n % 100:02d}，"),
}
UNKNOWN = {
    "nickname": ("甪珬", lambda n: f"，甪珬{chr(0x4E00 + n)}知道，"),
    "latin": ("Zyxqvel", lambda n: f"，Zyxqvel{n:03d}，"),
}
"""What no rule knows: it says nothing of a person but to who knows them."""


def canaries() -> Iterator[str]:
    """Texts with three canaries that are known and two that are not, none twice."""
    for n in itertools.count():
        pair = list(KNOWN.values())
        said = "".join(make(n) for _, make in (pair[n % 5], pair[(n + 1) % 5], pair[(n + 2) % 5]))
        yield (
            "工资三个月未发" + said + "".join(make(n) for _, make in UNKNOWN.values()) + "请处理。"
        )


def names() -> Iterator[str]:
    """Names of files and machines, reasons: cleaned, and kept in plain (docs/redaction.md)."""
    for n in itertools.count(200):
        yield "台账" + "".join(make(n) for _, make in KNOWN.values())


def forms(text: str) -> list[bytes]:
    """A text as it could lie in a file, plain or in base64 at each of its three places."""
    plain = [*encodings(text), text.encode("utf-16-be"), json.dumps(text)[1:-1].encode()]
    coded = []
    for skip in range(3):
        for raw in (text.encode(), text.encode("utf-16-le"), text.encode("gb18030")):
            whole = base64.b64encode(b"\0" * skip + raw)
            coded.append(whole[-(-8 * skip // 6) : 8 * (skip + len(raw)) // 6])
    return plain + [form for form in coded if len(form) >= 6]


def unpacked(stored: bytes) -> bytes:
    """The bytes, and whatever in them is packed by zlib."""
    found = [stored]
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", stored):
        try:
            found.append(zlib.decompressobj().decompress(stored[match.start() :], 1_000_000))
        except zlib.error:
            continue
    return b"\0".join(found)


def seen_in(stored: bytes, families: dict[str, tuple[str, object]]) -> list[str]:
    """The families of which something lies in the bytes."""
    all_bytes = unpacked(stored)
    return [
        name for name, (start, _) in families.items() if any(f in all_bytes for f in forms(start))
    ]


EVERY = KNOWN | UNKNOWN


def on_disk(db: Db, folder: Path) -> bytes:
    """Everything the database left: file, log, index, and a backup by each way."""
    path = Path(str(db.engine.url.database))
    with sqlite3.connect(path) as source:
        source.execute("VACUUM INTO ?", (str(folder / "vacuumed.db"),))
        with sqlite3.connect(folder / "online.db") as copy:
            source.backup(copy)
    files = [*path.parent.glob(f"{path.name}*"), folder / "vacuumed.db", folder / "online.db"]
    return b"".join(file.read_bytes() for file in files)


@pytest.fixture
def told(sqlite_db: Db, small_county: Callable[[Db], Db]) -> tuple[Db, list[str]]:
    """A county that was told canaries at every door; and the texts that were kept for someone."""
    db = small_county(sqlite_db)
    places.save_areas(db, Scope.operator(), layer(), dt.date(2020, 1, 1))
    say, named, kept = canaries(), names(), []
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
            quarantine.hold(*held, f"{next(named)}.xlsx", {1: cells}, made.problems)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "欧阳珬表1398765"
    filled = row(source_id="A1")
    sheet.append([*filled, next(say)[:80], "联系电话"])
    for n in range(30):
        sheet.append([*row(source_id=f"A{n}", kind=next(say) if n % 2 else "redress").values(),
                      next(say), next(say)])  # fmt: skip
    raw = io.BytesIO()
    book.save(raw)
    frame = read_sheet(raw.getvalue(), f"{next(named)}.xlsx")
    made = check_rows(frame, known(db, DESK), db.now(), "Asia/Shanghai", is_file=True)
    kept += [one.case_id for one in record.register_all(db, DESK, made.good)]
    wrong = {p.row: dict(frame.loc[p.row].astype(str)) for p in made.problems if p.row}
    quarantine.hold(*held, f"{next(named)}.xlsx", wrong, made.problems)
    for waits in quarantine.waiting(db, DESK)[:4]:  # let go: their pages are free again
        quarantine.dismiss(db, DESK, waits.id, "not_asked")
    # an older system's ledger, a machine, somebody who asks online
    table = cases([{"summary": next(say)} for _ in range(10)])
    said = events(table, {n: [("contacted", 1.0)] for n in range(10)}).assign(words=None)
    words = [json.dumps({"said": next(say)}) for _ in range(10)]
    said.loc[said["event"] == "contacted", "words"] = words
    bulk.take_over(db, Scope.operator(), table, said, source_name=f"{next(named)}.csv")
    _, token = machines.make_token(db, ADMINISTRATOR, next(named), "api", "t01", "hotline", 30)
    machine = machines.machine_of(db, token, "api")
    assert machine is not None
    sent = [
        row(source_id=f"H{n}", category=next(say) if n % 3 else "unpaid_wages") for n in range(9)
    ]
    for one in sent:
        del one["channel"]
    take(
        db,
        machine,
        [{**one, next(say)[:60]: "1"} for one in sent[:3]] + sent[3:],
        None,
        "zh",
        is_file=True,
    )
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
        open_texts(db, SUPERVISOR, case_id, reason=next(named))
    assert next(say)
    return db, kept


def test_no_canary_lies_in_plain_and_none_that_is_known_lies_anywhere(
    told: tuple[Db, list[str]], tmp_path: Path
) -> None:
    db, kept = told
    assert len(kept) >= 15
    assert seen_in(on_disk(db, tmp_path), EVERY) == []
    for case_id in kept:
        asker = Scope(who=case_id, role="resident")
        said = [read_summary(db, asker, case_id) or ""]
        case = read_case(db, asker, case_id)
        said += [w for e in case.events for w in (e.words or {}).values()]
        assert "甪珬" in said[0]  # what nobody recognises is kept, sealed
        assert [k for k, (start, _) in KNOWN.items() if any(start in text for text in said)] == []
    for waits in quarantine.waiting(db, DESK):
        cells = [*waits.cells.values(), *map(str, waits.problems), waits.source_name]
        assert [k for k, (start, _) in KNOWN.items() if any(start in c for c in cells)] == []


def test_canaries_are_found_where_they_do_lie(tmp_path: Path) -> None:
    text = next(canaries())
    for packed in (
        text.encode(), text.encode("utf-16-le"), text.encode("gb18030"), json.dumps(text).encode(),
        base64.b64encode(text.encode()), b"xx" + zlib.compress(text.encode()),
    ):  # fmt: skip
        assert "phone" in seen_in(packed, EVERY)
        assert "nickname" in seen_in(packed, EVERY)
    assert sum(1 for _ in itertools.islice(canaries(), 100)) * 5 == 500


def test_a_crash_with_a_text_in_hand_leaves_none_in_the_log(
    sqlite_db: Db, small_county: Callable[[Db], Db], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    from data import accounts
    from service import form_token

    db = small_county(sqlite_db)
    monkeypatch.setattr(state, "db", lambda: db)
    text = next(canaries())
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
