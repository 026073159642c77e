"""A file that takes long is made behind the page: it says how long, may be left, is one's own."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from service.jobs import Jobs
from ui import behind, guard, making
from wording import t

VIEWER = SimpleNamespace(t=lambda key, **said: t(key, "zh", **said), number=lambda n: f"{n:.0f}")
GO = threading.Event()
LONG = making.Took(8.0, 9.0)


def make() -> bytes:
    assert GO.wait(30)
    return b"made"


def broken() -> bytes:
    raise ValueError("no font")


def _page() -> None:
    import streamlit as st

    from tests.pages.test_making import VIEWER, make
    from ui import making

    making.offer(VIEWER, st, "Word", make, "r.docx", "x/y", what="t_docx", key="k")
    making.shown(VIEWER, "supervisor")


@pytest.fixture
def page(monkeypatch):
    """`page(token)`: the page anew, as the session of that token sees it."""
    jobs = Jobs({"made": 1.0}, 60)
    monkeypatch.setattr(behind, "files", lambda: jobs)
    monkeypatch.setattr(guard, "still", lambda *roles: VIEWER)
    monkeypatch.setattr(making, "_took", {})
    GO.clear()

    def page(token: str) -> AppTest:
        monkeypatch.setattr(guard, "session_token", lambda: token)
        test = AppTest.from_function(_page, default_timeout=60).run()
        assert not test.exception
        return test

    yield page
    GO.set()


def over(job) -> None:
    until = time.monotonic() + 30
    while not job.is_over:
        assert time.monotonic() < until
        time.sleep(0.01)


def labels(test: AppTest) -> list[str]:
    return [one.label for one in test.get("download_button")]


def test_what_is_made_at_once_is_one_press(page):
    test = page("mine")
    assert labels(test) == ["Word"]
    assert not test.button
    # long on the clock of a busy machine is not long
    making._took["t_docx"] = making.Took(1.9, 60.0)
    assert labels(page("mine")) == ["Word"]


def test_what_took_long_says_so_goes_on_without_the_page_and_lies_ready(page):
    making._took["t_docx"] = LONG
    test = page("mine")
    assert labels(test) == []
    assert test.button(key="k_make").label == t("behind.file.button", "zh", label="Word", seconds=9)
    test.button(key="k_make").click().run()
    job = behind.files().of(behind.session())
    again = page("mine")  # the page was left, and is opened again
    assert again.button(key="k_make").disabled
    (bar,) = again.get("progress")
    assert t("behind.file.running", "zh", file="r.docx") in bar.proto.text
    assert "大约还要" in bar.proto.text
    assert page("other").button(key="k_make").disabled is False
    GO.set()
    over(job)
    assert making._took["t_docx"] < LONG, "the next one is estimated by this one"
    making._took["t_docx"] = LONG
    ready = page("mine")
    assert labels(ready) == [t("behind.file.ready", "zh", file="r.docx")]
    assert job.outcome == making.Made(b"made", "x/y")
    assert labels(page("other")) == []
    ready = page("mine")
    ready.button(key="making_away").click().run()
    assert labels(ready) == []


def test_a_session_that_ended_leaves_nothing(page):
    page("mine")
    GO.set()
    over(making.begin("t_docx", make, "r.docx", "x/y"))
    behind.signed_out("mine")
    assert behind.files().of(behind.session()) is None


def test_what_broke_is_said_once(page):
    page("mine")
    over(making.begin("t_docx", broken, "r.docx", "x/y"))
    assert len(page("mine").error) == 1
    assert len(page("mine").error) == 0


def test_an_estimate_is_never_whole_before_the_file_is():
    assert making.estimate(3.0, 12.0) == (0.25, 9.0)
    assert making.estimate(50.0, 12.0) == (0.95, 0.0)
