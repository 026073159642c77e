"""A mapping made by matching columns is checked, previewed, saved and used behind a page."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

from data.db import Db
from data.errors import ConfigError, DataError, NotAllowed, NotFound
from data.mapping_draft import Draft, columns_of, toml_of
from data.mapping_files import mapping_named, named_mappings, save_mapping
from data.schema import audit, case_version
from data.scope import Scope
from data.sheets import read_sheet
from service import takeover
from service.figures import categories
from service.jobs import Jobs
from service.mappings import SHARES, checked, preview, take_over_behind
from service.rules import rules_of
from service.sequence import TIMELESS, impossible
from service.takeover import Sent
from tests.conftest import ROOT, Clock

ADMIN = Scope(who="admin-1", role="administrator")
CLERK = Scope(who="c", role="township_clerk", townships=frozenset({"990101001"}), desk="b01")
EXPORT = """\
工单编号,受理时间,来电人,诉求类型,诉求内容,承办单位,事发区域,签收时间,办结时间
G1,2026-11-02 10:15,王建国,噪声扰民,电话13812345678，夜间卸货,综合行政执法局,北泉街道,2026-11-02 12:00,
G2,2026-11-03 09:00,李秀英,欠薪,工地欠薪,人力资源和社会保障局,石坪镇,2026-11-04,2026-11-20 16:00
G3,2026-11-03 09:00,,天文,望远镜,人力资源和社会保障局,石坪镇,,
""".encode()  # noqa: E501
DRAFT = Draft(
    zone="Asia/Shanghai",
    columns={
        "source_id": "工单编号", "opened_at": "受理时间", "category": "诉求类型",
        "body": "承办单位", "area": "事发区域", "summary": "诉求内容",
    },
    words={"category": {"噪声扰民": "noise", '欠"薪': "unpaid_wages", "欠薪": "unpaid_wages"}},
    kind="redress", channel="hotline", is_own_export=True, system="wgs84", desk="b01",
    desk_names={"zh": "信访局", "en": "Letters"}, no_body="",
    unstated_names={"zh": "未注明", "en": "Not stated"},
    steps={"accepted": "签收时间", "answered": "办结时间"},
)  # fmt: skip


@pytest.fixture
def county(db: Db, clock: Clock) -> Db:
    clock.at = dt.datetime(2026, 11, 25, 2, 0, tzinfo=dt.UTC)
    takeover.set_up_county(db, ROOT / "examples" / "ledger_cn" / "county.toml")
    return db


def sample() -> pd.DataFrame:
    return read_sheet(EXPORT, "a.csv", lambda name: True)


def finished(jobs: Jobs, session: str):
    for _ in range(600):
        job = jobs.of(session)
        if job is not None and job.is_over:
            return job
        time.sleep(0.05)
    raise AssertionError("still running")


def test_columns_are_suggested_and_those_of_persons_show_nothing():
    found = {column.name: column for column in columns_of(sample())}
    assert found["来电人"].is_person
    assert found["来电人"].samples == ()
    assert "13812345678" not in "".join(found["诉求内容"].samples)
    suggested = {name: column.field for name, column in found.items() if column.field}
    assert suggested == {**{c: f for f, c in DRAFT.columns.items()},
                         "签收时间": "accepted_at", "办结时间": "answered_at"}  # fmt: skip


def test_a_made_mapping_previews_saves_and_imports_behind_the_page(county):
    mapping = checked(county, ADMIN, "ours", toml_of(DRAFT))
    lines = preview(county, ADMIN, sample(), mapping, "zh")
    assert [(line.row, bool(line.wrong)) for line in lines] == [(2, False), (3, False), (4, True)]
    assert lines[0].cells[1:5] == ("噪声扰民", "北泉街道", "12345热线", "综合行政执法局")
    assert "13812345678" not in lines[0].cells[5]
    save_mapping(county, ADMIN, "ours", toml_of(DRAFT), categories(county, ADMIN))
    assert {one.name: one.is_own for one in named_mappings(county, ADMIN)}["ours"]
    named = mapping_named(county, ADMIN, "ours", categories(county, ADMIN))
    jobs = Jobs(SHARES, 60)
    take_over_behind(jobs, "s", county, ADMIN, Sent("a.csv", EXPORT), named)
    job = finished(jobs, "s")
    assert job.error is None
    assert (job.share, job.outcome.added, job.outcome.waiting) == (1.0, 2, 1)
    with county.read() as conn:
        assert len(conn.execute(sa.select(case_version.c.id)).all()) == 2
        log = sa.select(audit.c.who).where(audit.c.action == "taken_over")
        assert conn.execute(log).scalars().all() == ["admin-1"]
    jobs.forget("s")
    assert jobs.of("s") is None


def test_what_breaks_behind_a_page_is_said_and_stores_nothing(county):
    mapping = checked(county, ADMIN, "ours", toml_of(DRAFT))
    jobs = Jobs(SHARES, 60)
    take_over_behind(jobs, "s", county, ADMIN, Sent("a.csv", b"x,y\n1,2\n"), mapping)
    assert isinstance(finished(jobs, "s").error, DataError)
    with county.read() as conn:
        assert not conn.execute(sa.select(case_version.c.id)).all()


def test_only_an_administrator_makes_and_uses_mappings_on_the_page(county):
    text = toml_of(DRAFT)
    mapping = checked(county, ADMIN, "ours", text)
    with pytest.raises(NotAllowed):
        save_mapping(county, CLERK, "ours", text, categories(county, ADMIN))
    with pytest.raises(NotAllowed):
        preview(county, CLERK, sample(), mapping, "zh")
    with pytest.raises(NotAllowed):
        take_over_behind(Jobs(SHARES, 60), "s", county, CLERK, Sent("a.csv", EXPORT), mapping)


def test_bad_names_and_unknown_ones_are_refused(county):
    of = categories(county, ADMIN)
    for name in ("", "a", "../x", "a b", "x" * 41):
        with pytest.raises(ConfigError):
            save_mapping(county, ADMIN, name, toml_of(DRAFT), of)
    with pytest.raises(NotFound, match="hotline_12345"):
        mapping_named(county, ADMIN, "nobodys", of)


def test_a_draft_cannot_confirm_what_staff_typed(county):
    with pytest.raises(ConfigError) as refused:
        checked(county, ADMIN, "ours", toml_of(replace(DRAFT, is_own_export=False)))
    assert refused.value.key == "intake.mapping.not_own_channel"


def test_cases_alike_are_judged_like_each_by_itself(county):
    """The short way of `impossible` says what judging every case says."""
    now, steps = county.now(), sorted(TIMELESS)
    start = pd.Timestamp("2026-09-01T01:00Z")
    cases, events = [], []
    for case in range(400):
        names = ["registered"] + [steps[(case // 5**k) % 5] for k in range(case % 4)]
        limit = start + pd.Timedelta(days=9) if case % 7 == 0 else pd.NaT
        cases.append(("cn_xinfang_2022", ("ordinary", "simple")[case % 2], limit))
        for n, name in enumerate(names):
            at = start + pd.Timedelta(hours=(case % 11) * 7 + n * (case % 3 + (case % 13 != 0)))
            events.append((case, name, at))
    table = pd.DataFrame(cases, columns=["pack", "procedure", "limit_at"])
    table["limit_at"] = pd.to_datetime(table["limit_at"], utc=True)
    table = table.assign(row=table.index + 2, opened_at=start)
    of = pd.DataFrame(events, columns=["case", "event", "occurred_at"])
    of = of.assign(known_at=of["occurred_at"], days=pd.NA)
    rules = rules_of(county)
    together = impossible(table, of, rules, now, "Asia/Shanghai")
    alone = [
        problem
        for case in table.index
        for problem in impossible(
            table.loc[[case]], of[of["case"] == case], rules, now, "Asia/Shanghai"
        )
    ]
    assert together == alone
    assert 0 < len({p.row for p in alone}) < 400
