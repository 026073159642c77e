"""Texts, dates and numbers of a resident's page as its language writes them, all escaped."""

from __future__ import annotations

import datetime as dt

import pytest

from public.templating import pages_in
from wording import formats, t

MOMENT = dt.datetime(2026, 3, 5, 18, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_call_gives_what_the_function_gives(language: str) -> None:
    page = pages_in(language, "Asia/Shanghai").from_string(
        "{{ t('site') }}|{{ t('steps.%s' % key) }}|{{ t('limit.silent', days=23) }}"
        "|{{ word('words.event.answered') }}|{{ day(at.date(), True) }}|{{ moment(at) }}"
        "|{{ month('2026-03') }}|{{ number(1234) }}|{{ has('site') }}|{{ has('no such') }}"
        "{% macro of(t) %}|{{ t('site') }}{% endmacro %}{{ of(t) }}"
    )
    assert page.render(at=MOMENT, key="you").split("|") == [
        t("public.site", language),
        t("public.steps.you", language),
        t("public.limit.silent", language, days=23),
        t("words.event.answered", language),
        formats.day(MOMENT.date(), language, True),
        formats.moment(MOMENT, language, "Asia/Shanghai"),
        formats.month(MOMENT.date(), language),
        "1,234",
        "True",
        "False",
        t("public.site", language),
    ]


def test_what_comes_from_outside_is_escaped_in_and_beside_a_text() -> None:
    page = pages_in("zh", "UTC").from_string("{{ t('steps.to', body=body) }}{{ body }}")
    assert "<b>" not in page.render(body="<b>")
    assert page.render(body="<b>").count("&lt;b&gt;") == 2


def test_a_text_nobody_wrote_is_refused() -> None:
    page = pages_in("zh", "UTC").from_string("{{ t('no such text') }}")
    with pytest.raises(LookupError):
        page.render()
