"""DOMAIN.md §2.3: nothing is forecast about people, and no history of people is kept."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import record, schema
from data.db import Db
from data.instant import Instant
from data.vocabulary import ASKER_EVENTS
from risk import case_table, features, snapshots
from service.export import COLUMNS
from tests.conftest import DESK
from tests.test_architecture import ROOT, files, imported

from . import golden

END = pd.Timestamp("2026-06-01")


def table(count: int = 60, seed: int = 3) -> pd.DataFrame:
    """Cases of three bodies, some late, some open."""
    rng = np.random.default_rng(seed)
    opened = pd.Timestamp("2025-06-01") + pd.to_timedelta(np.sort(rng.integers(0, 300, count)), "D")
    closed = opened + pd.to_timedelta(rng.integers(3, 120, count), "D")
    return pd.DataFrame(
        {
            "opened_at": opened.astype("datetime64[us]"),
            "due_at": (opened + pd.Timedelta(days=60)).astype("datetime64[us]"),
            "closed_at": pd.Series(closed.astype("datetime64[us]")).where(closed < END),
            "category": rng.choice(["wages", "heating"], count),
            "body": rng.choice(["b01", "b02", "b03"], count),
        }
    )


def steps(cases: pd.DataFrame, *events: str) -> pd.DataFrame:
    case = np.repeat(np.arange(len(cases)), len(events))
    day = pd.to_timedelta(np.tile(np.arange(1, len(events) + 1), len(cases)), "D")
    return pd.DataFrame(
        {
            "case": case,
            "event": list(events) * len(cases),
            "known_at": cases["opened_at"].to_numpy()[case] + day,
        }
    )


def test_the_models_target_is_the_offices_late_answer_and_nothing_else() -> None:
    cases = table()
    rows = snapshots.snapshots(cases, END)
    of = cases.iloc[rows["case"]].reset_index(drop=True)
    late = of["closed_at"].isna() | (of["closed_at"] > of["due_at"])
    assert rows["late"].tolist() == late.tolist()
    assert rows["late"].any()
    assert not rows["late"].all()
    assert set(rows) == {"case", "stage", "at", "late", "is_scorable"}


def test_where_who_and_how_somebody_asked_moves_no_feature_and_no_label() -> None:
    cases = table()
    rng = np.random.default_rng(5)
    told = cases.assign(
        township_code=rng.choice(["t01", "t02"], len(cases)),
        grid_code=rng.choice(["g1", "g2", None], len(cases)),
        channel=rng.choice(["desk", "online"], len(cases)),
        summary="要去上访",
        people=rng.integers(1, 90, len(cases)),
    )
    for changed in (told, told.sample(frac=1, axis="columns", random_state=1)):
        rows = snapshots.snapshots(changed, END)
        pd.testing.assert_frame_equal(rows, snapshots.snapshots(cases, END))
        found = features.features(changed, rows, steps(cases, "accepted"))
        pd.testing.assert_frame_equal(
            found, features.features(cases, rows, steps(cases, "accepted"))
        )


@pytest.mark.parametrize("event", ASKER_EVENTS)
def test_what_the_asker_did_moves_no_feature(event: str) -> None:
    cases = table()
    rows = snapshots.snapshots(cases, END)
    without = features.features(cases, rows, steps(cases, "accepted"))
    told = pd.concat([steps(cases, "accepted"), steps(cases, event, event)], ignore_index=True)
    pd.testing.assert_frame_equal(features.features(cases, rows, told), without)
    assert event not in features.STEPS


def test_an_offices_step_does_move_a_feature() -> None:
    cases = table()
    rows = snapshots.snapshots(cases, END)
    without = features.features(cases, rows, steps(cases, "accepted"))
    assert not features.features(cases, rows, steps(cases, "accepted", "contacted")).equals(without)


def test_what_the_forecast_is_given_holds_no_place_no_channel_and_no_text() -> None:
    allowed = {"case_id", "opened_at", "due_at", "closed_at", "category", "body"}
    assert set(case_table.COLUMNS) == set(COLUMNS) == allowed
    names = " ".join(golden.feature_names())
    for word in ("grid", "township", "village", "channel", "desk", "text", "asker", "rated",
                 "not_solved", "repeat", "petition"):  # fmt: skip
        assert word not in names


def test_the_forecast_knows_no_record_no_text_and_no_screen() -> None:
    below = {name for path in files("risk") for name in imported(path) if name.startswith("data.")}
    assert {name.split(".")[1] for name in below} <= {"errors", "frames", "vocabulary"}


def test_nothing_counts_the_people_behind_a_case_or_marks_a_crowd() -> None:
    numbers = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (sa.Integer, sa.SmallInteger, sa.Float, sa.Numeric))
        and not isinstance(column.type, Instant)
        and not column.primary_key
    }
    assert numbers == {
        "case_version.replaces", "case_event.days", "text_key.key_version", "receipt.key_version",
        "filing.revision", "quarantine.row_number", "quarantine.key_version",
        "account.totp_version", "account.totp_step", "session.account_role_id",
        "attempt.failures",  # failed sign-ins of staff
        "list_view.page_rows",  # of a list on an account's screen
        "roster.slots", "roster.replaces",  # how many may come, never how many came
        # which line and which of its places, drawn by chance
        "appointment.roster_id", "appointment.slot",
        "area_change.share", "report_issue.number",
        "score.probability", "flag.probability",  # of a late answer
        # comments by theme before a decision, never people; versions of what was published
        "consultation.replaces", "consultation_theme.comment_count", "consultation_theme.replaces",
        "consultation_decision.replaces", "consultation_issue.number",
        "consultation_issue.upto_theme", "suggestion_outcome.replaces",
        "inspection.year", "evaluation.year",
        "run.process", "run_step.run_id", "notice_try.notice_id",  # the machine's own nights
        "evaluation.share", "evaluation.base",  # of a body: what was measured, on how much
    }  # fmt: skip


def test_no_case_is_linked_to_another() -> None:
    """Links by the earlier code are not built: then there is nothing that holds one case's other.

    A case's number stands once per table it belongs to; no table has two.
    """
    assert "case_link" not in schema.metadata.tables
    for table in schema.metadata.sorted_tables:
        assert sum(column.name.endswith("case_id") for column in table.columns) <= 1, table.name


def test_askers_who_say_the_same_stay_two_cases(county: Db, new_case) -> None:
    made = record.register_all(county, DESK, [new_case() for _ in range(4)])
    assert len({one.case_id for one in made}) == 4
    assert not any(one.is_repeat for one in made)


OF_AREAS = {
    "reports/hotspots.py", "reports/smoothing.py", "reports/hotspot_why.py", "service/hotspots.py",
    "service/counties.py",
}  # fmt: skip
"""Clusters are of areas where answers are slow (DESIGN.md §2, `geo/`), or of machines on which
counties are run, never of cases."""


def test_nothing_looks_for_cases_that_are_alike() -> None:
    words = ("similar", "fuzzy", "levenshtein", "embedding", "tfidf", "cluster", "dedup")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in files("data", "casework", "risk", "reports", "service", "ui", "pages", "public")
        for word in words
        if word in path.read_text("utf-8").lower()
        and not (word == "cluster" and str(path.relative_to(ROOT)) in OF_AREAS)
    ]
    assert found == []


def test_arrivals_are_forecast_by_nothing_finer_than_the_county() -> None:
    """No forecast of arrivals is built; whoever builds one gives it no place."""
    for path in files("risk"):
        text = path.read_text("utf-8")
        assert "arrival" not in text.lower() or "township" not in text, path
    assert "township_code" not in inspect.getsource(features)
