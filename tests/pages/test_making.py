"""A file that takes long is made behind the page: it says how long, may be left, is one's own."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from service import how_far
from service.jobs import Jobs
from ui import behind, guard, load, making
from wording import t

VIEWER = SimpleNamespace(t=lambda key, **said: t(key, "zh", **said), number=lambda n: f"{n:.0f}")
GO, HALF = threading.Event(), threading.Event()
LONG = making.Took(8.0, 9.0)


def make() -> bytes:
    while not (HALF.is_set() or GO.is_set()):
        time.sleep(0.01)
    how_far.say(0.5)
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
    monkeypatch.setattr(making, "_loaded", set())
    # one case
    monkeypatch.setattr(load, "figures", lambda viewer: SimpleNamespace(cases=[0]))
    GO.clear()
    HALF.clear()

    def page(token: str) -> AppTest:
        monkeypatch.setattr(guard, "session_token", lambda: token)
        test = AppTest.from_function(_page, default_timeout=60).run()
        assert not test.exception
        return test

    yield page
    GO.set()


def until(told) -> None:
    last = time.monotonic() + 30
    while not told():
        assert time.monotonic() < last
        time.sleep(0.01)


def over(job) -> None:
    until(lambda: job.is_over)


def labels(test: AppTest) -> list[str]:
    return [one.label for one in test.get("download_button")]


def test_what_is_made_at_once_is_one_press(page):
    test = page("mine")
    assert labels(test) == ["Word"]
    assert not test.button
    # long on the clock of a busy machine is not long
    making._took["t_docx"] = making.Took(1.9, 60.0)
    assert labels(page("mine")) == ["Word"]


def test_a_first_file_that_also_loads_what_makes_it_says_nothing_of_the_next(page, monkeypatch):
    monkeypatch.setattr(making, "LONG_SECONDS", 0.0)
    made = making._timed("t_docx", lambda: b"1", is_waited_for=True)
    assert (made(), making._took) == (b"1", {})
    made()
    assert "t_docx" in making._took


def test_the_first_file_of_a_large_county_is_not_waited_for_and_estimates_itself(page, monkeypatch):
    monkeypatch.setattr(making, "MANY_CASES", 2)
    assert labels(page("mine")) == ["Word"], "one case is a small county"
    monkeypatch.setattr(making, "MANY_CASES", 1)
    test = page("mine")
    assert labels(test) == []
    assert test.button(key="k_make").label == "Word", "no seconds are said that nobody measured"
    test.button(key="k_make").click().run()
    job = behind.files().of(behind.session())
    (bar,) = page("mine").get("progress")
    assert t("behind.file.first", "zh") in bar.proto.text
    HALF.set()
    until(lambda: job.share)
    (bar,) = page("mine").get("progress")
    assert "大约还要" in bar.proto.text or t("behind.file.soon", "zh") in bar.proto.text
    GO.set()
    until(lambda: job.is_over)
    assert t("behind.file.ready", "zh", file="r.docx") in labels(page("mine"))
    assert "t_docx" in making._took


def test_another_format_of_the_same_content_says_how_long_it_takes(page):
    making._took["t_pdf"] = LONG
    making._took["t_json"] = making.Took(0.1, 0.1)
    making._took["other_docx"] = making.Took(60.0, 60.0)
    test = page("mine")
    assert test.button(key="k_make").label == t("behind.file.button", "zh", label="Word", seconds=9)
    del making._took["t_pdf"]
    assert labels(page("mine")) == ["Word"], "what is quick says nothing about the others"


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
    assert making.estimate(3.0, 12.0, 0.0) == (0.25, 9.0)
    assert making.estimate(50.0, 12.0, 0.0) == (0.95, 0.0)


def test_without_a_last_one_the_parts_that_are_done_give_the_pace():
    assert making.estimate(3.0, None, 0.0) is None
    assert making.estimate(3.0, None, 0.25) == (0.25, 9.0)
    assert making.estimate(3.0, None, 1.0) == (0.95, 0.0)


def test_who_makes_a_file_without_a_page_is_heard_by_nobody():
    heard = []
    how_far.say(0.3)
    with how_far.heard(heard.append):
        how_far.say(0.6)
    how_far.say(0.9)
    assert heard == [0.6]
