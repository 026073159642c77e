"""A county without a case: every page says that there is nothing yet and what to do, and shows no
share of nothing."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import go_to, text_of
from ui.menu import PAGES
from wording import catalogue, t

SAYS = {
    "supervisor": {
        "overview": "ui.overview.empty", "worklist": "casepage.list.empty_none",
        "case": "casepage.none", "likely_late": "forecast.page.not_scored",
        "assignments": "assignments.list.none_supervisor", "map": "ui.map.no_layer",
        "reception": "reception.desk.none", "sweeps": "sweeps.empty_county",
        "campaigns": "campaigns.empty_supervisor", "supervision": "supervision.notice.empty",
        "backlog": "backlog.page.empty", "held": "backlog.held.none",
        "consultations": "consultations.page.none_all", "suggestions": "suggestions.public.too_few",
        "indicators": "indicators.page.empty", "equal_service": "indicators.equal.empty",
        "workload": "workload.empty", "body_year": "indicators.year.empty",
        "filing": "desks.none_yet", "report": "ui.report.empty", "roster": "roster.none",
        "grants": "access.grants.empty", "rules": "steering.page.none_moved",
    },
    "township_clerk": {
        "worklist": "casepage.list.empty_none", "register": "register.waiting.empty",
        "case": "casepage.none", "assignments": "assignments.list.none_township_clerk",
        "sweeps": "sweeps.empty", "campaigns": "campaigns.empty_clerk",
        "backlog": "backlog.page.empty", "held": "backlog.held.none",
        "consultations": "consultations.page.none", "suggestions": "suggestions.page.waiting_none",
        "filing": "desks.clerk.held_none",
    },
    "leader": {
        "assignments": "assignments.list.none_leader", "campaigns": "campaigns.empty_leader",
        "consultations": "consultations.page.none_public", "held": "backlog.lessons.none",
    },
    "administrator": {
        "accounts": "ui.accounts.purpose", "machines": "machines.page.empty",
        "areas": "areas.page.no_versions", "mappings": "mappings.import.how",
        "nights": "running.page.none", "audit": "ui.audit.purpose", "help": "ui.help.purpose",
    },
}  # fmt: skip
"""Which sentence each page shows, by role. Accounts, the log and mappings are never empty: the
first has the account that looks, the second its sign-in, the third what the program brings."""
_NOTHING = re.compile(r"(?<![\d.])0(\.0+)?\s?%")


def test_every_page_has_its_sentence():
    said = {name for pages in SAYS.values() for name in pages}
    assert said == {entry.name for entry in PAGES}


@pytest.mark.parametrize("role", SAYS)
def test_a_page_without_cases_says_what_to_do_and_shows_no_share_of_nothing(role, open_page):
    test = open_page(None, role)
    for name, key in SAYS[role].items():
        shown = text_of(go_to(test, name))
        assert not test.exception, name
        words = max(re.split(r"\{\w+\}", catalogue("zh")[key]), key=len)
        assert words in shown, (name, words)
        assert not _NOTHING.search(shown), name


def test_who_may_not_open_a_page_is_told_whose_it_is(open_page):
    shown = text_of(go_to(open_page(None, "department_clerk"), "map"))
    roles = [t(f"words.role.{role}", "zh") for role in ("supervisor", "leader")]
    own = t("words.role.department_clerk", "zh")
    whose = t("states.whose", "zh", roles=t("reports.separator", "zh").join(roles), own=own)
    assert whose in shown
    assert t("ui.guard.to_start", "zh") in shown
