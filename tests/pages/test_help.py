"""Beside every figure of a page stands how it is computed; every role has its guide at hand."""

from __future__ import annotations

import re

import pytest

from data.db import Db
from tests.pages.conftest import go_to
from tests.service.busy_county import fill
from wording import LANGUAGES, t

SHARE = re.compile(r"\d\s*%|n&lt;10")
PAGES = ("overview", "indicators", "equal_service", "workload", "body_year", "backlog", "filing",
         "supervision", "report")  # fmt: skip
FILLED = {"overview", "indicators", "equal_service", "workload", "body_year", "report"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_share_stands_on_a_page_without_help(language: str, county: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    fill(county)
    test = open_page(None, "supervisor", language)
    for name in PAGES:
        go_to(test, name)
        assert not test.exception, name
        blocks = [str(e.value) for e in test.main if hasattr(e, "value")]
        assert name not in FILLED or any("zj-help" in block for block in blocks), name
        if name == "report":  # one help per section, for its sentences as well
            assert sum(t("formulas.help_all", language) in block for block in blocks) == 6
            continue
        for block in blocks:
            if 'class="zj-figures"' in block or '<table class="zj' in block:
                for box in block.split('<div class="zj-figure">')[1:] or [block]:
                    assert "zj-help" in box or not SHARE.search(box), (name, box[:300])
