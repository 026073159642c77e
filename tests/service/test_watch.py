"""Health, metrics and JSON logs: numbers of the machine, and nothing of anybody."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from data import outbox, running
from data.db import Db
from data.scope import Scope
from data.vocabulary import RUN_STEPS
from public.failing import Failing
from public.routes import routes
from service import logs, watch
from service.counters import Counters, kind_of
from service.metrics import office_lines
from settings import Settings
from tests.conftest import free_port
from ui.base_path import BasePath

OPERATOR = Scope.operator()
CANARY = "kanarienvogel东郊工地"
CODE = "8UL4-PURX-MT7F-EHWL-9"
ADDRESS = "203.0.113.77"
LINE = re.compile(
    r"(# (HELP [a-z_]+ [A-Z].*|TYPE [a-z_]+ (counter|gauge|histogram))"
    r"|[a-z_]+(\{[a-z]+=\"[A-Za-z0-9_.+]*\"(,[a-z]+=\"[A-Za-z0-9_.+]*\")*\})? -?[0-9.e+]+)"
)


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:
    return small_county(sqlite_db)


def asked(app: object, method: str, path: str, **more: object) -> httpx.Response:
    """One request, as from an address that must stand nowhere."""

    async def ask() -> httpx.Response:
        way = httpx.ASGITransport(app, raise_app_exceptions=False, client=(ADDRESS, 4711))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=way, base_url="http://desk.example") as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]

    return asyncio.run(ask())


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged as JSON; the loggers are as before afterwards."""
    root, out = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    kept = {
        name: (one.handlers[:], one.propagate)
        for name in list(root.manager.loggerDict)
        if isinstance(one := logging.getLogger(name), logging.Logger)
    }
    root.handlers[:] = []
    with contextlib.redirect_stderr(out):
        logs.set_up(Settings(log="json"))
        yield out
    root.handlers[:], root.level = before
    logging.captureWarnings(False)
    logging.getLogger("uvicorn.access").disabled = False
    for name, (handlers, propagate) in kept.items():
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = handlers, propagate


def test_what_somebody_sent_and_from_where_stands_in_no_line(county, written) -> None:
    def breaks(request: object) -> PlainTextResponse:
        raise ValueError(f"{CANARY} {CODE}")

    settings = Settings(log="json")
    app = Starlette(
        routes=[*routes(lambda: county), Route("/x", breaks)],
        middleware=[
            Middleware(watch.Watched, counters=Counters(), settings=settings),
            Middleware(Failing, language="zh"),
        ],
    )
    sent = {"X-Forwarded-For": ADDRESS, "User-Agent": CANARY, "Referer": f"http://h/{CODE}"}
    for method, path, body in (
        ("GET", f"/s?code={CODE}", None), ("POST", "/s/case", {"code": CODE, "word": CANARY}),
        ("POST", "/s/case", {"code": CANARY}), ("GET", f"/s/{CANARY}", None), ("GET", "/x", None),
    ):  # fmt: skip
        asked(app, method, path, data=body, headers={k: v.encode() for k, v in sent.items()})
    logging.getLogger("uvicorn.error").error("bad request %s from %s", CANARY, ADDRESS)
    logging.getLogger("somebody.else").warning(f"ready {CODE} {CANARY}")
    try:
        raise RuntimeError(CANARY) from ValueError(CODE)
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    lines = written.getvalue()
    for kept in (CANARY, CODE, ADDRESS, CODE.replace("-", ""), "/s/case", "kanarien"):
        assert kept not in lines
    said = [json.loads(line) for line in lines.splitlines()]
    requests = [line for line in said if line["message"] == "request"]
    assert [line["status"] for line in requests] == [200, 404, 400, 404, 500]
    assert {line["route"] for line in requests} == {"residents", "pages"}
    assert set(requests[0]) == {"at", "level", "logger", "message", "route", "method", "status",
                                "ms"}  # fmt: skip
    assert any("RuntimeError at" in line.get("trace", "") for line in said)
    assert any(line["message"].startswith("request failed, id") for line in said)


