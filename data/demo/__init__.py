"""The made-up county's history: a pure simulation, the same for the same seed (docs/demo.md)."""

from __future__ import annotations

from .history import DemoHistory, make_history

__all__ = ["DemoHistory", "make_history"]
