"""A member of staff without a browser: signs in to a demo county, then asks Streamlit for pages as
a browser does, over one WebSocket. What a browser spends on drawing is its own machine's."""

from __future__ import annotations

import time

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

MOST_BYTES = 200 * 2**20


class PageFailed(Exception):
    """A page that ended with an error instead of what it shows."""


class Staff:
    """One session; `open` runs a page and says how long it took and how much was sent."""

    def __init__(self, base: str, socket: ClientConnection) -> None:
        self.base, self._socket = base, socket

    @classmethod
    async def enter(cls, base: str, role: str) -> Staff:
        """Sign in by a demo role's button, as the page of the door does, and connect."""
        async with httpx.AsyncClient(base_url=base) as door:
            answer = await door.post("/sign-in", data={"role": role}, headers={"Origin": base})
            if answer.status_code >= 400 or not door.cookies:
                raise PageFailed(f"the door answered {answer.status_code}")
            cookies = "; ".join(f"{name}={value}" for name, value in door.cookies.items())
        socket = await connect(
            f"{base.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookies},
            origin=base,  # type: ignore[arg-type]
            max_size=MOST_BYTES,
        )
        return cls(base, socket)

    async def open(self, page: str, query: str = "lang=en") -> tuple[float, int]:
        """Run one page to its end.

        Returns:
            (seconds from asking to the script's end, bytes received).

        Raises:
            PageFailed: the page showed an exception, or there is none of that name.
        """
        ask = BackMsg()
        ask.rerun_script.page_name, ask.rerun_script.query_string = page, query
        started, size = time.perf_counter(), 0
        await self._socket.send(ask.SerializeToString())
        while True:
            raw = await self._socket.recv()
            size += len(raw)
            said = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = said.WhichOneof("type")
            if kind == "page_not_found":
                raise PageFailed(f"no page {page}")
            if kind == "delta" and said.delta.new_element.WhichOneof("type") == "exception":
                raise PageFailed(f"{page}: {said.delta.new_element.exception.message}")
            if kind == "script_finished":
                if said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return time.perf_counter() - started, size
                if said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    raise PageFailed(f"{page}: ended as {said.script_finished}")

    async def leave(self) -> None:
        await self._socket.close()
