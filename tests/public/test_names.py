"""Names of offices are kept for a minute and then read again."""

from __future__ import annotations

import sqlalchemy as sa

from data.db import Db
from data.schema import body
from public.names import KEPT_SECONDS, NamesKept


def test_a_renamed_office_shows_its_new_name_after_a_minute(county: Db) -> None:
    now = 0.0
    names = NamesKept(lambda: now)
    assert names.of(county, "zh").body("b01") == "人社局"
    with county.write() as conn:
        conn.execute(sa.update(body).where(body.c.body_id == "b01").values(name_zh="人力局"))
    now = KEPT_SECONDS - 1
    assert names.of(county, "zh").body("b01") == "人社局"
    now = KEPT_SECONDS
    assert names.of(county, "zh").body("b01") == "人力局"
    assert names.of(county, "en").body("b01") == "Labour Bureau"


def test_an_id_nobody_named_stands_for_itself(county: Db) -> None:
    names = NamesKept().of(county, "en")
    assert names.body("b99") == "b99"
    assert names.body(None) is None
