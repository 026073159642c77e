"""A small county that can be checked by hand, its tables in the shapes of data/frames.py."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from data.vocabulary import ACTORS, EVENTS
from reports.daily import Record
from reports.daily_facts import County, FileInForce

ZONE = "Asia/Shanghai"
DAY = dt.date(2026, 3, 4)
"""A Wednesday."""
AS_OF = dt.datetime(2026, 3, 4, 10, 30, tzinfo=dt.UTC)
"""18:30 local, past the deadline of filing."""
COUNTY = County("云溪县", "Yunxi County", ZONE, is_demo=True)
FILES = (
    FileInForce("pack/cn_xinfang_2022.toml", "ab" * 32),
    FileInForce("categories.toml", "0c" * 32),
)
TOWNS = ("330901101", "330901102", "330901103")
OFFICES = ("t101", "t102", "t103")
WORKING_DAYS = np.array(
    [d for d in np.arange("2025-01-01", "2027-01-01", dtype="datetime64[D]") if np.is_busday(d)]
)


def local(text: str) -> pd.Timestamp:
    """A local moment of the county as an instant in UTC."""
    return pd.Timestamp(text, tz=ZONE).tz_convert("UTC")


def instants(values: list[pd.Timestamp | None]) -> pd.Series:
    return pd.Series(pd.to_datetime(values, utc=True)).astype("datetime64[us, UTC]")


def townships() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "township_code": list(TOWNS),
            "name_zh": ["清河镇", "石桥镇", "龙泉街道"],
            "name_en": ["Qinghe", "Shiqiao", "Longquan"],
            "valid_from": pd.to_datetime(["2020-01-01"] * 3).astype("datetime64[us]"),
            "valid_to": pd.to_datetime([None] * 3).astype("datetime64[us]"),
        }
    )


def bodies() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "body_id": ["b01", "b02", *OFFICES],
            "name_zh": ["县人社局", "县住建局", "清河镇政府", "石桥镇政府", "龙泉街道办"],
            "name_en": ["Labour Bureau", "Housing Bureau", "Qinghe", "Shiqiao", "Longquan"],
            "kind": ["department"] * 2 + ["township_office"] * 3,
            "township_code": pd.Series([None, None, *TOWNS], dtype="str"),
            "reviewed_by": pd.Series([None] * 5, dtype="str"),
        }
    )


def filings(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """(township, period, kind, local moment) per row, in order of arrival."""
    return pd.DataFrame(
        {
            "township_code": pd.Series([r[0] for r in rows], dtype="str"),
            "period": pd.to_datetime([r[1] for r in rows]).astype("datetime64[us]"),
            "kind": pd.Series([r[2] for r in rows], dtype="str"),
            "filed_at": instants([local(r[3]) for r in rows]),
            "reason": pd.Series([None] * len(rows), dtype="str"),
        }
    )


def cases(rows: list[dict[str, object]]) -> pd.DataFrame:
    """`Cases` from what matters in a test; everything else is filled in."""
    filled = [
        {
            "case_id": None, "township_code": TOWNS[0], "grid_code": None, "domain": "labour",
            "category": "wages", "kind": "redress", "channel": "online", "procedure": "ordinary",
            "pack": "cn_xinfang_2022", "body_id": "b01", "desk": OFFICES[0], "is_confirmed": True,
            **row,
        }
        for row in rows
    ]  # fmt: skip
    columns = [
        "case_id", "township_code", "grid_code", "domain", "category", "kind", "channel",
        "procedure", "pack", "body_id", "desk",
    ]  # fmt: skip
    frame = pd.DataFrame(
        {name: pd.Series([row[name] for row in filled], dtype="str") for name in columns}
    )
    opened = [local(str(row["opened"])) for row in filled]
    known = [local(str(row.get("known", row["opened"]))) for row in filled]
    frame.insert(1, "opened_at", instants(opened))
    frame.insert(2, "known_at", instants(known))
    frame["limit_at"] = instants([None] * len(filled))
    frame["is_confirmed"] = pd.Series([bool(row["is_confirmed"]) for row in filled], dtype=bool)
    return frame.rename_axis("case")


def events(rows: list[tuple[int, str, str, str | None]]) -> pd.DataFrame:
    """`Events` from (case, event, local moment, code or receiving body)."""
    frame = pd.DataFrame(
        {
            "case": pd.Series([r[0] for r in rows], dtype="int64"),
            "event": pd.Categorical([r[1] for r in rows], categories=list(EVENTS)),
            "occurred_at": instants([local(r[2]) for r in rows]),
            "known_at": instants([local(r[2]) for r in rows]),
            "actor": pd.Categorical(["office"] * len(rows), categories=list(ACTORS)),
            "body_id": pd.Series([None] * len(rows), dtype="str"),
            "to_body_id": pd.Series(
                [r[3] if r[1] == "transferred" else None for r in rows], dtype="str"
            ),
            "days": pd.array([None] * len(rows), dtype="Int16"),
            "code": pd.Series([None if r[1] == "transferred" else r[3] for r in rows], dtype="str"),
        }
    )
    return frame.sort_values(["case", "occurred_at"], kind="stable", ignore_index=True)


STANDING = {
    "stage": "accepted", "is_open": True, "is_counted": True, "owing_body_id": "b01",
    "accepted_at": None, "first_answered_at": None, "ended_at": None, "next_clock": None,
    "next_due_on": None, "answer_due_on": None, "is_overdue": False, "is_very_late": False,
    "outcome": None, "wait_days": np.nan, "wait_observed": False,
    "acceptance_due_on": None, "acceptance_state": None,
}  # fmt: skip


def standing(rows: list[dict[str, object]]) -> pd.DataFrame:
    """What casework.standing would say, from what matters in a test."""
    filled = [{**STANDING, **row} for row in rows]
    frame = pd.DataFrame({name: [row[name] for row in filled] for name in STANDING})
    for name in ("accepted_at", "first_answered_at", "ended_at"):
        frame[name] = instants([None if v is None else local(str(v)) for v in frame[name]])
    for name in ("next_due_on", "answer_due_on", "acceptance_due_on"):
        frame[name] = pd.to_datetime(frame[name].to_list()).astype("datetime64[us]")
    for name in ("stage", "owing_body_id", "next_clock", "outcome", "acceptance_state"):
        frame[name] = pd.Series(frame[name].to_list(), dtype="str")
    for name in ("is_open", "is_counted", "is_overdue", "is_very_late", "wait_observed"):
        frame[name] = frame[name].astype(bool)
    return frame.rename_axis("case")


def record() -> Record:
    """Three weeks of a county: 14 open cases in 清河镇, 2 elsewhere, and one answered today."""
    made, events_made, stands = [], [], []
    for number in range(14):
        opened = f"2026-02-{number % 7 + 16:02d} 09:00"
        made.append({"opened": opened, "township_code": TOWNS[0]})
        events_made.append((number, "registered", opened, None))
        stands.append(
            {
                "is_overdue": number < 3,
                "next_clock": "acceptance",
                "stage": "registered",
                "next_due_on": "2026-03-03" if number < 3 else "2026-03-20",
            }
        )
    made += [
        {
            "opened": "2026-03-04 08:00",
            "domain": "construction",
            "desk": OFFICES[1],
            "township_code": TOWNS[1],
            "body_id": "b02",
        },
        {"opened": "2026-03-03 08:00", "township_code": TOWNS[2], "body_id": "b02"},
        {"opened": "2026-01-05 09:00", "township_code": TOWNS[2], "body_id": "b02"},
    ]
    events_made += [
        (14, "registered", "2026-03-04 08:00", None),
        (15, "registered", "2026-03-03 08:00", None),
        (16, "registered", "2026-01-05 09:00", None),
        (16, "accepted", "2026-01-06 09:00", None),
        (16, "answered", "2026-03-04 09:00", None),
    ]
    stands += [
        {"owing_body_id": "b02", "next_clock": "answer", "next_due_on": "2026-03-05"},
        {"owing_body_id": "b02", "next_clock": "answer", "next_due_on": "2026-03-06"},
        {
            "owing_body_id": "b02",
            "is_open": False,
            "stage": "answered",
            "outcome": "on_time",
            "answer_due_on": "2026-03-09",
            "first_answered_at": "2026-03-04 09:00",
            "ended_at": "2026-03-04 09:00",
            "wait_days": 58.0,
            "wait_observed": True,
        },
    ]
    return Record(
        cases=cases(made),
        events=events(events_made),
        standing=standing(stands),
        filings=filings(
            [
                (TOWNS[0], "2026-03-04", "report", "2026-03-04 15:00"),
                (TOWNS[1], "2026-03-04", "zero", "2026-03-04 16:00"),
            ]
        ),
        townships=townships(),
        bodies=bodies(),
        working_days=WORKING_DAYS,
        filing_deadline=dt.time(17, 0),
        open_before={dt.date(2026, 3, 3): 13},
    )


def areas() -> gpd.GeoDataFrame:
    """Three squares in a row, code by code."""
    shapes = [box(120 + i * 0.2, 29, 120.2 + i * 0.2, 29.2) for i in range(3)]
    return gpd.GeoDataFrame({"code": list(TOWNS)}, geometry=shapes, crs=4490)
