"""Two application processes on one PostgreSQL behave as one, to staff, machines and askers."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import sqlalchemy as sa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from data import accounts, passwords, sessions
from data.db import Db
from data.machines import make_token
from data.schema import case_version
from data.scope import Scope
from tests.conftest import ADMINISTRATOR, named_database

from .conftest import _servers

T = TypeVar("T")

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
OPERATOR = Scope.operator()
PASSWORD = "a quiet lake before nine hills"


class Two:
    """One database, the addresses of two processes that serve it, and who has an account."""

    def __init__(self, db: Db, here: str, there: str) -> None:
        self.db, self.here, self.there = db, here, there

    def account(self, role: str, body: str | None) -> str:
        """A new account with a role; its login. Its password is `PASSWORD`."""
        login = f"{role}-{secrets.token_hex(3)}"
        with self.db.write() as conn:
            sessions.insert_account(self.db, conn, login, passwords.hashed(PASSWORD), role, body)
        return login

    def sign_in(self, base: str, login: str, password: str = PASSWORD) -> httpx.Response:
        return httpx.post(
            f"{base}/sign-in", data={"login": login, "password": password},
            headers={"Origin": base}, timeout=60,
        )  # fmt: skip

    def cookie(self, base: str, login: str) -> str:
        answer = self.sign_in(base, login)
        assert answer.status_code == 303, answer.text
        return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())

    def page(self, base: str, cookie: str, name: str) -> str:
        """What a page sends to a browser with this cookie, as text; tables lie in it as bytes."""
        return _in_a_thread(_page(base, cookie, name)).decode("utf-8", "replace")


def _in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives; a browser that another test holds open has a loop in this thread."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()


async def _page(base: str, cookie: str, name: str) -> bytes:
    async with connect(
        f"{base.replace('http', 'ws', 1)}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")], additional_headers={"Cookie": cookie},
        origin=base, max_size=2**26,  # type: ignore[arg-type]
    ) as socket:  # fmt: skip
        ask, said = BackMsg(), b""
        ask.rerun_script.page_name, ask.rerun_script.query_string = name, "lang=en"
        await socket.send(ask.SerializeToString())
        while True:
            raw: Any = await socket.recv()
            said += raw
            message = ForwardMsg.FromString(raw)
            is_over = message.WhichOneof("type") == "script_finished"
            if is_over and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return said


@pytest.fixture(scope="module")
def two(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Callable[[Db], Db]], Two]]:  # fmt: skip
    """`two(small_county)`: made once for the module."""
    folder = tmp_path_factory.mktemp("two")
    with _started(postgres_server, folder) as start:
        yield start


@contextmanager
def _started(server: str, folder: Path) -> Iterator[Callable[[Callable[[Db], Db]], Two]]:
    from data.db import make_engine, migrate
    from data.keys import Keys

    made: list[Two] = []
    with (
        named_database(server, f"zaojie_two_{secrets.token_hex(6)}") as url,
        _servers(folder) as up,
    ):

        def start(build: Callable[[Db], Db]) -> Two:
            if not made:
                engine, keys = make_engine(url), Keys.fresh()
                migrate(engine)
                keys.save(folder / "keys.json")
                db = build(Db(engine, keys))
                made.append(Two(db, *(up(url, ZAOJIE_PROCESSES="2") for _ in range(2))))
            return made[0]

        yield start
        for one in made:
            one.db.engine.dispose()


def row(source_id: str) -> dict[str, object]:
    opened = dt.datetime.now(dt.UTC) - dt.timedelta(hours=9)
    return {
        "source_id": source_id, "opened_at": opened.strftime("%Y-%m-%dT%H:%M"), "township": "东镇",
        "category": "unpaid_wages", "kind": "redress", "body": "b01",
        "summary": "工资三个月没有发。",
    }  # fmt: skip


def test_who_signs_in_here_is_known_there_and_who_leaves_here_has_left_there(
    two, small_county
) -> None:
    both = two(small_county)
    clerk = both.account("department_clerk", "b01")
    cookie = both.cookie(both.here, clerk)
    assert "Work list" in both.page(both.there, cookie, "worklist")
    out = httpx.post(f"{both.here}/sign-out", headers={"Origin": both.here, "Cookie": cookie})
    assert out.status_code == 303
    for base in (both.there, both.here):
        assert "You are not signed in" in both.page(base, cookie, "worklist")


def test_a_case_taken_in_here_is_on_the_list_there_at_once_and_once_only(two, small_county) -> None:
    both = two(small_county)
    _, token = make_token(both.db, ADMINISTRATOR, "热线平台", "api", "t01", "hotline", 30)
    lists = {
        base: both.cookie(base, both.account("department_clerk", "b01"))
        for base in (both.here, both.there)
    }
    before = {base: both.page(base, cookie, "worklist") for base, cookie in lists.items()}

    async def send() -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one-request"}
        async with httpx.AsyncClient(timeout=60) as client:
            return await asyncio.gather(
                *(
                    client.post(f"{base}/api/v1/cases", json={"cases": [row("H-1")]},
                                headers=headers)
                    for base in (both.here, both.there) * 4
                )
            )  # fmt: skip

    answers = _in_a_thread(send())
    assert {answer.status_code for answer in answers} <= {200, 201, 409}, answers[0].text
    with both.db.read() as conn:
        cases = conn.execute(sa.select(case_version.c.case_id)).scalars().all()
    assert len(cases) == 1
    for base, cookie in lists.items():
        assert cases[0] not in before[base]
        assert cases[0] in both.page(base, cookie, "worklist")


def test_another_role_and_an_ended_account_count_everywhere_at_the_next_look(
    two, small_county
) -> None:
    both = two(small_county)
    clerk = both.account("department_clerk", "b02")
    cookie = both.cookie(both.here, clerk)
    assert "Work list" in both.page(both.there, cookie, "worklist")
    accounts.give_role(both.db, ADMINISTRATOR, clerk, "department_clerk", "b01")
    lines = {line.login: line for line in accounts.read_accounts(both.db, ADMINISTRATOR)}
    first = min(held.role_id for held in lines[clerk].roles)
    accounts.end_role(both.db, ADMINISTRATOR, first)
    for base in (both.there, both.here):  # a session ends with its role
        assert "You are not signed in" in both.page(base, cookie, "worklist")
    again = both.cookie(both.there, clerk)
    assert "Work list" in both.page(both.here, again, "worklist")
    accounts.end_account(both.db, ADMINISTRATOR, clerk)
    for base in (both.here, both.there):
        assert "You are not signed in" in both.page(base, again, "worklist")


def test_guesses_are_counted_alike_wherever_they_are_made(two, small_county) -> None:
    both = two(small_county)
    clerk = both.account("department_clerk", "b02")
    codes = [
        both.sign_in((both.here, both.there)[n % 2], clerk, "wrong").status_code for n in range(7)
    ]
    assert codes[:5] == [401] * 5
    assert 429 in codes[5:]
