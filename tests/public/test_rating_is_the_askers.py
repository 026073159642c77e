"""A body sees that it was called "not solved", never the rating of a case (DOMAIN.md §10)."""

from __future__ import annotations

from data import openings, reading
from data.db import Db
from data.receipts import Slip
from data.scope import Scope

from .conftest import LABOUR, Reader, office

WORD = "青山绿水"


def test_no_member_of_staff_reads_the_rating_of_a_case(
    reader: Reader, county: Db, answered: Slip
) -> None:
    reader.post("/s/word", code=answered.code, word=WORD, again=WORD)
    sent = reader.post("/s/rate", code=answered.code, rating="not", reason="rude", word=WORD)
    assert sent.status_code == 200
    reader.post("/s/say", code=answered.code, event="not_solved")

    supervisor = Scope(who="super", role="supervisor")
    for scope, reason in ((LABOUR, None), (supervisor, "核对")):
        plain = [e.event for e in reading.read_case(county, scope, answered.case_id).events]
        summary, history = openings.open_texts(county, scope, answered.case_id, reason)
        assert plain == [e.event for e in history.events]
        assert "rated" not in plain
        assert "not_solved" in plain
        assert summary is not None
        answer = next(e for e in history.events if e.event == "answered")
        assert answer.words is not None
        assert answer.words["facts"] == "查明欠薪三个月。"
        events = reading.read_worklist(county, scope, county.now()).events
        assert "not_solved" in set(events["event"])
        assert "rated" not in set(events["event"])

    figures = reading.read_figures(county, supervisor, county.now()).events
    assert list(figures.loc[figures["event"] == "rated", "code"]) == ["not"]


def test_after_a_rating_the_office_can_still_work_on_the_case(
    reader: Reader, county: Db, answered: Slip
) -> None:
    reader.post("/s/word", code=answered.code, word=WORD, again=WORD)
    reader.post("/s/rate", code=answered.code, rating="not", word=WORD)
    office(county, answered.case_id, "delivered")
    assert reading.read_case(county, LABOUR, answered.case_id).has("delivered")
