"""The forecast's record: scores are kept as shown, flags are decided by a person, one by one."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa

from data import receipts, scores
from data.errors import NotAllowed, NotFound
from data.record import register
from data.schema import audit, case_event, flag_event, metadata
from data.scope import Scope
from data.scores import Model, NewFlag
from tests.conftest import ADMINISTRATOR, DESK, GRID_WORKER, LABOUR, LEADER, SUPERVISOR

OPERATOR = Scope.operator()
READERS = (SUPERVISOR, OPERATOR)
OTHERS = (DESK, LABOUR, GRID_WORKER, ADMINISTRATOR)


def of(version: str, at: dt.datetime, **card: object) -> Model:
    return Model(version, at, "direct", "d" * 64, "0.1.0", dict(card))


def run(db, case_ids, flagged=(), version="v1", probability=0.25):
    """A scoring of cases, some of them flagged."""
    table = pd.DataFrame({"case_id": list(case_ids), "probability": probability})
    why = (("risk.reason.no_steps", {}),)
    flags = [NewFlag(case, probability, "likely_late", why) for case in flagged]
    scores.save_run(db, OPERATOR, db.now(), version, table, flags)


def test_the_newest_scoring_known_by_then_is_read_back_as_it_was(county, clock):
    run(county, ["a", "b"], probability=0.1 + 0.2)
    first = clock()
    clock.go(hours=24)
    run(county, ["b"], version="v2", probability=1.0)
    then = scores.read_scores(county, SUPERVISOR, first)
    assert then["case_id"].tolist() == ["a", "b"]
    assert then["probability"].tolist() == [0.1 + 0.2, 0.1 + 0.2]
    now = scores.read_scores(county, SUPERVISOR, clock())
    assert now[["case_id", "probability", "model_version"]].values.tolist() == [["b", 1.0, "v2"]]
    assert now["as_of"].iloc[0] == clock()


def test_before_the_first_scoring_there_is_no_row(county):
    assert scores.read_scores(county, SUPERVISOR, county.now()).empty
    assert scores.read_flags(county, SUPERVISOR, county.now()).empty
    assert scores.in_force(county, SUPERVISOR) is None


def test_a_flag_is_proposed_confirmed_and_dismissed_as_it_was_known(county, clock):
    run(county, ["a", "b"], flagged=["a"])
    proposed = clock()
    flag_id = scores.read_flags(county, SUPERVISOR, proposed)["flag_id"].iloc[0]
    clock.go(hours=1)
    scores.decide(county, SUPERVISOR, flag_id, "confirmed", "no_step_yet")
    confirmed = clock()
    clock.go(hours=1)
    scores.decide(county, SUPERVISOR, flag_id, "dismissed", "extended")
    seen = [
        scores.read_flags(county, SUPERVISOR, at).iloc[0] for at in (proposed, confirmed, clock())
    ]
    assert pd.isna(seen[0]["decision"])
    assert pd.isna(seen[0]["decided_at"])
    assert [row["decision"] for row in seen[1:]] == ["confirmed", "dismissed"]
    assert [row["decision_reason"] for row in seen[1:]] == ["no_step_yet", "extended"]
    assert seen[1]["decided_at"] == confirmed
    assert seen[2]["reasons"] == '[["risk.reason.no_steps", {}]]'
    later = scores.read_flags(county, SUPERVISOR, clock(), since=confirmed)
    assert later.empty


def test_only_a_supervisor_decides_and_only_with_a_reason_from_the_list(county):
    run(county, ["a"], flagged=["a"])
    flag_id = scores.read_flags(county, SUPERVISOR, county.now())["flag_id"].iloc[0]
    for scope in (OPERATOR, LEADER, *OTHERS):
        with pytest.raises(NotAllowed):
            scores.decide(county, scope, flag_id, "confirmed", "no_step_yet")
    for decision, reason in (
        ("confirmed", "extended"), ("dismissed", "no_step_yet"), ("confirmed", "because"),
        ("proposed", "no_step_yet"), ("assigned", "no_step_yet"), ("confirmed", ""),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            scores.decide(county, SUPERVISOR, flag_id, decision, reason)
    with pytest.raises(NotFound):
        scores.decide(county, SUPERVISOR, "no such flag", "confirmed", "no_step_yet")
    with county.read() as conn:
        assert conn.execute(sa.select(flag_event.c.event)).scalars().all() == ["proposed"]


def test_a_decision_takes_no_step_and_who_took_it_stands_in_the_log_only(county, new_case):
    case_id = register(county, DESK, new_case()).case_id
    run(county, [case_id], flagged=[case_id])
    flag_id = scores.read_flags(county, SUPERVISOR, county.now())["flag_id"].iloc[0]
    scores.decide(county, SUPERVISOR, flag_id, "dismissed", "answer_in_hand")
    with county.read() as conn:
        assert conn.execute(sa.select(case_event.c.event)).scalars().all() == ["registered"]
        held = {
            table.name
            for table in metadata.sorted_tables
            for row in conn.execute(sa.select(table))
            if SUPERVISOR.who in map(str, row)
        }
        entry = conn.execute(sa.select(audit).order_by(audit.c.id.desc()).limit(1)).mappings().one()
    assert held == {"audit"}
    assert (entry["action"], entry["target"]) == ("flag_dismissed", case_id)


def test_scores_by_case_are_the_supervisors_and_a_leader_gets_counts(county):
    run(county, ["a"], flagged=["a"])
    for scope in READERS:
        assert len(scores.read_scores(county, scope, county.now())) == 1
    for scope in (LEADER, *OTHERS):
        with pytest.raises(NotAllowed):
            scores.read_scores(county, scope, county.now())
    for scope in OTHERS:
        with pytest.raises(NotAllowed):
            scores.read_flags(county, scope, county.now())
        with pytest.raises(NotAllowed):
            scores.models(county, scope)
    assert scores.read_flags(county, LEADER, county.now())["case_id"].isna().all()


def test_nothing_of_a_run_is_kept_when_one_part_is_refused(county):
    table = pd.DataFrame({"case_id": ["a"], "probability": [0.5]})
    with pytest.raises(NotAllowed):
        scores.save_run(county, OPERATOR, county.now(), "v1", table, [NewFlag("a", 0.5, "red", ())])
    with pytest.raises(NotAllowed):
        scores.save_run(county, SUPERVISOR, county.now(), "v1", table, [])
    assert scores.read_scores(county, SUPERVISOR, county.now()).empty


def test_rolling_back_puts_the_older_model_in_force_again(county, clock):
    old, new = of("old", clock(), seed=1), of("new", clock(), seed=2)
    scores.put_in_force(county, OPERATOR, old)
    then = clock()
    clock.go(hours=1)
    scores.put_in_force(county, OPERATOR, new)
    scores.put_in_force(county, OPERATOR, old)
    assert [m.model_version for m in scores.models(county, LEADER)] == ["old", "new", "old"]
    assert scores.in_force(county, SUPERVISOR).card == {"seed": 1}
    assert scores.in_force(county, SUPERVISOR, then).in_force_at == then
    for scope in (SUPERVISOR, ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            scores.put_in_force(county, scope, new)


def test_every_word_of_a_supervisor_about_a_flag_is_told_to_the_asker_and_no_other(
    county, new_case
):
    mine, other = (register(county, DESK, new_case(channel="hotline")) for _ in range(2))
    run(county, [mine.case_id, other.case_id], flagged=[mine.case_id])
    flag_id = scores.read_flags(county, SUPERVISOR, county.now())["flag_id"].iloc[0]
    asker = receipts.find(county, mine.slip.code).scope
    assert scores.decisions(county, asker, mine.case_id) == ()
    scores.decide(county, SUPERVISOR, flag_id, "dismissed", "answer_in_hand")
    scores.decide(county, SUPERVISOR, flag_id, "confirmed", "no_step_yet")
    said = [(d.decision, d.reason) for d in scores.decisions(county, asker, mine.case_id)]
    assert said == [("dismissed", "answer_in_hand"), ("confirmed", "no_step_yet")]
    stranger = receipts.find(county, other.slip.code).scope
    with pytest.raises(NotFound):
        scores.decisions(county, stranger, mine.case_id)


def test_flags_by_body_name_kinds_of_reasons_and_neither_values_nor_comparisons(county, new_case):
    case_id = register(county, DESK, new_case()).case_id
    table = pd.DataFrame({"case_id": [case_id], "probability": 0.5})
    why = (
        ("risk.reason.body_load", {"open": 4, "usual": 3, "overdue": 1}),
        ("risk.reason.no_steps", {}),
        ("risk.compare.contacted", {"with_count": 20}),
    )
    flags = [NewFlag(case_id, 0.5, "likely_late", why)]
    scores.save_run(county, OPERATOR, county.now(), "v1", table, flags)
    now = county.now()
    end = now + dt.timedelta(hours=1)
    found = scores.flagged_bodies(county, LEADER, now - dt.timedelta(hours=1), end, end)
    assert found is not None
    assert found.to_dict("records") == [
        {"body_id": "b01", "is_answered": False, "reasons": ("body_load", "no_steps")}
    ]
