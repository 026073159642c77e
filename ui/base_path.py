"""The application under a path of a proxy: `/zaojie/…` instead of `/…`.

The proxy may pass the path as it is or take the base off. Inside, routes are those without it;
whoever makes an address asks for it (`ui.door.root`, the forms of `public`), and the browser finds
Streamlit's own addresses from the page it is on.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class BasePath:
    """ASGI middleware, outermost: sets the root path of every request; "" changes nothing."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app, self.base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the class."""
        if not self.base or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])
        if path == self.base and scope["type"] == "http":
            await RedirectResponse(f"{self.base}/", 307)(scope, receive, send)
            return
        inside = {**scope, "root_path": self.base}
        if not path.startswith(f"{self.base}/"):
            raw = scope.get("raw_path") or path.encode()
            inside |= {"path": self.base + path, "raw_path": self.base.encode() + raw}
        await self.app(inside, receive, send)
