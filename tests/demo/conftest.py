"""One history for all tests that only look at it."""

from __future__ import annotations

import pytest

from data.demo import DemoHistory

from .made import history


@pytest.fixture(scope="session")
def made() -> DemoHistory:
    return history()
