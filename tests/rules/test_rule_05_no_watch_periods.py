"""DOMAIN.md §2.5: no watch periods. The same day under every calendar differs in due dates only."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import casework.calendar
from casework import pack_reader
from casework.calendar import CALENDARS, load_calendar
from casework.clocks import CaseEvent, clocks
from casework.pack import ConfigError, load, series
from data import record
from data.receipts import Slip
from data.vocabulary import FILING_KINDS
from reports.filing import asked_days, filing_matrix
from service.rules import Rules
from tests.conftest import DESK, TOWNSHIPS
from tests.public.conftest import Reader
from tests.reports.county import ZONE, bodies, filings
from tests.reports.county import cases as no_cases
from tests.test_architecture import ROOT, everything
from wording import LANGUAGES, catalogue

from . import golden

PACKS = ROOT / "casework" / "packs"
START = dt.datetime(2026, 2, 9, 2, 0, tzinfo=dt.UTC)  # the week before the Spring Festival
LOG = [
    CaseEvent("registered", START, START, None),
    CaseEvent("accepted", START + dt.timedelta(days=1), START + dt.timedelta(days=1), None),
]


@pytest.mark.parametrize("days", range(0, 40, 3))
def test_the_same_day_under_every_calendar_has_the_same_clocks(days: int) -> None:
    as_of = START + dt.timedelta(days=days, hours=1)
    seen = []
    for name in CALENDARS:
        found = clocks(load("cn_xinfang_2022"), "ordinary", LOG, as_of, ZONE, load_calendar(name))
        seen.append(
            [(c.clock, c.round, c.rule, c.started_at, c.limit, c.unit, c.source) for c in found]
        )
    assert all(one == seen[0] for one in seen)


def test_the_calendars_compared_do_differ_in_due_dates() -> None:
    pack = load("cn_xinfang_2022")
    as_of = START + dt.timedelta(days=3)
    due = [
        [c.due_on for c in clocks(pack, "ordinary", LOG, as_of, ZONE, load_calendar(name))]
        for name in CALENDARS
    ]
    assert due[0] != due[-1]


def skeleton(html: str) -> list[tuple[str, ...]]:
    """Headings, forms, fields and buttons of a page, without what they say about dates."""
    found = re.findall(r"<h[123][^>]*>(.*?)</h[123]>", html)
    marks = re.findall(r"<(form|input|button|select|a)\b([^>]*)", html)
    names = [(tag, *sorted(re.findall(r'(?:name|action|type|href)="[^"]*"', rest)))
             for tag, rest in marks]  # fmt: skip
    said = [re.sub("<[^>]*>|[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", "", text) for text in found]
    return [*((text,) for text in said), *names]


def test_a_residents_page_has_the_same_fields_and_steps_under_every_calendar(
    county, answered: Slip, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    reader.open(answered.code)
    pages = {}
    for name in CALENDARS:
        monkeypatch.setattr(Rules, "calendar", lambda self, _, name=name: load_calendar(name))
        pages[name] = reader.open(answered.code).text
    assert pages["cn"] != pages["every_day"]
    assert skeleton(pages["cn"]) == skeleton(pages["every_day"])


@pytest.mark.parametrize("day", ["2026-05-01", "2026-06-04", "2026-09-01", "2026-10-01"])
def test_whoever_asks_on_another_day_of_the_year_gets_the_same_page(
    county, reader: Reader, new_case, clock, day: str
) -> None:  # type: ignore[no-untyped-def]
    def page() -> list[tuple[str, ...]]:
        asked = record.register(county, DESK, new_case(opened_at=clock())).slip
        assert asked is not None
        reader.open(asked.code)
        return skeleton(reader.open(asked.code).text)

    usual = page()
    clock.at = dt.datetime.fromisoformat(f"{day}T02:00:00+00:00")
    assert page() == usual
    assert len(usual) > 10


def test_no_pack_can_name_a_period_a_peak_or_a_second_cadence(tmp_path: Path) -> None:
    text = (PACKS / "cn_xinfang_2022.toml").read_text("utf-8")
    for line in ("sensitive_period = true", "hourly_filing = true", "filings_per_day = 2",
                 'peaks = ["two_sessions"]', 'cadence = "hourly"', "watch_from = 2026-03-01",
                 'filing_deadline_2 = "09:00"'):  # fmt: skip
        name = "cn_county"
        changed = text.replace('id = "cn_xinfang_2022"', f'id = "{name}"\n{line}')
        (tmp_path / f"{name}.toml").write_text(changed, "utf-8")
        series.cache_clear()
        with pytest.raises(ConfigError, match="no such field"):
            load(name, tmp_path)


def test_a_pack_says_only_whether_a_filing_is_asked_once_a_working_day() -> None:
    about_filing = {name for name in pack_reader._PACK_FIELDS if "filing" in name}
    assert about_filing == {"daily_filing", "filing_deadline"}
    for path in PACKS.glob("*.toml"):
        assert isinstance(tomllib.loads(path.read_text("utf-8"))["daily_filing"], bool)


def test_a_day_is_asked_once_however_often_somebody_names_it() -> None:
    day = dt.date(2026, 3, 4)
    often = np.array(["2026-03-04", "2026-03-04T09", "2026-03-04T18"], dtype="datetime64[h]")
    asked = asked_days(day, day, often.astype("datetime64[D]"))
    assert len(asked) == 1
    towns = TOWNSHIPS.astype({"valid_from": "datetime64[us]", "valid_to": "datetime64[us]"})
    matrix = filing_matrix(
        filings([]), towns, no_cases([{"opened": "2026-03-01 09:00"}]), bodies(),
        asked.repeat(3), dt.datetime(2026, 3, 5, tzinfo=dt.UTC), ZONE,
    )  # fmt: skip
    assert len(matrix) == len(TOWNSHIPS)
    assert FILING_KINDS == ("report", "zero")


WATCH = re.compile(
    r"sensitive|two.sessions|special.period|peak.protection|stability|hourly|half.day|intraday|"
    r"维稳|敏感|两会|重点时段|特护期|特防期|零点报|一日两报|双报"
)


def test_no_word_for_a_watch_stands_anywhere() -> None:
    named = [*golden.columns(), *golden.form_fields(), *golden.feature_names(), *golden.words()]
    assert [name for name in named if WATCH.search(name)] == []
    for language in LANGUAGES:
        for key, text in catalogue(language).items():
            # what the software never does is said in these words
            assert key.startswith("public.never.") or not WATCH.search(text.lower()), key
    for path in PACKS.glob("*.toml"):
        assert not WATCH.search(path.read_text("utf-8").lower()), path
    assert WATCH.search("敏感时段")


def test_service_peaks_are_known_to_nothing_that_runs() -> None:
    """Staffing figures for peaks are not built; until then no code may know of one."""
    peaks = re.compile(r"\bservice_peak|\bpeaks?\b")
    found = [str(p.relative_to(ROOT)) for p in everything() if peaks.search(p.read_text("utf-8"))]
    assert [name for name in found if not name.startswith("data/demo/")] == []


def test_nothing_runs_by_itself() -> None:
    """No timer and no scheduler: a cadence needs one."""
    timer = re.compile(r"\b(schedule|apscheduler|crontab|celery|threading\.Timer|run_every)\b")
    found = {str(p.relative_to(ROOT)) for p in everything() if timer.search(p.read_text("utf-8"))}
    # pages that look again how far an upload or a file is, and what forgets its outcome afterwards
    assert found <= {"ui/behind.py", "ui/making.py", "service/jobs.py"}
    assert casework.calendar.CALENDARS == ("cn", "england", "every_day")
