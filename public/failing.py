"""A request that breaks: a plain sentence to whoever asked, kinds and places to the log.

Without it the server would log the exception with its message, which may hold a case's text.
"""

from __future__ import annotations

import logging
import secrets

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.failures import trace_of
from wording import t

_log = logging.getLogger("zaojie")


class Failing:
    """ASGI middleware, innermost: nothing that a handler raises goes further."""

    def __init__(self, app: ASGIApp, language: str) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the class."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as err:
            number = secrets.token_hex(4)
            _log.error("request failed, id %s: %s", number, trace_of(err))
            if not has_begun:
                said = t("ui.failure", self.language, id=number)
                answer = PlainTextResponse(said, 500, {"Cache-Control": "no-store"})
                await answer(scope, receive, send)
