"""What the page shows follows from the record its asker may see: every word and reason is there,
and nothing of anybody else's case, of the rating, of who looked, of a person's word."""

from __future__ import annotations

import dataclasses
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from casework.reasons import REASONS, reason_key
from casework.written import written
from data import asker, openings, places, reading, receipts, record
from data.db import Db, set_up
from data.errors import ProjectError
from data.history import NewEvent
from data.receipts import Slip, find
from data.rows import NewCase
from data.scope import Scope
from data.vocabulary import LINKED_STEPS, OFFICE_EVENTS
from public.routes import routes
from public.voice import SAID
from tests.conftest import (
    BODIES,
    COUNTY,
    DESK,
    HOUSING,
    LABOUR,
    REVIEWER,
    SUPERVISOR,
    TOWNSHIPS,
    Clock,
)  # fmt: skip
from wording import t

from .conftest import Reader, words

JUDGE = adapter.allow(load(COUNTY.pack), load_calendar("cn"), COUNTY.zone)
OFFICES = (LABOUR, HOUSING, REVIEWER, DESK)
STEPS = tuple(e for e in OFFICE_EVENTS if e not in ("registered", "erased"))
WORD, RATING_REASON = "只有我知道的词", "只有我知道的原因"


@dataclasses.dataclass
class Told:
    """What was written into one case: the words of the office, and the keys of its reasons."""

    slip: Slip
    words: list[str] = dataclasses.field(default_factory=list)
    reasons: list[str] = dataclasses.field(default_factory=list)


moves = st.lists(
    st.tuples(
        st.sampled_from((*STEPS, *SAID, "rated", "opened", "other_case")),
        st.integers(0, 40),  # hours until it
        st.integers(0, 9),  # which of its choices
    ),
    min_size=3,
    max_size=14,
)


def register(db: Db) -> Told:
    said = f"事由{secrets.token_hex(4)}"
    new = NewCase(
        "990000001000", None, db.now(), "labour", "unpaid_wages", "redress", "on_behalf",
        "ordinary", "b01", said,
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    return Told(slip, [said])


def step(db: Db, told: Told, event: str, choice: int) -> None:
    """One step of whichever office may take it now, with words nobody else writes."""
    said = {part: f"{part}{secrets.token_hex(4)}" for part in written(event).parts}
    codes = REASONS.get(event) or LINKED_STEPS.get(event) or (None,)
    code = codes[choice % len(codes)]
    to = ("b01", "b02")[choice % 2] if event == "transferred" else None
    days = 1 + choice if event == "extended" else None
    for scope in OFFICES:
        try:
            new = NewEvent(event, to_body_id=to, days=days, code=code, words=said)
            record.add_event(db, scope, told.slip.case_id, new, JUDGE)
        except ProjectError:
            continue
        told.words += said.values()
        told.reasons += [reason_key(event, code)] if event in REASONS and code else []
        return


def speak(db: Db, told: Told, event: str, choice: int) -> None:
    """What a holder of the code may say, where it may be said now."""
    opened = find(db, told.slip.code)
    assert opened is not None
    code = ("satisfied", "fairly", "not")[choice % 3] if event == "rated" else None
    said = {"reasons": RATING_REASON} if event == "rated" else None
    try:
        new = NewEvent(event, code=code, words=said)
        record.add_event(db, opened.scope, told.slip.case_id, new, JUDGE)
    except ProjectError:
        return


@pytest.fixture
def county(sqlite_db: Db) -> Db:
    set_up(sqlite_db, COUNTY)
    places.save_offices(sqlite_db, Scope.operator(), BODIES, TOWNSHIPS)
    return sqlite_db


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=moves, language=st.sampled_from(("zh", "en")))
def test_the_page_is_what_the_record_says_to_its_asker(
    county: Db, clock: Clock, story: list[tuple[str, int, int]], language: str
) -> None:
    db = county  # one record for all examples: its time only goes on
    mine, other = register(db), register(db)
    reader = Reader(Starlette(routes=routes(lambda: db)))
    reader.open(mine.slip.code)
    opened = find(db, mine.slip.code)
    assert opened is not None
    asker.set_word(db, opened, WORD, JUDGE)
    for event, hours, choice in story:
        clock.go(hours=hours, minutes=1)
        if event == "opened":
            with_reason = f"督办{secrets.token_hex(4)}"
            openings.open_texts(db, SUPERVISOR, mine.slip.case_id, with_reason)
            if not reading.read_case(db, SUPERVISOR, mine.slip.case_id).is_disowned:
                mine.words.append(with_reason)
        elif event == "other_case":
            step(db, other, STEPS[choice], choice)
        elif event in STEPS:
            step(db, mine, event, choice)
        else:
            speak(db, mine, event, choice)
    clock.go(minutes=1)
    page = reader.open(mine.slip.code, lang=language)
    shown = words(page)

    history = reading.read_case(db, opened.scope, mine.slip.case_id)
    if history.is_disowned:
        assert mine.words[0] not in shown
    else:
        assert [said for said in mine.words if said not in shown] == []
    assert [key for key in mine.reasons if t(key, language) not in shown] == []
    names = {t(f"words.event.{e.event}", language) for e in history.events if e.actor == "office"}
    assert [name for name in names if name not in shown] == []

    # nothing of the other case, though it lies in the same tables
    assert other.slip.case_id not in page.text
    assert [said for said in other.words if said in page.text] == []
    # nothing that a copied code could tell, and nobody who works in an office
    assert WORD not in page.text
    assert RATING_REASON not in page.text
    assert not any(scope.who in page.text for scope in (*OFFICES, SUPERVISOR))
    assert page.text.count(mine.slip.code) == page.text.count(f'value="{mine.slip.code}"')
    assert receipts.slip_tag(db, mine.slip.code) not in page.text

    # and the same record makes the same page
    assert words(reader.open(mine.slip.code, lang=language)) == shown
