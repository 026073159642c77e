"""The public figures' pages: open, without script, only what was published."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from data.scope import Scope
from service.publish import publish
from tests.public.conftest import words
from tests.service.test_publish import county as published_county

county = published_county


@pytest.fixture
def db(sqlite_db):
    return sqlite_db


@pytest.fixture
def content(county) -> dict:
    return json.loads(publish(county, Scope.operator(), "2026-02").content)


def test_before_anything_was_published_the_page_says_what_to_do(reader):
    reply = reader.get("/s/figures?lang=en")
    assert reply.status_code == 200
    assert "No month has been published yet" in words(reply)
    assert "zaojie publish --month" in words(reply)


def test_the_page_needs_no_script_and_no_style_of_its_own(reader, content):
    for path in ("/s/figures", "/s/figures/2026-02?lang=en"):
        reply = reader.get(path)
        assert reply.status_code == 200
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert "set-cookie" not in reply.headers
        assert not re.search(r"<script|\sstyle=|\son\w+=", reply.text)
        assert reply.text.count('role="img"') == reply.text.count("<figure>") >= 1
        assert reply.text.count("<desc") == reply.text.count("<figcaption>")
        # a table has a caption, and the head of every row and column says so
        assert reply.text.count("<table") == reply.text.count("<caption>")
        assert not re.findall(r"<th(?! scope=)[^e]", reply.text)
        ids = re.findall(r' id="([^"]+)"', reply.text)
        assert len(ids) == len(set(ids))


def test_files_are_described_and_say_what_the_page_says(reader, content):
    table = reader.get("/s/figures/2026-02.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert 'rel="describedby"' in table.headers["link"]
    described = reader.get("/s/figures/2026-02.csv-metadata.json").json()
    assert described["url"] == "2026-02.csv"
    whole = reader.get("/s/figures/2026-02.json").json()
    assert whole["figures"] == content["figures"]
    row = next(r for r in content["figures"] if r["by"] == "county")
    said = words(reader.get("/s/figures/2026-02?lang=en"))
    assert f"{row['numerator']} of {row['denominator']}, " in said
    assert f"county,{row['indicator']},{row['numerator']},{row['denominator']}" in re.sub(
        r"county,county,[^,]*,[^,]*,", "county,", table.text
    )


def test_the_feed_lists_the_published_months(reader, content):
    feed = ElementTree.fromstring(reader.get("/s/feed.atom").content)
    atom = "{http://www.w3.org/2005/Atom}"
    links = [link.get("href") for link in feed.iter(f"{atom}link")]
    assert links == ["/s/figures/2026-02"]


def test_a_month_that_was_not_published_is_not_found(reader, content):
    for month in ("2026-01", "2026-99", "abc", "<b>", "..%2f..%2fetc"):
        for kind in ("", ".csv", ".json", ".csv-metadata.json"):
            reply = reader.get(f"/s/figures/{month}{kind}")
            assert reply.status_code == 404
            assert "<b>" not in reply.text
