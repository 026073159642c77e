"""DOMAIN.md §2.1: a case exists because someone asked."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from data import bulk, receipts, record
from data.db import Db
from data.errors import NotAllowed
from data.history import NewEvent
from data.openings import open_texts
from data.reading import read_case, read_figures, read_summary
from data.receipts import Slip
from data.schema import case_text, case_version
from data.scope import Scope
from data.vocabulary import CONFIRMED_CHANNELS, KINDS
from service import voice
from service.export import case_table
from tests.conftest import DESK, LABOUR, SUPERVISOR
from tests.public.conftest import Reader, hidden, words
from wording import t

from .conftest import GRIDS, TOWNS, anything, cases, events
from .looking import map_bytes

OPERATOR = Scope.operator()


def confirmed_rows() -> list[dict[str, object]]:
    """Two grids with figures of their own, one with too few, some cases without a grid."""
    places = [GRIDS[0]] * 14 + [GRIDS[1]] * 4 + [GRIDS[3]] * 12
    rows: list[dict[str, object]] = [
        {"grid_code": grid, "township_code": TOWNS[GRIDS.index(grid) // 3]} for grid in places
    ]
    return rows + [{"grid_code": None, "township_code": TOWNS[1]}] * 3


def unconfirmed_rows() -> list[dict[str, object]]:
    return [
        {"grid_code": grid, "township_code": TOWNS[GRIDS.index(grid) // 3], "body_id": body}
        for grid in GRIDS
        for body in ("b01", "b02")
        for _ in range(11)
    ]


def fill(db: Db, *, with_unconfirmed: bool) -> Db:
    asked = confirmed_rows()
    frame = cases([*asked, *(unconfirmed_rows() if with_unconfirmed else [])])
    which: dict[int, list[tuple[str, float]]] = {
        case: [("confirmed", 0.5), ("accepted", 1.0)] + ([("answered", 9.0)] if case % 3 else [])
        for case in range(len(asked))
    }
    for case in range(len(asked), len(frame)):
        which[case] = [("accepted", 2.0)] + ([("answered", 5.0)] if case % 2 else [])
    bulk.take_over(db, OPERATOR, frame, events(frame, which), source_name="county.csv")
    return db


def test_without_all_unconfirmed_cases_every_map_is_the_same_to_the_byte(another) -> None:
    all_cases = fill(another("demo"), with_unconfirmed=True)
    only_confirmed = fill(another("demo"), with_unconfirmed=False)
    now = all_cases.now()
    assert len(read_figures(all_cases, SUPERVISOR, now).cases) > len(
        read_figures(only_confirmed, SUPERVISOR, now).cases
    )
    assert map_bytes(all_cases) == map_bytes(only_confirmed)


def test_the_maps_compared_here_do_move_when_a_confirmed_case_goes(another) -> None:
    one, other = another("demo"), another("demo")
    frame = cases(confirmed_rows())
    which: dict[int, list[tuple[str, float]]] = {n: [("confirmed", 0.5)] for n in range(len(frame))}
    bulk.take_over(one, OPERATOR, frame, events(frame, which), source_name="a.csv")
    part = frame.iloc[1:]
    bulk.take_over(other, OPERATOR, part, events(part, which), source_name="a.csv")
    assert map_bytes(one) != map_bytes(other)


def test_without_all_unconfirmed_cases_the_models_rows_are_the_same(another) -> None:
    all_cases = fill(another("demo"), with_unconfirmed=True)
    only_confirmed = fill(another("demo"), with_unconfirmed=False)
    whole = case_table(all_cases, OPERATOR, all_cases.now(), seed=7)
    part = case_table(only_confirmed, OPERATOR, only_confirmed.now(), seed=7)
    assert whole.left_out["unconfirmed"] == len(unconfirmed_rows())
    assert len(part.table) > 0
    pd.testing.assert_frame_equal(whole.table, part.table)


@pytest.mark.parametrize("channel", ["desk", "letter", "phone", "on_behalf", "one_stop"])
def test_what_staff_typed_in_has_no_place_finer_than_the_township_until_the_code_was_used(
    county: Db, new_case, channel: str
) -> None:
    made = record.register(county, DESK, new_case(channel=channel))
    assert made.slip is not None
    with county.read() as conn:
        assert conn.execute(sa.select(case_version.c.grid_code)).scalars().all() == [None]
    case = read_case(county, LABOUR, made.case_id)
    assert (case.body_id, case.township_code, case.grid_code) == ("b01", TOWNS[0], None)
    opened = receipts.find(county, made.slip.code)
    assert opened is not None
    record.confirm(county, opened.scope, opened)
    assert read_case(county, LABOUR, made.case_id).grid_code == GRIDS[0]


def test_only_the_askers_own_doors_need_no_code() -> None:
    assert CONFIRMED_CHANNELS == ("online", "hotline")


def test_there_is_no_kind_of_record_for_what_nobody_asked() -> None:
    assert KINDS == ("redress", "suggestion")


def test_every_desks_share_of_receipts_never_used_is_there(county: Db, new_case) -> None:
    slips = [record.register(county, DESK, new_case()).slip for _ in range(3)]
    opened = receipts.find(county, slips[0].code)  # type: ignore[union-attr]
    assert opened is not None
    record.confirm(county, opened.scope, opened)
    assert receipts.use_by_desk(county, SUPERVISOR) == {"t01": (1, 3)}


def disown(county: Db, slip: Slip, reader: Reader) -> None:
    first = hidden(reader.open(slip.code), "first")
    reply = reader.post("/s/say", code=slip.code, event="disowned", first=first)
    assert reply.status_code == 200


def test_who_did_not_ask_says_so_and_the_text_is_hidden_from_everybody_at_once(
    county: Db, slip: Slip, reader: Reader
) -> None:
    disown(county, slip, reader)
    assert "工资未发" not in words(reader.open(slip.code))
    summary, history = open_texts(county, LABOUR, slip.case_id)
    assert summary is None
    assert all(event.words is None for event in history.events)
    summary, _ = open_texts(county, SUPERVISOR, slip.case_id, reason="核查")
    assert summary is None
    opened = receipts.find(county, slip.code)
    assert opened is not None
    assert read_summary(county, opened.scope, slip.case_id) is None


def test_a_disowned_case_stays_in_every_denominator_and_can_be_undone(
    county: Db, slip: Slip, reader: Reader
) -> None:
    disown(county, slip, reader)
    assert len(read_figures(county, SUPERVISOR, county.now()).cases) == 1
    reader.post("/s/say", code=slip.code, event="confirmed")
    assert "工资未发" in words(reader.open(slip.code))


def test_only_the_first_opening_offers_it_and_a_reissued_code_never_does(
    county: Db, slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    with county.write() as conn:
        again = receipts.issue(
            conn=conn, db=county, case_id=slip.case_id, desk="t01", at=county.now(), reissued=True
        )
    page = reader.open(again.code)
    assert 'value="disowned"' not in page.text
    for first in (hidden(page, "first"), ""):
        reply = reader.post("/s/say", code=again.code, event="disowned", first=first)
        assert reply.status_code == 400
    assert not read_case(county, LABOUR, slip.case_id).is_disowned
    clock.go(hours=2)
    late = reader.post("/s/say", code=slip.code, event="disowned", first="0" * 32)
    assert late.status_code == 400
    assert t("public.error.not_now", "zh") in late.text


def test_nobody_but_the_asker_can_say_it(county: Db, slip: Slip) -> None:
    for scope in (LABOUR, DESK, SUPERVISOR):
        with pytest.raises(NotAllowed):
            record.add_event(county, scope, slip.case_id, NewEvent("disowned"), anything)


def test_the_place_of_an_unconfirmed_case_lies_sealed(county: Db, new_case) -> None:
    record.register(county, DESK, new_case())
    with county.read() as conn:
        parts = conn.execute(sa.select(case_text.c.part)).scalars().all()
    assert sorted(parts) == ["place", "summary"]
    assert voice.DISOWN_UNDO_DAYS == 15
