"""The asker sees that a last day moved, from when to when, and why."""

from __future__ import annotations

from data.db import Db
from service import rules_change
from tests.casework.test_calendar_file import YEAR
from tests.conftest import ADMINISTRATOR
from tests.service.test_rules import DECEMBER, OWN

from .conftest import Reader, office, register, words


def accepted_in_december(county: Db, clock) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    clock.at = DECEMBER
    slip = register(county)
    office(county, slip.case_id, "accepted")
    return slip.code, slip.case_id


def load(county: Db, text: str) -> None:
    rules_change.apply(county, ADMINISTRATOR, rules_change.check(county, ADMINISTRATOR, text))


def test_a_loaded_year_says_that_and_why_the_day_moved(reader: Reader, county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    code, _ = accepted_in_december(county, clock)
    before = words(reader.open(code))
    assert "2027年2月5日" in before
    assert "暂定" in before
    assert "重新计算" not in before
    clock.go(days=1)
    load(county, YEAR)
    after = words(reader.open(code))
    assert "最初答应的日期：2027年2月5日。" in after
    assert "由 2027年2月5日 改为 2027年2月12日，因为 2027 年的放假安排" in after
    assert "暂定" not in after
    english = words(reader.open(code, lang="en"))
    assert "because the public holidays of 2027 were published or corrected" in english


def test_promised_extended_and_recomputed_stand_apart(reader: Reader, county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    code, case_id = accepted_in_december(county, clock)
    clock.go(days=20)
    office(county, case_id, "extended", days=3, code="complex", words={"reason": "等鉴定。"})
    clock.go(days=1)
    load(county, YEAR)
    said = words(reader.open(code))
    assert "最初答应的日期：2027年2月5日。" in said
    assert "依规定延长后：2027年2月8日。" in said
    assert "由 2027年2月8日 改为 2027年2月12日" in said


def test_rules_that_govern_open_cases_are_named_as_the_reason(
    reader: Reader, county: Db, clock
) -> None:  # type: ignore[no-untyped-def]
    code, _ = accepted_in_december(county, clock)
    load(county, OWN.replace("version = 1", 'version = 1\ngoverns = "open"'))
    assert "重新计算" not in words(reader.open(code))
    clock.go(days=14)
    said = words(reader.open(code))
    assert "由 2027年2月5日 改为 2027年1月21日，因为 2026年12月20日 起施行的规则" in said
