"""The mappings that come with the program read real rows, and JSON arrays are read like sheets."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

from data.categories import load_categories, parse_categories
from data.errors import ConfigError, DataError
from data.json_rows import is_json, read_json_rows
from data.mapped import apply_mapping
from data.mapped_table import Names
from data.mapping import parse_mapping
from data.mapping_files import shipped_mappings
from data.sheets import read_sheet
from tests.conftest import ROOT

NOW = pd.Timestamp("2026-11-25T04:00Z")
CHICAGO = ROOT / "examples" / "chicago_311"
OPEN311 = [  # after the examples of the GeoReport v2 specification, with made-up words
    {
        "service_request_id": 638344, "status": "closed", "status_notes": "Duplicate request.",
        "service_code": "noise", "description": "电话13812345678，夜里施工",
        "agency_responsible": "综合行政执法局", "service_notice": None,
        "requested_datetime": "2026-11-02T06:37:38-08:00",
        "updated_datetime": "2026-11-03T06:37:38-08:00",
        "expected_datetime": "2026-11-09T06:37:38-08:00",
        "address": "8TH AVE and JUDAH ST", "address_id": 545483, "zipcode": 94122,
        "lat": 27.55, "long": 113.05, "media_url": "http://example.org/638344.jpg",
    },
    {
        "service_request_id": "638349", "status": "open", "service_code": "heating",
        "description": "暖气不热", "agency_responsible": "综合行政执法局",
        "requested_datetime": "2026-11-19T08:37:38Z", "lat": 27.65, "long": 113.15,
        "extended_attributes": {"first_name": "not read"},
    },
    {"service_request_id": "638350", "status": "odd", "service_code": "heating"},
]  # fmt: skip
HOTLINE = """\
澄禾县12345热线工单导出
工单号,来电时间,来电人,联系电话,问题分类,诉求内容,主办单位,所属区域,办结时限,签收时间,办结时间
GD2026110001,2026年11月2日 10:15,王建国,13812345678,噪声扰民,联系人王建国，夜间卸货,综合行政执法局,北泉街道,,,
GD2026110002,2026-11-03 09:00,李秀英,13912345678,欠薪,工地欠薪,综合行政执法局,石坪镇,2026-11-30,2026-11-04,2026-11-20 16:00
GD2026110003,2026-11-04 09:00,,,天文,望远镜,人力资源和社会保障局,石坪镇,,,
"""  # noqa: E501


def place(lon, lat, system, stated):
    assert system == "wgs84"
    return pd.Series("990101001", index=lon.index, dtype="str").where(lat < 27.6, "990101004")


def applied(name: str, frame: pd.DataFrame, **names: object):
    mapping = parse_mapping(shipped_mappings()[name], name, load_categories())
    county = Names(
        areas={"北泉街道": "990101001", "石坪镇": "990101003"},
        bodies={"综合行政执法局": "b08", "人力资源和社会保障局": "b02"},
    )
    codes = ["990101001", "990101003", "990101004"]
    return apply_mapping(frame, mapping, load_categories(), codes, NOW, place, names=county)


def test_three_are_shipped_and_chicagos_is_the_examples():
    assert set(shipped_mappings()) == {"chicago_311", "hotline_12345", "open311"}
    assert shipped_mappings()["chicago_311"] == (CHICAGO / "mapping.toml").read_text("utf-8")


def test_a_hotlines_work_orders_are_read_under_other_names_of_the_columns():
    mapping = parse_mapping(shipped_mappings()["hotline_12345"], "h", load_categories())
    frame = read_sheet(HOTLINE.encode("gb18030"), "a.csv", lambda name: name in mapping.known_names)
    found = applied("hotline_12345", frame)
    assert list(found.cases["source_id"]) == ["GD2026110001", "GD2026110002"]
    assert list(found.cases["body_id"]) == ["b08", "b08"]
    assert list(found.events["event"]) == ["registered", "registered", "accepted", "answered"]
    assert found.cases.at[0, "opened_at"] == pd.Timestamp("2026-11-02T02:15Z")
    assert "王建国" not in found.cases.at[0, "summary"]
    assert not found.cases["needs_confirmation"].any()
    assert found.aside_counts == {"unknown_category": 1}
    assert {(n.column, n.key) for n in found.notes} == {
        ("来电人", "intake.note.person_column"), ("联系电话", "intake.note.person_column"),
        ("办结时限", "intake.note.unknown_column"),
    }  # fmt: skip


def test_open311_requests_are_read_from_json():
    data = json.dumps(OPEN311).encode()
    mapping = parse_mapping(shipped_mappings()["open311"], "o", load_categories())
    found = applied("open311", read_json_rows(data, "requests.json", mapping.read_columns))
    assert list(found.cases["source_id"]) == ["638344", "638349"]
    assert list(found.cases["township_code"]) == ["990101001", "990101004"]
    assert found.cases.at[0, "opened_at"] == pd.Timestamp("2026-11-02T14:37:38Z")
    assert "13812345678" not in found.cases.at[0, "summary"]
    assert list(found.events["event"]) == ["registered", "answered", "registered"]
    assert found.aside_counts == {"bad_opened": 1}
    dropped = {n.column for n in found.notes if n.key == "intake.note.person_column"}
    assert {"address", "address_id"} <= dropped


def test_chicagos_rows_are_read():
    texts = (CHICAGO / "categories.toml").read_text("utf-8")
    chicago = parse_categories(texts, "categories.toml")
    mapping = parse_mapping(shipped_mappings()["chicago_311"], "c", chicago)
    with gzip.open(CHICAGO / "sanitation_complaints_2011_2014.csv.gz", "rt") as file:
        head = "".join(next(file) for _ in range(301))
    frame = read_sheet(head.encode(), "a.csv", lambda name: name in mapping.known_names)
    codes = [str(code) for code in range(1, 78)]
    found = apply_mapping(frame, mapping, chicago, codes, NOW)
    assert len(found.cases) + len(found.set_aside) == 300
    assert len(found.cases) == 111
    assert set(found.aside_counts) <= {"opened_before", "marked_duplicate", "repeated_id"}


@pytest.mark.parametrize("data", [b"[]", b'{"a": 1}', b"[1, 2]", b'{"a": [{}], "b": [{}]}'])
def test_json_without_rows_is_refused(data: bytes):
    with pytest.raises(DataError, match="no array") as refused:
        read_json_rows(data, "a.json")
    assert refused.value.key == "mappings.json.no_rows"


@pytest.mark.parametrize("data", [b"[{", b"[" * 100_000, b'[{"a": 1' + b"0" * 5000])
def test_json_that_cannot_be_read_is_refused(data: bytes):
    assert is_json(data)
    with pytest.raises(DataError) as refused:
        read_json_rows(data, "a.json")
    assert refused.value.key == "mappings.json.broken"


def test_digits_stay_as_written_and_deeper_values_are_not_read():
    data = '\ufeff {"requests": [{"a": 1234567890123456789012, "b": 0.10, "c": [1], "d": true}]}'
    frame = read_json_rows(data.encode(), "a.json", ["e"])
    assert frame.to_dict("records") == [
        {"a": "1234567890123456789012", "b": "0.10", "c": "", "d": "true", "e": ""}
    ]


def test_a_constant_never_fills_consent_and_other_names_are_checked():
    text = shipped_mappings()["hotline_12345"]
    with pytest.raises(ConfigError) as refused:
        parse_mapping(
            text.replace("[constants]", '[constants]\nasked = "yes"'), "m", load_categories()
        )
    assert refused.value.key == "intake.mapping.consent"
    with pytest.raises(ConfigError) as refused:
        parse_mapping(text.replace('"工单号" =', '"联系电话" ='), "m", load_categories())
    assert refused.value.key == "intake.mapping.person_column"
