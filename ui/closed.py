"""Streamlit's own addresses that nobody reaches without a session, and those nobody reaches.

A download or a picture of a page lies under `/media/` for as long as its page is open, an upload
goes to `/_stcore/upload_file/`: both are known by an address alone. Here they ask who is there,
like every page, so that an address that was copied or guessed opens nothing, and nothing any more
once its reader has signed out or has been idle too long.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data.db import Db
from data.sessions import session_of

from .guard import COOKIE

OF_A_SESSION = ("/media/", "/_stcore/upload_file/")
OF_NOBODY = ("/_stcore/agent/",)
"""Streamlit's interface for programs, off by its setting as well: programs use `/api/v1`."""


class Closed:
    """ASGI middleware: 403 without a session on the one kind, 404 on the other."""

    def __init__(self, app: ASGIApp, get_db: Callable[[], Db]) -> None:
        self.app, self.get_db = app, get_db

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the class."""
        path = scope.get("path", "")
        if scope["type"] == "http" and any(part in path for part in OF_NOBODY):
            await PlainTextResponse("not here", 404)(scope, receive, send)
            return
        if scope["type"] == "http" and any(part in path for part in OF_A_SESSION):
            token = Request(scope).cookies.get(COOKIE)
            signed_in = await run_in_threadpool(lambda: session_of(self.get_db(), token))
            if signed_in is None or signed_in.must_change:
                await PlainTextResponse("sign in first", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)
