"""A member of staff without a browser: signs in to a demo county, then asks Streamlit for pages as
a browser does, over one WebSocket. What a browser spends on drawing is its own machine's."""

from __future__ import annotations

import re
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
    """One session; `open` runs a page and `press` a button on it: both say how long it took and
    how much was sent. `body` of a sign-in: the office of a clerk's demo button."""

    def __init__(self, base: str, socket: ClientConnection) -> None:
        self.base, self._socket = base, socket
        self._asked = "", ""
        self._buttons: list[str] = []
        self._lists: dict[str, list[str]] = {}
        self._chosen: dict[str, str] = {}

    @classmethod
    async def enter(cls, base: str, role: str, body: str | None = None) -> Staff:
        """Sign in by a demo role's button, as the page of the door does, and connect."""
        async with httpx.AsyncClient(base_url=base, timeout=60) as door:
            answer = await door.post(
                "/sign-in", params={"body": body} if body else None, data={"role": role},
                headers={"Origin": base},
            )  # fmt: skip
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
        self._asked, self._chosen = (page, query), {}
        return await self._run(BackMsg())

    async def choose(self, key: str) -> tuple[float, int] | None:
        """Tick the first answer of the first question whose key matches; None = there is none.

        Raises:
            PageFailed: as `open`.
        """
        for one, options in self._lists.items():
            if options and re.search(rf"-(?:{key})$", one):
                self._chosen[one] = options[0]
                return await self._run(BackMsg())
        return None

    async def press(self, key: str) -> tuple[float, int] | None:
        """Press the first enabled button of the last page whose key matches; None = there is none.

        Raises:
            PageFailed: as `open`.
        """
        for button in self._buttons:
            if re.search(rf"-(?:{key})$", button):
                ask = BackMsg()
                state = ask.rerun_script.widget_states.widgets.add()
                state.id, state.trigger_value = button, True
                return await self._run(ask)
        return None

    async def _run(self, ask: BackMsg) -> tuple[float, int]:
        page, query = self._asked
        ask.rerun_script.page_name, ask.rerun_script.query_string = page, query
        for one, value in self._chosen.items():
            chosen = ask.rerun_script.widget_states.widgets.add()
            chosen.id, chosen.string_value = one, value
        self._buttons, self._lists = [], {}
        started, size = time.perf_counter(), 0
        await self._socket.send(ask.SerializeToString())
        while True:
            raw = await self._socket.recv()
            size += len(raw)
            said = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = said.WhichOneof("type")
            if kind == "page_not_found":
                raise PageFailed(f"no page {page}")
            if kind == "delta":
                element = said.delta.new_element
                if element.WhichOneof("type") == "exception":
                    raise PageFailed(f"{page}: {element.exception.message}")
                if element.WhichOneof("type") == "radio":
                    self._lists[element.radio.id] = list(element.radio.options)
                if element.WhichOneof("type") == "button" and not element.button.disabled:
                    self._buttons.append(element.button.id)
            if kind == "script_finished":
                if said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return time.perf_counter() - started, size
                if said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    raise PageFailed(f"{page}: ended as {said.script_finished}")

    async def leave(self) -> None:
        await self._socket.close()
