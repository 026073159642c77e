"""What the pages' library would ask another host of its own accord is not asked."""

from __future__ import annotations

import tomllib

import pytest
from streamlit import net_util
from streamlit.web.server import server_util

from tests.conftest import ROOT
from ui import outward


def test_no_host_is_asked_which_address_this_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # put back after
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *to, **_: asked.append(to))
    outward.ask_nobody()
    assert not server_util.is_url_from_allowed_origins("https://elsewhere.example")
    assert asked == []
    assert "\noutward.ask_nobody()\n" in (ROOT / "app.py").read_text("utf-8")


def test_no_greeting_asks_either() -> None:
    """It comes before the application is loaded, and asks where every address is listened on."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["logger"]["hideWelcomeMessage"] is True
