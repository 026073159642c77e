"""A reception booked by code: sessions, capacity, cancelling, undoing; what the office changes."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from data import appointments, receipts, roster
from data.db import Db, make_engine
from data.errors import NotAllowed, ProjectError
from data.receipts import Slip
from data.roster import NewLine
from data.schema import appointment
from data.scope import Scope
from public.routes import routes
from service import receptions
from tests.conftest import DESK, SUPERVISOR, Clock
from wording import t

from .conftest import Reader, register, words

DAY = dt.date(2026, 3, 16)
LINE = NewLine(DAY, "09:00", "11:00", "county_head", None, "接待大厅", 4)
WORD = "青山绿水"


def zh(key: str, **values: object) -> str:
    return t(f"reception.{key}", "zh", **values)


def with_(**changed: object) -> NewLine:
    return NewLine(**({**vars(LINE)} | changed))  # type: ignore[arg-type]


def add(db: Db, *lines: NewLine) -> list[int]:
    roster.add(db, SUPERVISOR, lines)
    found = roster.read(db, Scope.public(), dt.date(2026, 3, 1), dt.date(2026, 5, 1))
    return [line.line_id for line in found]


def own(slip: Slip) -> Scope:
    return Scope(slip.case_id, "resident")


def book(db: Db, slip: Slip, line_id: int) -> appointments.Appointment:
    return receptions.book(db, own(slip), slip.case_id, line_id)


def rows(db: Db) -> list[tuple[str, str, int, int]]:
    a = appointment.c
    with db.read() as conn:
        query = sa.select(a.case_id, a.event, a.roster_id, a.slot).order_by(a.id)
        return [tuple(row) for row in conn.execute(query)]  # type: ignore[misc]


# the pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_asker_books_cancels_with_the_word_and_takes_it_back(
    reader: Reader, county: Db, slip: Slip, language: str
) -> None:
    (line,) = add(county, LINE)

    def says(key: str, **values: object) -> str:
        return t(f"reception.{key}", language, **values)

    def send(**fields: str) -> str:
        reply = reader.post("/s/appointment", code=slip.code, lang=language, **fields)
        assert reply.status_code == 200, words(reply)
        return words(reply)

    assert says("asker.pick") in send()
    shown = send(do="book", line=str(line))
    assert says("done.book") in shown
    assert "09:00–11:00" in shown
    page = words(reader.open(slip.code, lang=language))
    assert says("asker.title") in page
    assert says("asker.closed") in page
    assert says("asker.needs_word") in send()
    reader.post("/s/word", code=slip.code, word=WORD, again=WORD)
    refused = reader.post("/s/appointment", code=slip.code, lang=language, do="cancel", word="x")
    assert refused.status_code == 400
    assert t("data.error.wrong_word", language) in words(refused)
    assert says("done.cancel") in send(do="cancel", word=WORD)
    assert says("asker.pick") in send(), "may book again"
    assert says("done.undo") in send(do="undo")
    (first, cancelled, again) = rows(county)
    assert [one[1] for one in (first, cancelled, again)] == ["booked", "cancelled", "booked"]
    assert first[2:] == cancelled[2:] == again[2:]


def test_the_empty_list_and_every_error_are_said(reader: Reader, county: Db, slip: Slip) -> None:
    def refused(key: str, **fields: str) -> None:
        reply = reader.post("/s/appointment", code=slip.code, **fields)
        assert reply.status_code == 400
        assert zh(f"error.{key}") in words(reply), key

    assert zh("asker.none") in words(reader.post("/s/appointment", code=slip.code))
    refused("pick", do="book")
    refused("not_bookable", do="book", line="1")
    refused("no_undo", do="undo")
    (line,) = add(county, LINE)
    book(county, slip, line)
    refused("one_stands", do="book", line=str(line))
    unknown = reader.post("/s/appointment", code="2222-2222-2222-2222-2")
    assert unknown.status_code in (400, 404)
    assert zh("asker.title") not in words(unknown)
    assert reader.get("/s/appointment").status_code == 303


def test_a_session_is_offered_only_where_the_case_belongs_and_in_time(
    county: Db, slip: Slip, clock: Clock
) -> None:
    near = dt.date(2026, 3, 9)
    ids = add(
        county, LINE, with_(day=near), with_(day=dt.date(2026, 3, 10)),  # four and five days ahead
        with_(day=dt.date(2026, 3, 17), slots=2),  # that it is full would tell of two
        with_(day=dt.date(2026, 3, 18), body_id="b01", post="department_head"),
        with_(day=dt.date(2026, 3, 18), body_id="b02", post="department_head"),
        with_(day=dt.date(2026, 3, 19), body_id="t01", post="township_head"),
        with_(day=dt.date(2026, 3, 20), sits=("b01", "b02")),
        with_(day=dt.date(2026, 3, 20), sits=("b02", "t02"), starts="10:00"),
        with_(day=dt.date(2026, 5, 6)),  # not public yet
    )  # fmt: skip
    found = receptions.offered(county, own(slip), slip.case_id)
    said = [(line.day.day, line.body_id, line.sits) for line in found]
    assert said == [
        (10, None, ()), (16, None, ()), (18, "b01", ()), (19, "t01", ()),
        (20, None, ("b01", "b02")),
    ]  # fmt: skip
    for line_id in set(ids) - {line.line_id for line in found}:
        with pytest.raises(NotAllowed, match="no longer"):
            book(county, slip, line_id)


def test_no_page_says_how_many_come(reader: Reader, county: Db, slip: Slip) -> None:
    """The page of somebody else, and the open roster, stay the same until a session is full."""
    (line,) = add(county, LINE)
    other = register(county)
    reader.open(other.code)
    paths = ("/s/roster", "/s/roster.csv", "/s/roster.json")
    before = reader.post("/s/appointment", code=other.code).text
    public = [reader.get(path).text for path in paths]
    for _ in range(3):
        book(county, register(county), line)
    assert reader.post("/s/appointment", code=other.code).text == before
    book(county, slip, line)
    assert [reader.get(path).text for path in paths] == public
    full = reader.post("/s/appointment", code=other.code)
    assert zh("asker.none") in words(full)
    with pytest.raises(NotAllowed, match="last place"):
        book(county, other, line)


def test_places_are_drawn_by_chance(county: Db) -> None:
    (line,) = add(county, with_(slots=99))
    drawn = [book(county, register(county), line).slot for _ in range(6)]
    assert len(set(drawn)) == 6
    assert drawn != [1, 2, 3, 4, 5, 6]


def test_a_session_that_is_changed_or_called_off_is_told_and_nothing_is_lost(
    reader: Reader, county: Db, slip: Slip
) -> None:
    (line,) = add(county, LINE)
    place = book(county, slip, line).slot
    roster.change(county, SUPERVISOR, line, with_(starts="14:00", ends="16:00", slots=1))
    assert zh("asker.changed_closed") in words(reader.open(slip.code))
    reader.post("/s/word", code=slip.code, word=WORD, again=WORD)
    page = words(reader.post("/s/appointment", code=slip.code, do="show", word=WORD))
    assert zh("asker.changed") in page
    assert "14:00–16:00" in page
    changed = appointments.stands(county, own(slip), slip.case_id)
    assert changed is not None
    assert (changed.state, changed.slot) == ("booked", place)
    roster.cancel(county, SUPERVISOR, changed.line.line_id)
    assert zh("asker.called_off") in words(reader.open(slip.code))
    anew = add(county, with_(day=dt.date(2026, 3, 23)))[-1]
    assert book(county, slip, anew).state == "booked"


def test_a_cancelled_place_is_kept_three_days_and_then_given_on(
    county: Db, clock: Clock, slip: Slip
) -> None:
    (line,) = add(county, with_(slots=3, day=dt.date(2026, 3, 30)))
    opened = receipts.find(county, slip.code)
    assert opened is not None
    book(county, slip, line)
    others = [register(county) for _ in range(3)]
    for other in others[:2]:
        book(county, other, line)
    appointments.cancel(county, opened)
    with pytest.raises(NotAllowed, match="last place"):
        book(county, others[2], line)
    clock.go(days=3, minutes=1)
    late = register(county)  # the stamp goes forward
    book(county, others[2], line)
    with pytest.raises(NotAllowed, match="taken back"):
        appointments.undo(county, own(slip), slip.case_id)
    assert late.case_id


def test_a_reissued_code_books_but_does_not_cancel_for_seven_days(
    reader: Reader, county: Db, slip: Slip, clock: Clock
) -> None:
    (line,) = add(county, with_(day=dt.date(2026, 3, 30)))
    reader.open(slip.code)
    reader.post("/s/word", code=slip.code, word=WORD, again=WORD)
    code = receipts.reissue(county, DESK, slip.case_id).code
    assert reader.post("/s/appointment", code=code, do="book", line=str(line)).status_code == 200
    sent = {"code": code, "do": "cancel", "word": WORD}
    assert zh("error.reissued_waits") in words(reader.post("/s/appointment", **sent))
    clock.go(days=7, minutes=1)
    assert reader.post("/s/appointment", **sent).status_code == 200


def test_a_disowned_or_withdrawn_case_books_nothing(reader: Reader, county: Db, slip: Slip) -> None:
    (line,) = add(county, LINE)
    first = reader.open(slip.code).text.split('name="first" value="')[1].split('"')[0]
    reader.post("/s/say", code=slip.code, event="disowned", first=first)
    reply = reader.post("/s/appointment", code=slip.code, do="book", line=str(line))
    assert zh("error.not_of_this_case") in words(reply)
    assert rows(county) == []


def test_a_copied_code_without_the_word_shows_neither_day_nor_place(
    reader: Reader, county: Db, slip: Slip
) -> None:
    """The desk that made the slip has seen the code, and may be the body's own."""
    (line,) = add(county, with_(day=dt.date(2026, 3, 30), place="二号窗口"))
    book(county, slip, line)
    reader.open(slip.code)
    for set_before in (False, True):
        if set_before:
            reader.post("/s/word", code=slip.code, word=WORD, again=WORD)
        for reply in (
            reader.open(slip.code),
            reader.post("/s/appointment", code=slip.code),
            reader.post("/s/appointment", code=slip.code, do="show", word="猜一个"),
        ):
            assert zh("asker.closed") in words(reply)
            for secret in ("3月30日", "09:00–11:00", "二号窗口"):
                assert secret not in words(reply)
    opened = words(reader.post("/s/appointment", code=slip.code, do="show", word=WORD))
    assert "3月30日" in opened
    assert "二号窗口" in opened


