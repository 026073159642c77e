"""Over an air gap, end to end: a copy out, askers who act there, their answers carried back in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from typer.testing import CliRunner

import cli
from data import answers, asker, corrections, openings, reading, receipts, record, texts
from data.carry import copy_out
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.receipts import Slip
from data.rows import NewCase
from data.schema import asker_word, case_text, case_version, receipt
from data.schema import audit as audit_table
from data.scope import Scope
from data.taking_in import TakenIn
from public.alone import make_app
from public.routes import routes
from service.carry import lines, take_in
from settings import Settings
from tests.conftest import SUPERVISOR, Clock
from wording import formats, t

from .conftest import ANSWER, DESK, LABOUR, Reader, hidden, office, words

OPERATOR = Scope.operator()
ZONE = "Asia/Shanghai"
WORD = "青山绿水"
FINE = "990000001007"


@dataclass
class Gap:
    """A county inside, and what its operator carries; the server outside has a clock of its own."""

    inside: Db
    folder: Path
    clock: Clock
    outside_clock: Clock = field(default_factory=Clock)
    number: int = 0
    copy: Db | None = None

    @property
    def path(self) -> Path:
        return self.folder / f"copy{self.number}.zjb"

    @property
    def keys(self) -> Path:
        return self.folder / f"keys{self.number}.json"

    def out(self) -> Reader:
        """Carry a copy out; the pages that the asker sees there."""
        self.number += 1
        copy_out(self.inside, OPERATOR, self.path, self.keys)
        self.outside_clock.at = self.clock.at
        self.copy = answers.open_copy(self.path, self.keys, self.outside_clock)
        copy = self.copy
        return Reader(Starlette(routes=routes(lambda: copy)))

    def back(self, name: str = "answers.zja") -> Path:
        """Carry the answers to the door of the office, as a file."""
        assert self.copy is not None
        path = self.folder / name
        answers.write(answers.gather(self.copy), self.copy.keys, path)
        return path

    def take_in(self, path: Path) -> TakenIn:
        return take_in(self.inside, OPERATOR, path)

    def events(self, case_id: str) -> list[tuple[str, dt.datetime, dt.datetime]]:
        """The asker's events inside: (event, when it happened, when it counts as known)."""
        history = reading.read_case(self.inside, _asker(case_id), case_id)
        return [(e.event, e.occurred_at, e.known_at) for e in history.events if e.actor == "asker"]


def _asker(case_id: str) -> Scope:
    return Scope(who=case_id, role="resident")


@pytest.fixture
def gap(db: Db, small_county: Callable[[Db], Db], clock: Clock, tmp_path: Path) -> Gap:
    return Gap(small_county(db), tmp_path, clock)


@pytest.fixture
def small_gap(county: Db, clock: Clock, tmp_path: Path) -> Gap:
    """The same on SQLite alone, for what does not depend on the database."""
    return Gap(county, tmp_path, clock)


