"""Files that take long to make are made behind the page: how long it takes still, and the page may
be left meanwhile. What is made at once is downloaded by one press, as ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from service import how_far
from service.jobs import Job

from . import behind, guard, load, parts
from .guard import Viewer

LONG_SECONDS = 2.0
"""A file whose like took longer the last time is made behind the page."""
MANY_CASES = 50_000
"""In a county of as many cases the first file of a kind is made behind the page, too."""
NEVER_WHOLE = 0.95
"""Most of the bar while it is not done: an estimate may be wrong."""


class Took(NamedTuple):
    """Seconds: of computing, which say whether a file is long on a quiet machine too; on the
    clock, which say how long it takes now."""

    computing: float
    clock: float


_took: dict[str, Took] = {}
"""How long the last file of a kind took in this process."""
_loaded: set[str] = set()
"""Kinds of which one was made while the browser waited: the first of a process also loads what
makes it, and says nothing of the next."""


@dataclass(frozen=True)
class Made:
    """A file that lies ready."""

    content: bytes
    mime: str


def offer(
    viewer: Viewer, box: Any, label: str, make: Callable[[], bytes], name: str, mime: str, *,
    what: str, key: str, **look: Any,
) -> None:  # fmt: skip
    """A button for a file; `shown` says below the buttons how far it is.

    Args:
        box: where the button stands. make: makes the file, in a thread without a page. what: the
            kind of file, of which the time is remembered. look: what else a button takes.
    """
    likely = expected(what)
    is_long = _is_large(viewer) if likely is None else likely.computing >= LONG_SECONDS
    if not is_long:
        timed = _timed(what, make, is_waited_for=True)
        box.download_button(label, timed, name, mime, key=key, on_click="ignore", **look)
        return
    job: Job[Made] | None = behind.files().of(behind.session())
    look["disabled"] = look.get("disabled", False) or (job is not None and not job.is_over)
    told = label
    if likely is not None:
        seconds = viewer.number(likely.clock)
        told = viewer.t("behind.file.button", label=label, seconds=seconds)
    if box.button(told, key=f"{key}_make", **look):
        begin(what, make, name, mime)
        st.rerun()


def expected(what: str) -> Took | None:
    """How long a file of a kind takes: as the last one, else as the same content took in another
    format, where that was long. None = nothing of it was made in this process."""
    if what in _took:
        return _took[what]
    content = what.rpartition("_")[0]
    like = (took for one, took in _took.items() if one.rpartition("_")[0] == content)
    return max((took for took in like if took.computing >= LONG_SECONDS), default=None)


def _is_large(viewer: Viewer) -> bool:
    """Whether the first file of a kind may take long, before one was made."""
    return len(load.figures(viewer).cases) >= MANY_CASES


def begin(what: str, make: Callable[[], bytes], name: str, mime: str) -> Job[Made]:
    """Make a file behind the page; while one of this session is being made, nothing begins."""

    def work(job: Job[Made]) -> Made:
        job.step = what
        with how_far.heard(partial(setattr, job, "share")):
            return Made(_timed(what, make)(), mime)

    return behind.files().start(behind.session(), name, work)


def shown(viewer: Viewer, *roles: str) -> None:
    """How far the session's file is, or the file that lies ready; nothing where there is none.

    Args:
        roles: who may see the page.
    """
    job: Job[Made] | None = behind.files().of(behind.session())
    if job is None:
        return
    if not job.is_over:
        _running(roles)
        return
    if job.outcome is None:
        behind.files().forget(behind.session())
        parts.failure(job.error or RuntimeError("no file"))
        return
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            viewer.t("behind.file.ready", file=job.file), job.outcome.content, job.file,
            job.outcome.mime, key="making_ready", type="primary", on_click="ignore",
        )  # fmt: skip
        st.button(viewer.t("behind.file.away"), key="making_away", on_click=_away)


@st.fragment(run_every=1)
def _running(roles: tuple[str, ...]) -> None:
    viewer = guard.still(*roles)
    job: Job[Made] | None = behind.files().of(behind.session())
    if job is None or job.is_over:
        st.rerun()
    likely = expected(job.step)
    gone = time.monotonic() - job.started
    found = estimate(gone, None if likely is None else likely.clock, job.share)
    text = viewer.t("behind.file.running", file=job.file)
    if found is None:
        st.progress(0.0, text=f"{text} {viewer.t('behind.file.first')}")
    else:
        share, left = found
        key = "left" if left >= 1 else "soon"
        said = viewer.t(f"behind.file.{key}", seconds=viewer.number(left))
        st.progress(share, text=f"{text} {said}")
    st.caption(viewer.t("behind.file.leave"))


def estimate(gone: float, last: float | None, share: float) -> tuple[float, float] | None:
    """Share done and seconds left; None = nothing says how long it will take.

    Args:
        gone: seconds so far. last: what the last one took; None = there was none, and the pace of
            the parts that are done speaks. share: of the parts that are done.
    """
    if last is None and not share:
        return None
    whole = gone / share if last is None else max(last, LONG_SECONDS)
    return min(gone / whole, NEVER_WHOLE), max(whole - gone, 0.0)


def _timed(
    what: str, make: Callable[[], bytes], *, is_waited_for: bool = False
) -> Callable[[], bytes]:
    def timed() -> bytes:
        began, computing = time.monotonic(), time.thread_time()
        made = make()
        took = Took(time.thread_time() - computing, time.monotonic() - began)
        is_first = is_waited_for and what not in _loaded
        _loaded.add(what)
        if not is_first or took.computing < LONG_SECONDS:
            _took[what] = took
        return made

    return timed


def _away() -> None:
    behind.files().forget(behind.session())