# capacity ----------------------------------------------------------------------------------------


def test_a_place_is_given_once_however_many_ask_at_once(
    db: Db, small_county: Callable[[Db], Db]
) -> None:
    """On SQLite and PostgreSQL, through engines of their own, as processes beside one another
    have them: only the database keeps them apart."""
    county = small_county(db)
    (line,) = add(county, with_(slots=3))
    slips = [register(county) for _ in range(8)]
    url = db.engine.url.render_as_string(hide_password=False)
    processes = [Db(make_engine(url), db.keys, db.now) for _ in slips]
    outcome: list[str] = []
    together = threading.Barrier(len(slips))

    def go(slip: Slip, own_db: Db) -> None:
        together.wait()
        try:
            book(own_db, slip, line)
            outcome.append("booked")
        except ProjectError as err:
            outcome.append(err.key)

    threads = [
        threading.Thread(target=go, args=pair) for pair in zip(slips, processes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.engine.dispose()
    assert sorted(outcome) == ["booked"] * 3 + ["reception.error.full"] * 5
    assert sorted(slot for *_, slot in rows(county)) == [1, 2, 3]


def test_a_copy_outside_says_that_booking_needs_the_connected_page(county: Db, slip: Slip) -> None:
    (line,) = add(county, LINE)
    book(county, slip, line)
    before = rows(county)
    first = Reader(Starlette(routes=routes(lambda: county)))
    first.post("/s/word", code=slip.code, word=WORD, again=WORD)
    with county.engine.begin() as conn:
        conn.execute(
            sa.text("INSERT INTO meta (key, value) VALUES ('copied_at', :at)"),
            {"at": county.now().isoformat()},
        )
    reader = Reader(Starlette(routes=routes(lambda: county)))
    said = words(reader.post("/s/appointment", code=slip.code))
    assert zh("error.copy") in said
    assert zh("asker.cancel") not in said
    shown = words(reader.post("/s/appointment", code=slip.code, do="show", word=WORD))
    assert "09:00–11:00" in shown, "what was booked inside is shown"
    for sent in ({"do": "cancel", "word": WORD}, {"do": "undo"}, {"do": "book", "line": "1"}):
        refused = reader.post("/s/appointment", code=slip.code, **sent)
        assert refused.status_code == 400
        assert zh("error.copy") in words(refused)
    assert rows(county) == before
