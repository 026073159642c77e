"""The role of the resident's process reads what is published of consultations, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from data import consultations, suggestions
from data.consultation_checks import Comments
from data.db import Db
from data.receipts import Slip
from data.record import register
from data.rows import NewCase
from data.schema import consultation_issue
from service import consultations as served
from service.consultations import themes_of

from .apart import Apart
from .conftest import ANSWER, DESK, LABOUR, office, words
from .test_consultations import NOTICE, SUPERVISOR
from .test_separation import apart  # noqa: F401  the fixture

pytestmark = pytest.mark.postgres
WORKED_ON = ("consultation", "consultation_theme", "consultation_decision")


def local_day(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()


@pytest.fixture
def suggestion(apart: Apart) -> Slip:  # noqa: F811
    new = NewCase(
        township_code="990000001000", grid_code=None,
        opened_at=apart.owner.now() - dt.timedelta(hours=1), domain="labour",
        category="unpaid_wages", kind="suggestion", channel="on_behalf", procedure="ordinary",
        body_id="b01", summary="建议在路口加一盏灯。",
    )  # fmt: skip
    slip = register(apart.owner, DESK, new).slip
    assert slip is not None
    office(apart.owner, slip.case_id, "accepted")
    office(apart.owner, slip.case_id, "answered", words=ANSWER)
    suggestions.say(apart.owner, LABOUR, slip.case_id, "not_taken_up", "no_funds_now")
    return slip


def test_it_reads_frozen_versions_and_no_draft_no_exact_count_and_no_other_case(
    apart: Apart, suggestion: Slip, clock  # noqa: F811  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    db = apart.owner
    today = local_day(db)
    notice = replace(NOTICE, starts_on=today, ends_on=today + dt.timedelta(days=31))
    number = consultations.open_new(db, LABOUR, notice)
    served.publish(db, SUPERVISOR, number, 1)
    clock.go(days=33)
    counts = {
        theme: Comments(2 if theme == "access" else 0, "已研究。" if theme == "access" else None)
        for theme in themes_of("school")
    }
    consultations.save_comments(db, LABOUR, number, counts)
    served.publish(db, SUPERVISOR, number, 2)
    later = local_day(db) + dt.timedelta(days=2)
    until = later + dt.timedelta(days=40)
    draft = replace(notice, title="写到一半的标题", starts_on=later, ends_on=until)
    consultations.open_new(db, LABOUR, draft)
    page = apart.residents.get(f"/s/consultations/{number}")
    assert page.status_code == 200
    assert "已研究。" in words(page)
    assert "写到一半" not in apart.residents.get("/s/consultations").text
    assert apart.residents.get("/s/suggestions").status_code == 200
    with apart.engine.connect() as conn:
        for table in WORKED_ON:
            with pytest.raises(DBAPIError, match="permission denied"):
                conn.execute(sa.text(f"SELECT count(*) FROM {table}"))
            conn.rollback()
        with pytest.raises(DBAPIError, match="permission denied"):
            conn.execute(sa.text("SELECT upto_theme FROM consultation_issue"))
        conn.rollback()
        contents = conn.execute(sa.select(consultation_issue.c.content)).scalars().all()
        assert len(contents) == 2
        assert '"count":2' not in "".join(contents)
        assert conn.execute(sa.text("SELECT count(*) FROM suggestion_outcome")).scalar() == 0


def test_the_asker_alone_reads_what_became_of_the_suggestion_and_nobody_writes_it_outside(
    apart: Apart, suggestion: Slip  # noqa: F811
) -> None:  # fmt: skip
    assert "目前没有资金安排" in words(apart.residents.open(suggestion.code))
    with apart.holding(suggestion) as conn:
        rows = conn.execute(sa.text("SELECT case_id, outcome FROM suggestion_outcome")).all()
        assert [tuple(row) for row in rows] == [(suggestion.case_id, "not_taken_up")]
        with pytest.raises(DBAPIError, match="permission denied"):
            conn.execute(sa.text(
                "INSERT INTO suggestion_outcome (case_id, outcome, body_id, recorded_at) "
                "VALUES (:c, 'taken_up', 'b01', 1)"), {"c": suggestion.case_id})  # fmt: skip
