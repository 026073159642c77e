"""The audit log as a list: cut by role, body and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from data.audit import Entry

from . import lists, load, parts
from .guard import Viewer
from .listing import Column, Listing


def listed(viewer: Viewer, entries: Sequence[Entry]) -> None:
    """The newest entries, the newest first."""
    names = load.body_names(viewer)

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, viewer.t(f"ui.audit.{name}"), pd.Series(values), **more)

    columns = (
        column("id", [one.id for one in entries], kind="number", is_sorted=False),
        column("at", [one.at for one in entries], kind="moment"),
        column("who", [one.login for one in entries], is_found=True),
        column(
            "role", [one.role for one in entries], is_cut=True,
            word=lambda role: viewer.t(f"words.role.{role}"),
        ),
        column(
            "body", [one.body_id for one in entries], is_cut=True,
            word=lambda body: str(names.get(body, "—")),
        ),
        column(
            "action", [one.action for one in entries], is_cut=True,
            word=lambda action: parts.action_text(viewer, action),
        ),
        column("target", [one.target for one in entries], is_found=True),
        column("reason", [one.reason for one in entries]),
        column("place", [one.place for one in entries]),
    )  # fmt: skip
    ids = pd.Series([str(one.id) for one in entries])
    lists.draw(viewer, Listing("audit", ids, columns))