def test_plain_logs_are_left_as_they_are() -> None:
    before = logging.getLogger().handlers[:]
    logs.set_up(Settings())
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/s", "residents"), ("/s/case", "residents"), ("/sign-in", "door"), ("/", "pages"),
        ("/api/v1/cases", "machines"), ("/_stcore/stream", "stream"), ("/_stcore/health", "files"),
        ("/media/x.png", "files"), ("/static/s", "files"), ("/map", "pages"), ("/scase", "pages"),
    ],
)  # fmt: skip
def test_a_route_is_counted_by_its_kind(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def got(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as err:
        return err.code, err.read().decode()


@pytest.fixture
def listening(county: Db, tmp_path: Path) -> Iterator[tuple[str, Counters]]:
    """Health and metrics of a process, with a night and an inbox."""
    settings = Settings(metrics=f"127.0.0.1:{free_port()}", inbox=str(tmp_path),
                        notice_webhook="https://hooks.example/SECRET")  # fmt: skip
    counters = Counters()
    server = watch.start(settings, lambda: county, counters, lambda: office_lines(county, settings))
    assert server is not None
    yield f"http://{settings.metrics}", counters
    server.shutdown()
    server.server_close()


def test_metrics_are_well_formed_and_hold_no_area_body_case_or_address(
    county: Db, listening, tmp_path: Path
) -> None:
    base, counters = listening
    of = running.begin(county, OPERATOR, county.now().date())
    for step in RUN_STEPS:
        running.note(county, OPERATOR, of, step, "begun")
        if step != "score":
            running.note(county, OPERATOR, of, step, "done", {"files": 1, "scored": 4242})
        else:
            running.note(county, OPERATOR, of, step, "failed", None, "ValueError")
    outbox.put(county, OPERATOR, of.day, "night", "webhook", {"overdue": 3535})
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "one.csv").write_text("x")
    counters.served("residents", 200, 0.07)
    counters.served("residents", 404, 3.0)
    status, text = got(f"{base}/metrics")
    assert status == 200
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    for said in (
        'zaojie_requests_total{route="residents",status="2xx"} 1',
        'zaojie_request_seconds_bucket{route="residents",le="0.1"} 1',
        'zaojie_request_seconds_bucket{route="residents",le="+Inf"} 2',
        'zaojie_run_step_ok{step="score"} 0', 'zaojie_run_step_ok{step="report"} 1',
        "zaojie_run_ok 0", "zaojie_inbox_files 1", "zaojie_notices_waiting 1",
        "zaojie_database_up 1",
    ):  # fmt: skip
        assert f"\n{said}\n" in f"\n{text}", said
    for never in ("b01", "990000001000", "4242", "3535", "SECRET", "hooks", "one.csv", "127.0"):
        assert never not in text


def test_ready_means_a_database_of_this_version(county: Db, listening, monkeypatch) -> None:
    base, _ = listening
    assert got(f"{base}/healthz") == (200, "ok\n")
    assert got(f"{base}/readyz") == (200, "ready\n")
    monkeypatch.setattr(watch, "is_at_head", lambda engine: False)
    assert got(f"{base}/readyz")[0] == 503
    monkeypatch.setattr(watch, "is_at_head", lambda engine: 1 / 0)
    assert got(f"{base}/readyz") == (503, "database\n")
    assert got(f"{base}/")[0] == 404
    assert got(f"{base}/../etc/passwd")[0] == 404


def test_a_database_that_cannot_be_read_is_said_and_the_rest_is_told(county: Db) -> None:
    def breaks() -> list[str]:
        raise OSError(CANARY)

    text = watch.metrics(lambda: county, Counters(), breaks)
    assert "\nzaojie_database_up 0\n" in text
    assert CANARY not in text


def test_nothing_listens_unless_it_is_set_and_processes_take_the_next_port(county: Db) -> None:
    def start(settings: Settings, ports: int = 1):
        return watch.start(settings, lambda: county, Counters(), ports=ports)

    assert start(Settings()) is None
    here = Settings(metrics=f"127.0.0.1:{free_port()}")
    first, second, third = start(here), start(here, ports=2), start(here)
    assert first is not None
    assert second is not None
    assert second.server_address[1] == first.server_address[1] + 1
    assert third is None
    for one in (first, second):
        one.shutdown()
        one.server_close()


@pytest.mark.parametrize("path", ["/zaojie/x", "/x"])
def test_a_base_path_is_taken_from_the_proxy_as_it_is_or_taken_off(path: str) -> None:
    seen = {}

    def where(request) -> PlainTextResponse:
        seen.update(request.scope)
        return PlainTextResponse(str(request.url_for("there")))

    app = Starlette(
        routes=[Route("/x", where, name="there")],
        middleware=[Middleware(BasePath, base="/zaojie")],
    )
    answer = asked(app, "GET", path)
    assert answer.text == "http://desk.example/zaojie/x"
    assert seen["root_path"] == "/zaojie"
    assert asked(app, "GET", "/zaojie").headers["location"] == "/zaojie/"
    plain = Starlette(routes=app.routes, middleware=[Middleware(BasePath, base="")])
    assert asked(plain, "GET", "/x").text == "http://desk.example/x"
    assert asked(plain, "GET", "/zaojie/x").status_code == 404


def test_secrets_of_the_settings_are_in_no_representation() -> None:
    here = replace(Settings(), notice_webhook="https://x.example/SECRET")
    assert "SECRET" not in repr(here)
