"""Streamlit's question to a host of the internet, which address this machine has there: not asked.

It asks whenever a page of another host tries to open a connection, and, listening on every address
as in a container, before anything of ours is loaded, to greet: that its own setting switches off
(`.streamlit/config.toml`). Nothing here asks another host.
"""

from __future__ import annotations

from streamlit import net_util


def ask_nobody() -> None:
    """Leave the question out for as long as the process lives."""
    net_util.get_external_ip = _unknown


def _unknown() -> str | None:
    return None
