"""The page of machines: a token is shown once, ended by hand, and what is wrong is said."""

from __future__ import annotations

import pytest

from data.machines import machine_of, read_tokens
from tests.conftest import ADMINISTRATOR
from tests.pages.conftest import text_of
from ui import lists
from wording import t


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_token_is_made_shown_once_and_ended(
    open_page, county, language: str, monkeypatch
) -> None:
    page = open_page("machines", "administrator", language)
    assert t("machines.page.empty", language) in [box.value for box in page.info]
    page.text_input(key="token_label").set_value("12345")
    page.selectbox(key="token_desk").set_value("t01")
    page.number_input(key="token_days").set_value(30)
    page.button(key="token_make").click().run()
    assert not page.exception
    [shown] = page.code
    machine = machine_of(county, shown.value, "api")
    assert machine is not None
    assert (machine.channel, machine.scope.desk) == ("hotline", "t01")
    page.run()
    assert not page.code
    assert shown.value not in text_of(page)
    assert not [one for one in page.button if (one.key or "").startswith("token_end")]
    monkeypatch.setattr(lists, "selected", lambda event: [0])
    page.run()
    page.button(key=f"token_end_{machine.token_id}").click().run()
    assert machine_of(county, shown.value, "api") is not None
    assert t("machines.page.end_question", language, label="12345") in text_of(page)
    page.button(key=f"token_end_{machine.token_id}_yes").click().run()
    assert not page.exception
    assert machine_of(county, shown.value, "api") is None
    assert t("machines.state.ended", language) in text_of(page)
    assert list(page.dataframe[0].value["state"]) == [f"× {t('machines.state.ended', language)}"]


def test_what_is_missing_is_said_and_makes_nothing(open_page, county) -> None:
    page = open_page("machines", "administrator")
    page.button(key="token_make").click().run()
    assert [box.value for box in page.error] == [t("machines.error.label", "zh")]
    assert read_tokens(county, ADMINISTRATOR) == []
