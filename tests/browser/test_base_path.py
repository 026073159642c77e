"""The application under a path of a proxy, in a browser: door, pages, map, resident's pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from data.db import County, Db, set_up
from data.places import save_offices
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, TOWNSHIPS, free_port

pytestmark = pytest.mark.browser


def test_under_a_path_one_signs_in_moves_and_the_asker_finds_the_way_in(
    server: Callable[..., str], visit, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/county.db"
    db = Db.open(Settings(database=url, keys=tmp_path / "keys.json"))
    set_up(db, County("demo", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022",
                      "township", None))  # fmt: skip
    save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    db.engine.dispose()
    metrics = f"127.0.0.1:{free_port()}"
    base = server(url, ZAOJIE_BASE_PATH="/zaojie", ZAOJIE_METRICS=metrics, ZAOJIE_LOG="json")
    there = visit(f"{base}/zaojie")
    there.base = f"{base}/zaojie"
    page = there.enter_as("administrator")
    assert page.url.startswith(f"{base}/zaojie/")
    [session] = [one for one in there.context.cookies() if one["name"] == "zaojie_session"]
    assert session["path"] == "/zaojie/"
    page.get_by_role("link", name="夜间运行").click()
    page.wait_for_url("**/zaojie/nights*")
    page.get_by_text("还没有运行过").wait_for()
    page = there.open("/s?lang=zh")
    assert page.locator("form").first.get_attribute("action") == "/zaojie/s/case"
    page.fill("input[name=code]", "AAAA-AAAA-AAAA-AAAA-A")
    page.click("main form button")
    page.wait_for_url("**/zaojie/s/case")
    there_not = [one for one in there.foreign if not one.startswith(base.replace("http", "ws"))]
    assert [one for one in there_not if not one.startswith(base)] == []
    assert httpx.get(f"http://{metrics}/readyz", timeout=60).text == "ready\n"
    text = httpx.get(f"http://{metrics}/metrics", timeout=60).text
    assert 'zaojie_requests_total{route="residents",status="4xx"}' in text
    # a proxy that takes the path off
    taken_off = httpx.post(f"{base}/sign-in?lang=zh", data={"role": "leader"}, timeout=60,
                           headers={"Origin": base})  # fmt: skip
    assert taken_off.headers["location"].startswith("/zaojie/")
    logged = next(tmp_path.glob("server-*.log")).read_text("utf-8")
    assert "127.0.0.1" not in "".join(line for line in logged.splitlines() if "requests" in line)
    assert "AAAA" not in logged
