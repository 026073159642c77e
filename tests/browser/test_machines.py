"""A machine and a real server: a case goes in, its asker reads it by the code, the API's page needs
no script and nothing from another host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from data.db import Db
from data.machines import make_token
from settings import Settings
from tests.conftest import ADMINISTRATOR
from wording import t

pytestmark = pytest.mark.browser


def test_a_hotline_sends_a_case_and_its_asker_reads_it(
    server: Callable[..., str], visit, small_county, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/county.db"
    language = "zh"
    db = Db.open(Settings(database=url, keys=tmp_path / "keys.json"))
    small_county(db)
    _, token = make_token(db, ADMINISTRATOR, "12345", "api", "t01", "hotline", 1)
    db.engine.dispose()
    base = server(url)
    row = {
        "source_id": "H-1", "opened_at": "2026-03-05 09:00", "township": "东镇",
        "category": "unpaid_wages", "kind": "redress", "body": "b01",
        "summary": "工资三个月没有发。",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {token}"}
    reply = httpx.post(f"{base}/api/v1/cases", json={"cases": [row]}, headers=headers, timeout=60)
    assert reply.status_code == 201
    assert "set-cookie" not in reply.headers
    code = reply.json()["cases"][0]["receipt"]["code"]
    before = httpx.post(f"{base}/api/v1/status", json={"code": code}, timeout=60).json()
    assert "summary" not in before
    there = visit(base, width=390)
    page = there.open(f"/s?lang={language}")
    page.fill("input[name=code]", code)
    page.click("main form button")
    page.wait_for_selector("h1")
    assert "工资三个月没有发。" in page.content()
    after = httpx.post(f"{base}/api/v1/status", json={"code": code}, timeout=60).json()
    assert after["summary"] == "工资三个月没有发。"
    page = there.open(f"/api/v1/docs?lang={language}")
    assert t("machines.openapi.title", language) in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert there.foreign == []
    assert httpx.get(f"{base}/api/v1/export").status_code == 404
