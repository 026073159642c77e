"""Files that take long to make are made behind the page: how long it takes still, and the page may
be left meanwhile. What is made at once is downloaded by one press, as ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st

from service.jobs import Job

from . import behind, guard, parts
from .guard import Viewer

LONG_SECONDS = 2.0
"""A file whose like took longer the last time is made behind the page."""
NEVER_WHOLE = 0.95
"""Most of the bar while it is not done: the time of the last one is an estimate."""


class Took(NamedTuple):
    """Seconds: of computing, which say whether a file is long on a quiet machine too; on the
    clock, which say how long it takes now."""

    computing: float
    clock: float


_took: dict[str, Took] = {}
"""How long the last file of a kind took in this process; the first one has no estimate and is made
while the browser waits."""


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
    took = _took.get(what)
    if took is None or took.computing < LONG_SECONDS:
        timed = _timed(what, make)
        box.download_button(label, timed, name, mime, key=key, on_click="ignore", **look)
        return
    job: Job[Made] | None = behind.files().of(behind.session())
    look["disabled"] = look.get("disabled", False) or (job is not None and not job.is_over)
    told = viewer.t("behind.file.button", label=label, seconds=viewer.number(took.clock))
    if box.button(told, key=f"{key}_make", **look):
        begin(what, make, name, mime)
        st.rerun()


def begin(what: str, make: Callable[[], bytes], name: str, mime: str) -> Job[Made]:
    """Make a file behind the page; while one of this session is being made, nothing begins."""

    def work(job: Job[Made]) -> Made:
        job.step = what
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
    share, left = estimate(time.monotonic() - job.started, _expected(job.step))
    text = viewer.t("behind.file.running", file=job.file)
    key = "left" if left >= 1 else "soon"
    st.progress(share, text=f"{text} {viewer.t(f'behind.file.{key}', seconds=viewer.number(left))}")
    st.caption(viewer.t("behind.file.leave"))


def _expected(what: str) -> float:
    took = _took.get(what)
    return LONG_SECONDS if took is None else max(took.clock, LONG_SECONDS)


def estimate(gone: float, expected: float) -> tuple[float, float]:
    """Share done and seconds left, by what the last one took; never whole before it is."""
    return min(gone / expected, NEVER_WHOLE), max(expected - gone, 0.0)


def _timed(what: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    def timed() -> bytes:
        began, computing = time.monotonic(), time.thread_time()
        made = make()
        _took[what] = Took(time.thread_time() - computing, time.monotonic() - began)
        return made

    return timed


def _away() -> None:
    behind.files().forget(behind.session())
