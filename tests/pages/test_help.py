"""Beside every figure of a page stands how it is computed; every role has its guide at hand."""

from __future__ import annotations

import re

import pytest

from data.db import Db
from data.vocabulary import ROLES
from tests.pages.conftest import go_to
from tests.service.busy_county import fill
from ui import guide
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_has_its_own_guide_inside(language: str, county: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    titles = {}
    for role in ROLES:
        test = open_page("help", role, language)
        assert not test.exception, role
        assert test.title[0].value == t("ui.help.title", language)
        titles[role] = tuple(box.label for box in test.expander)
        assert len(titles[role]) >= 4, role
        said = "".join(str(one.value) for one in test.markdown)
        assert "](" not in said, f"a link or a picture that leads nowhere, for {role}"
    assert len(set(titles.values())) == len(ROLES)


def test_a_guide_is_read_without_pictures_and_with_links_as_words(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "leader.md").write_text(
        "# Guide\n\nBefore.\n\n![A page](../x.png)\n\n## One\n\n- See [backups](../b.md).\n",
        "utf-8",
    )
    monkeypatch.setattr(guide, "HOME", tmp_path)
    before, tasks = guide.read("leader", "en")
    assert before == "Before."
    assert tasks == [guide.Task("One", "- See backups.")]
