"""Files on their way in behind the pages of this server, by whose session they are."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import streamlit as st

from data.sessions import IDLE
from service import mappings, sheet
from service.jobs import Job, Jobs
from service.sheet import SheetDone
from service.takeover import TakenOver

from . import guard
from .guard import Viewer

EXPORTS_KEPT_SECONDS = 8 * 3600.0


@cache
def exports() -> Jobs[TakenOver]:
    """Other systems' exports, by administrators."""
    return Jobs(mappings.SHARES, EXPORTS_KEPT_SECONDS)


@cache
def sheets() -> Jobs[SheetDone]:
    """Desks' spreadsheets; what came of one holds codes, so it is gone with its idle session."""
    return Jobs(sheet.SHARES, IDLE.total_seconds())


@cache
def files() -> Jobs[Any]:
    """Files that are being made or lie ready (`ui/making.py`), one a session."""
    return Jobs({"made": 1.0}, IDLE.total_seconds())


def session() -> str:
    """Whose files: the session's, by its token's hash."""
    return _key(guard.session_token())


def _key(token: str | None) -> str:
    return hashlib.sha256((token or "").encode()).hexdigest()


def seen(token: str | None) -> None:
    """Somebody of the session is there, on whatever page: what came of its files stays."""
    for jobs in (exports(), sheets(), files()):
        jobs.of(_key(token))


def signed_out(token: str | None) -> None:
    """A session ended: what came of its files is gone."""
    for jobs in (exports(), sheets(), files()):
        jobs.end(_key(token))


@st.fragment(run_every=2)
def running(jobs: Jobs[Any], roles: tuple[str, ...], leave: str) -> None:
    """How far it is; only this part of the page is drawn again and again.

    Args:
        roles: who may see the page. leave: key of what is said about leaving the page.
    """
    viewer = guard.still(*roles)
    job: Job[Any] | None = jobs.of(session())
    if job is None or job.is_over:
        st.rerun()
    text, left = viewer.t("behind.counting"), job.seconds_left
    if left is not None:
        rows = viewer.t("behind.rows", done=viewer.number(job.done), of=viewer.number(job.of))
        text = f"{rows} {_left(viewer, left)}"
    st.progress(job.share, text=viewer.t("behind.running", file=job.file) + " " + text)
    st.caption(viewer.t(leave))


def _left(viewer: Viewer, seconds: float) -> str:
    """How long it will take still, by the pace so far."""
    if seconds < 90:
        return viewer.t("behind.left", seconds=viewer.number(max(1, seconds)))
    return viewer.t("behind.left_minutes", minutes=viewer.number(seconds / 60))