def registered(db: Db) -> Slip:
    """A case whose place waits under seal until its code was used."""
    new = NewCase(
        township_code="990000001000", grid_code=FINE, opened_at=db.now(), domain="labour",
        category="unpaid_wages", kind="redress", channel="on_behalf", procedure="ordinary",
        body_id="b01", summary="工资三个月没有发。",
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    return slip


def answer(gap: Gap, slip: Slip) -> None:
    """Accepted, answered ten days later, and the answer handed over the same day."""
    office(gap.inside, slip.case_id, "accepted")
    gap.clock.go(days=10)
    office(gap.inside, slip.case_id, "answered", words=ANSWER)
    office(gap.inside, slip.case_id, "delivered", code="in_hand")
    gap.clock.go(hours=1)


def test_a_copy_goes_out_the_asker_acts_and_everything_counts_from_that_moment(gap: Gap) -> None:
    slip, other = registered(gap.inside), registered(gap.inside)
    answer(gap, slip)
    openings.open_texts(gap.inside, LABOUR, slip.case_id)
    outside = gap.out()
    copied_at = gap.clock.at

    gap.outside_clock.go(days=1)
    first_at = gap.outside_clock.at
    page = outside.open(slip.code)
    said = words(page)
    assert t("airgap.page", "zh", at=formats.moment(copied_at, "zh", ZONE)) in said
    assert ANSWER["facts"] in said
    assert "工资三个月没有发" in said
    token = hidden(page, "first")
    assert outside.post("/s/word", code=slip.code, first=token, word=WORD, again=WORD).is_success
    gap.outside_clock.go(hours=1)
    sent = {"code": slip.code, "rating": "not", "word": WORD, "reason": ["facts_wrong"]}
    assert outside.post("/s/rate", **sent).is_success
    gap.outside_clock.go(days=28, hours=-1)
    assert outside.post("/s/correct", code=slip.code, field="place", place="-").is_success
    assert outside.post("/s/say", code=slip.code, event="not_told").is_success
    asked_at = gap.outside_clock.at
    reply = outside.post("/s/say", code=slip.code, event="review_requested")
    assert reply.is_success, words(reply)
    late = outside.open(other.code)
    assert late.is_success

    path = gap.back()
    assert b"facts_wrong" not in path.read_bytes()
    assert slip.case_id.encode() not in path.read_bytes()
    gap.clock.at = gap.outside_clock.at + dt.timedelta(days=5)
    found = gap.take_in(path)
    assert found.lines == ()
    assert gap.take_in(path).added == 0

    assert gap.events(slip.case_id) == [
        ("confirmed", first_at, first_at),
        ("rated", first_at + dt.timedelta(hours=1), first_at + dt.timedelta(hours=1)),
        ("not_told", asked_at, asked_at),
        ("review_requested", asked_at, asked_at),
    ]
    opened = receipts.find(gap.inside, slip.code)
    assert opened is not None
    assert opened.first_opened_at == first_at
    asker.check_word(gap.inside, opened.scope, slip.case_id, WORD)
    history = reading.read_case(gap.inside, opened.scope, slip.case_id)
    assert (history.grid_code, history.body_id) == (FINE, "rv")
    rated = next(e for e in history.events if e.event == "rated")
    assert rated.words == {"reasons": "facts_wrong"}
    waiting = corrections.corrections(gap.inside, opened.scope, slip.case_id)
    assert [(c.field, c.state) for c in waiting] == [("place", "asked")]

    # the page inside, and the figures as they stood while the file was still on its way
    page_inside = words(Reader(Starlette(routes=routes(lambda: gap.inside))).open(slip.code))
    assert t("public.stage.review", "zh") in page_inside
    assert t("airgap.page", "zh", at="") not in page_inside
    table = reading.read_figures(gap.inside, SUPERVISOR, asked_at + dt.timedelta(hours=1))
    assert set(table.cases["is_confirmed"]) == {True}
    assert "review_requested" in set(table.events["event"])
    before = reading.read_figures(gap.inside, SUPERVISOR, asked_at - dt.timedelta(hours=1))
    assert "review_requested" not in set(before.events["event"])


def test_a_review_asked_for_on_the_last_day_is_in_time_however_late_the_file_comes(
    gap: Gap,
) -> None:
    slip = registered(gap.inside)
    answer(gap, slip)
    outside = gap.out()
    page = words(outside.open(slip.code))
    last = formats.day(dt.date(2026, 4, 14), "zh")
    assert last in page
    gap.outside_clock.at = dt.datetime(2026, 4, 14, 15, 59, tzinfo=dt.UTC)  # 23:59 in Shanghai
    assert outside.post("/s/say", code=slip.code, event="review_requested").is_success
    asked_at = gap.outside_clock.at
    gap.outside_clock.go(minutes=2)
    assert not outside.post("/s/say", code=slip.code, event="review_requested").is_success
    gap.clock.at = asked_at + dt.timedelta(days=5)
    inside = Reader(Starlette(routes=routes(lambda: gap.inside)))
    assert not inside.post("/s/say", code=slip.code, event="review_requested").is_success
    found = gap.take_in(gap.back())
    assert found.lines == ()
    assert ("review_requested", asked_at, asked_at) in gap.events(slip.case_id)
    # 30 days from the day on which it was asked, not from the day on which it came in
    assert formats.day(dt.date(2026, 5, 14), "zh") in words(inside.open(slip.code))


def test_of_the_copy_only_what_the_askers_pages_need_leaves(small_gap: Gap) -> None:
    slip = registered(small_gap.inside)
    office(small_gap.inside, slip.case_id, "accepted")
    openings.open_texts(small_gap.inside, LABOUR, slip.case_id)
    small_gap.out()
    copy = small_gap.copy
    assert copy is not None
    with copy.read() as conn:
        counts = {
            name: conn.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
            for name in ("account", "session", "source_ref", "filing", "score", "quarantine",
                         "area", "model", "excused_day")
        }  # fmt: skip
        assert set(counts.values()) == {0}
        assert set(conn.execute(sa.select(case_text.c.part)).scalars()) == {"summary"}
        assert set(conn.execute(sa.select(case_version.c.grid_code)).scalars()) == {None}
        seen = conn.execute(sa.select(audit_table)).mappings().all()
    assert [(row["action"], row["who"], row["at"].day) for row in seen] == [("text_opened", "", 1)]
    assert set(json.loads(small_gap.keys.read_text("utf-8"))) == {"receipt", "text", "word", "copy"}
    assert {path.stat().st_mode & 0o777 for path in (small_gap.path, small_gap.keys)} == {0o600}
    left = [path.name for path in small_gap.folder.glob("copy*") if path != small_gap.path]
    assert [name for name in left if not name.endswith(("-wal", "-shm"))] == []
    with pytest.raises(ConfigError, match="is there already"):
        copy_out(small_gap.inside, OPERATOR, small_gap.path, small_gap.folder / "other.json")
    with pytest.raises(ConfigError, match="itself a copy"):
        copy_out(copy, OPERATOR, small_gap.folder / "x.zjb", small_gap.folder / "x.json")
    with pytest.raises(NotAllowed):
        copy_out(small_gap.inside, SUPERVISOR, small_gap.folder / "x.zjb", small_gap.folder / "x")


def test_the_resident_s_process_serves_the_copy_as_it_is(small_gap: Gap) -> None:
    slip = registered(small_gap.inside)
    small_gap.out()
    app = make_app(Settings(database=f"sqlite:///{small_gap.path}", keys=small_gap.keys))
    reader = Reader(app)
    assert reader.get("/s").is_success
    assert slip.case_id in reader.open(slip.code).text
    assert reader.get("/s/ask").status_code in (303, 404)


def test_a_changed_foreign_or_early_file_is_refused_in_one_sentence(
    small_gap: Gap, tmp_path: Path
) -> None:
    slip = registered(small_gap.inside)
    small_gap.out().open(slip.code)
    path = small_gap.back()
    good = path.read_bytes()
    for changed in (good[:-9] + b"A" + good[-8:], good.replace(b"answers 1", b"answers 2"), b"x"):
        path.write_bytes(changed)
        with pytest.raises(ConfigError, match="Nothing was taken in"):
            small_gap.take_in(path)
    path.write_bytes(good)
    small_gap.clock.at -= dt.timedelta(minutes=3)
    with small_gap.inside.write() as conn:  # a server inside whose clock is behind
        conn.execute(sa.text("UPDATE last_stamp SET at = at - 600000000"))
    with pytest.raises(ConfigError, match="ahead"):
        small_gap.take_in(path)
    assert small_gap.events(slip.case_id) == []
    small_gap.clock.go(minutes=5)
    assert small_gap.take_in(path).added == 2
    other = answers.gather(small_gap.copy) if small_gap.copy else None
    assert other is not None
    forged = answers.Answers(**{**vars(other), "copy_id": "0" * 16})
    key = small_gap.inside.keys.digest("source", f"copy:{'0' * 16}")
    held = type(small_gap.inside.keys)({"copy": {1: bytes.fromhex(key)}})
    answers.write(forged, held, tmp_path / "forged.zja")
    with pytest.raises(ConfigError, match="never made"):
        small_gap.take_in(tmp_path / "forged.zja")


def test_texts_that_ended_inside_do_not_come_back(small_gap: Gap) -> None:
    slip = registered(small_gap.inside)
    answer(small_gap, slip)
    outside = small_gap.out()
    token = hidden(outside.open(slip.code), "first")
    outside.post("/s/word", code=slip.code, first=token, word=WORD, again=WORD)
    outside.post("/s/rate", code=slip.code, rating="not", word=WORD, reason=["rude"])
    small_gap.clock.go(days=1)
    with small_gap.inside.write() as conn:
        texts.destroy_key(conn, slip.case_id, small_gap.inside.stamp(conn))
    assert small_gap.take_in(small_gap.back()).lines == ()
    assert [event for event, *_ in small_gap.events(slip.case_id)] == ["confirmed", "rated"]
    with small_gap.inside.read() as conn:
        assert (
            conn.execute(sa.select(case_text).where(case_text.c.case_id == slip.case_id)).all()
            == []
        )
        assert (
            conn.execute(
                sa.select(case_version.c.grid_code).where(case_version.c.grid_code.is_not(None))
            ).all()
            == []
        )  # the place died with its key, too


def test_what_the_office_made_impossible_meanwhile_still_counts_where_it_helps(
    small_gap: Gap,
) -> None:
    slip = registered(small_gap.inside)
    answer(small_gap, slip)
    inside = Reader(Starlette(routes=routes(lambda: small_gap.inside)))
    assert inside.post("/s/say", code=slip.code, event="not_solved").is_success
    outside = small_gap.out()
    small_gap.outside_clock.go(days=2)
    assert outside.post("/s/say", code=slip.code, event="review_requested").is_success
    asked_at = small_gap.outside_clock.at
    small_gap.clock.go(days=4)
    office(small_gap.inside, slip.case_id, "answered", words=ANSWER)
    answered_at = small_gap.clock.at
    small_gap.clock.go(days=1)
    path = small_gap.back()
    found = small_gap.take_in(path)
    (line,) = found.lines
    assert (line.event, line.said_at) == ("review_requested", asked_at)
    assert line.counts_from is not None
    assert dt.timedelta(0) < line.counts_from - answered_at < dt.timedelta(seconds=1)
    assert "out_of_order" in lines(small_gap.inside, found, "en")[0]
    assert reading.read_case(small_gap.inside, _asker(slip.case_id), slip.case_id).body_id == "rv"
    assert t("public.stage.review", "zh") in words(inside.open(slip.code))
    again = small_gap.take_in(path)
    assert (again.added, again.lines) == (0, ())


def test_what_has_no_place_any_more_is_listed_noted_and_named_again(small_gap: Gap) -> None:
    slip = registered(small_gap.inside)
    outside = small_gap.out()
    inside = Reader(Starlette(routes=routes(lambda: small_gap.inside)))
    token = hidden(outside.open(slip.code), "first")
    outside.post("/s/word", code=slip.code, first=token, word=WORD, again=WORD)
    small_gap.outside_clock.go(days=2)
    sent = {"code": slip.code, "reason": "asked_twice", "word": WORD, "send": "1"}
    assert outside.post("/s/withdraw", **sent).is_success
    small_gap.clock.go(days=1)
    token = hidden(inside.open(slip.code), "first")
    inside.post("/s/word", code=slip.code, first=token, word="另一个词", again="另一个词")
    sent |= {"word": "另一个词"}
    assert inside.post("/s/withdraw", **sent).is_success
    small_gap.clock.go(days=4)
    path = small_gap.back()
    found = small_gap.take_in(path)
    (line,) = found.lines
    assert (line.event, line.counts_from) == ("withdrawal_asked", None)
    said = lines(small_gap.inside, found, "zh")[0]
    assert slip.case_id in said
    assert "out_of_order" in said
    again = small_gap.take_in(path)
    assert lines(small_gap.inside, again, "zh") == [said]
    with small_gap.inside.read() as conn:
        noted = conn.execute(
            sa.select(audit_table.c.target).where(audit_table.c.action == "answer_set_aside")
        ).all()
        in_force = conn.execute(
            sa.select(asker_word.c.set_at).where(asker_word.c.void_at.is_(None))
        ).all()
        opened = conn.execute(sa.select(receipt.c.first_opened_at)).scalar_one()
    assert len(noted) == 1
    assert len(in_force) == 1
    assert line.said_at - opened < dt.timedelta(days=2)


def test_a_later_file_of_the_same_copy_brings_only_what_is_new(small_gap: Gap) -> None:
    slip = registered(small_gap.inside)
    outside = small_gap.out()
    outside.open(slip.code)
    outside.post("/s/correct", code=slip.code, field="place", place="-")
    small_gap.clock.go(days=1)
    assert small_gap.take_in(small_gap.back("first.zja")).added == 3
    corrections.decline(small_gap.inside, DESK, slip.case_id, "place", "entered_as_asked")
    small_gap.outside_clock.go(hours=12)
    outside.post("/s/say", code=slip.code, event="not_told")
    small_gap.clock.go(days=1)
    found = small_gap.take_in(small_gap.back("second.zja"))
    assert (found.added, found.known, found.lines) == (1, 3, ())
    fresh = small_gap.out()
    assert t("airgap.page", "zh", at=formats.moment(small_gap.clock.at, "zh", ZONE)) in words(
        fresh.open(slip.code)
    )


def test_the_three_commands(small_gap: Gap, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = registered(small_gap.inside)
    keys = small_gap.folder / "inside.json"
    small_gap.inside.keys.save(keys)
    monkeypatch.setenv("ZAOJIE_KEYS", str(keys))
    monkeypatch.setenv("ZAOJIE_DATABASE", str(small_gap.inside.engine.url))
    small_gap.number = 1

    def run(*said: object) -> dict[str, object]:
        done = CliRunner().invoke(cli.app, ["residents", *map(str, said), "--json"])
        assert done.exit_code == 0, done.output
        return dict(json.loads(done.stdout))

    made = run("copy", "--out", small_gap.path, "--keys-out", small_gap.keys)
    assert made["cases"] == 1
    small_gap.copy = answers.open_copy(small_gap.path, small_gap.keys)
    copy = small_gap.copy
    Reader(Starlette(routes=routes(lambda: copy))).open(slip.code)
    path = small_gap.folder / "answers.zja"
    written = run("back", "--from", small_gap.path, "--keys", small_gap.keys, "--out", path)
    assert (written["events"], written["copy_id"]) == (1, made["copy_id"])
    taken = run("take-in", path)
    assert (taken["added"], taken["known"], taken["lines"]) == (2, 0, [])
    assert run("take-in", path)["known"] == 2
    wrong = CliRunner().invoke(cli.app, ["residents", "take-in", str(keys)])
    assert wrong.exit_code == 1
