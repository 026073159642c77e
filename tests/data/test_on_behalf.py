"""代办: who registers for somebody sees nothing of the case afterwards, by any door."""

import dataclasses

import pytest

from data import quarantine, receipts
from data.corrections import corrections
from data.errors import NotAllowed, NotFound, ProjectError
from data.openings import open_texts
from data.reading import read_case, read_figures, read_summary, read_worklist
from data.record import register
from data.rows import NewCase
from data.versions import versions
from tests.conftest import DESK, NOW

WORKER = dataclasses.replace(DESK, who="worker-east", role="grid_worker")
CASE = NewCase(
    township_code="990000001000", grid_code=None, opened_at=NOW, domain="labour",
    category="unpaid_wages", kind="redress", channel="on_behalf", procedure="ordinary",
    body_id="b01", summary="某工地拖欠三个月工资。", source_id="W-1", asked_how="in_person",
)  # fmt: skip


@pytest.mark.parametrize(
    "look",
    [
        lambda db, one: read_case(db, WORKER, one),
        lambda db, one: open_texts(db, WORKER, one, "why"),
        lambda db, one: read_summary(db, WORKER, one),
        lambda db, one: versions(db, WORKER, one),
        lambda db, one: corrections(db, WORKER, one),
        lambda db, one: receipts.reissue(db, WORKER, one),
        lambda db, one: receipts.issue_first(db, WORKER, one),
        lambda db, one: read_worklist(db, WORKER, NOW),
        lambda db, one: read_figures(db, WORKER, NOW),
        lambda db, one: quarantine.waiting(db, WORKER),
    ],
)
def test_a_grid_worker_sees_nothing_of_a_case_afterwards(county, look):
    made = register(county, WORKER, CASE)
    with pytest.raises((NotAllowed, NotFound)) as refused:
        look(county, made.case_id)
    assert made.case_id not in refused.value.text("zh")


def test_it_is_unconfirmed_and_the_way_of_asking_stands_in_the_record_without_a_name(county):
    made = register(county, WORKER, CASE)
    opened = receipts.find(county, made.slip.code)
    history = read_case(county, opened.scope, made.case_id)
    assert history.needs_confirmation
    assert [(e.event, e.code) for e in history.events] == [("registered", "in_person")]
    with pytest.raises(ProjectError):
        read_case(county, dataclasses.replace(WORKER, role="leader"), made.case_id)
