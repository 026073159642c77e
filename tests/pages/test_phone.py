"""The phone form by its routes: who may, what is asked, what is stored, what a second tap does."""

from __future__ import annotations

import datetime as dt
import re

import httpx
import pytest

from data import accounts, places, receipts, record
from data.db import Db
from data.fields import BY_NAME
from data.reading import read_case, read_summary
from data.scope import Scope
from tests.conftest import Clock
from tests.pages.conftest import OFFICES
from tests.rules.conftest import GRIDS, TOWNS, layer
from ui.guard import COOKIE
from wording import formats, t

from .test_routes import SAME, Client

CODE = re.compile(r'<p class="code">([^<]+)</p>')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
TEXT = "我叫王小明，电话13812345678，工地欠我三个月工资。"
VILLAGE = GRIDS[0][:12]
WHAT = {
    "at": "what", "to": "said", "asked": "yes", "asked_how": "in_person",
    "category": "unpaid_wages", "place": VILLAGE,
}  # fmt: skip


class Phone(Client):
    """A browser on the phone form: carries hidden fields from page to page."""

    def go(self, language: str = "zh", **said: str) -> httpx.Response:
        return self.post(f"/phone?lang={language}", data=said, headers=SAME)

    def on(self, answer: httpx.Response, **said: str) -> httpx.Response:
        return self.go(**{**dict(HIDDEN.findall(answer.text)), **said})

    def whole(self, **what: str) -> httpx.Response:
        """The page of the check, everything said."""
        said = self.go(**{**WHAT, **what})
        return self.on(said, to="check", grid="1", kind="redress", text=TEXT)


@pytest.fixture
def phone(county: Db) -> Phone:
    places.save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))
    made = Phone()
    enter(made, county, "grid_worker")
    return made


def enter(client: Client, county: Db, role: str) -> None:
    client.cookies.clear()
    client.cookies.set(COOKIE, accounts.demo_sign_in(county, role, OFFICES.get(role)))


def code_of(answer: httpx.Response) -> str:
    found = CODE.search(answer.text)
    assert found is not None, answer.text
    return found[1]


def test_from_the_form_to_the_receipt(phone: Phone, county: Db) -> None:
    checked = phone.whole()
    assert t("intake.mark.phone", "zh") in checked.text
    assert t("intake.mark.name", "zh") in checked.text
    assert t("phone.removed", "zh") in checked.text
    assert "13812345678" not in checked.text.split('name="text"')[0]
    answer = phone.on(checked, to="send")
    opened = receipts.find(county, code_of(answer))
    assert opened is not None
    summary = read_summary(county, opened.scope, opened.case_id)
    assert summary is not None
    assert "13812345678" not in summary
    assert "工地欠我三个月工资" in summary
    case = read_case(county, opened.scope, opened.case_id)
    assert (case.channel, case.category, case.desk) == ("on_behalf", "unpaid_wages", "t01")
    assert case.events[0].code == "in_person"
    assert answer.headers["cache-control"] == "no-store"


def test_nobody_else_gets_in(phone: Phone, county: Db) -> None:
    for role in ("supervisor", "leader", "administrator", "department_clerk"):
        enter(phone, county, role)
        assert phone.get("/phone").status_code == 403
        assert phone.go(**WHAT).status_code == 403
    phone.cookies.clear()
    assert phone.get("/phone").headers["location"].startswith("/sign-in")
    assert phone.go(**WHAT).headers["location"].startswith("/sign-in")
    enter(phone, county, "grid_worker")
    assert (
        phone.post("/phone", data=WHAT, headers={"origin": "http://elsewhere"}).status_code == 403
    )


def test_a_form_that_comes_after_its_session_is_told_so(
    phone: Phone, county: Db, clock: Clock
) -> None:
    enter(phone, county, "grid_worker")
    clock.go(minutes=31)
    page = phone.get(phone.go(**WHAT).headers["location"])
    assert t("states.over_undone", "zh") in page.text
    assert t("states.over_undone", "zh") not in phone.get("/sign-in").text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("what", "key"),
    [({"asked": "no"}, "intake.row.not_asked"), ({"asked": ""}, None), ({"asked_how": ""}, None),
     ({"category": "nonsense"}, None)],
)  # fmt: skip
def test_what_is_missing_is_said_on_its_page_and_nothing_is_stored(
    phone: Phone, county: Db, language: str, what: dict[str, str], key: str | None
) -> None:
    answer = phone.go(language, **{**WHAT, **what})
    assert answer.status_code == 400
    assert 'class="wrong"' in answer.text
    if key:
        assert t(key, language) in answer.text
    assert receipts.use_by_desk(county, Scope.operator()) == {}


def test_a_second_tap_and_a_lost_reply_make_one_case_and_another_code(
    phone: Phone, county: Db, clock: Clock
) -> None:
    checked = phone.whole()
    first = phone.on(checked, to="send")
    clock.go(seconds=20)
    second = phone.on(checked, to="send")
    one, two = (receipts.find(county, code_of(a)) for a in (first, second))
    assert one is not None
    assert two is not None
    assert one.case_id == two.case_id
    assert code_of(first) != code_of(second)
    assert t("register.slip.again", "zh") in second.text
    record.confirm(county, one.scope, one)
    third = phone.on(checked, to="send")
    assert CODE.search(third.text) is None
    assert t("phone.already", "zh") in third.text
    assert receipts.use_by_desk(county, Scope.operator()) == {"t01": (1, 1)}


def test_a_token_of_ones_own_making_is_not_kept(phone: Phone) -> None:
    answer = phone.go(**WHAT, token="0" * 32 + "-" + "0" * 24)
    assert dict(HIDDEN.findall(answer.text))["token"] != "0" * 32 + "-" + "0" * 24


def test_a_place_of_another_township_is_not_taken(phone: Phone) -> None:
    for place in (GRIDS[3][:12], TOWNS[1], "nowhere"):
        assert phone.go(**{**WHAT, "place": place}).status_code == 400


def test_the_phones_position_finds_the_grid_and_is_forgotten(phone: Phone, county: Db) -> None:
    said = phone.go(**{**WHAT, "place": "", "spot": "120.15,29.05"})
    fields = dict(HIDDEN.findall(said.text))
    assert fields["place"] == VILLAGE
    assert '<option value="1" selected>' in said.text
    assert "120.15" not in said.text
    elsewhere = phone.go(**{**WHAT, "place": "", "spot": "120.15,29.15"})
    assert elsewhere.status_code == 400
    assert t("intake.row.other_township", "zh") in elsewhere.text
    assert phone.go(**{**WHAT, "place": "", "spot": "<x>"}).status_code == 400


@pytest.mark.parametrize(
    ("language", "words", "category"),
    [("zh", "暖气不热", "heating"), ("en", "cold radiators", "heating")],
)
def test_words_suggest_a_category_and_choose_none(
    phone: Phone, language: str, words: str, category: str
) -> None:
    answer = phone.go(language, at="what", to="what", find=words)
    assert f'name="category" value="{category}">' in answer.text
    assert (
        "checked>"
        not in answer.text.split(t("phone.suggested", language))[1].split("</fieldset>")[0]
    )


def test_a_family_matter_is_asked_no_place_below_the_township(phone: Phone, county: Db) -> None:
    said = phone.go(**{**WHAT, "category": "family"})
    assert t("register.form.no_place", "zh") in said.text
    checked = phone.on(said, to="check", grid="1", kind="redress", text="希望调解赡养的事情。")
    opened = receipts.find(county, code_of(phone.on(checked, to="send")))
    assert opened is not None
    assert read_case(county, opened.scope, opened.case_id).grid_code is None


def test_a_clerk_chooses_the_channel_and_needs_no_consent_at_the_desk(
    phone: Phone, county: Db
) -> None:
    enter(phone, county, "township_clerk")
    answer = phone.on(phone.whole(channel="desk", asked="", asked_how=""), to="send")
    opened = receipts.find(county, code_of(answer))
    assert opened is not None
    assert read_case(county, opened.scope, opened.case_id).channel == "desk"


def test_the_pdf_is_of_the_code_and_of_nothing_else(phone: Phone) -> None:
    code = code_of(phone.on(phone.whole(), to="send"))
    made = phone.post("/phone/receipt.pdf", data={"code": code}, headers=SAME)
    assert made.content.startswith(b"%PDF")
    for wrong in ("", "nonsense", receipts.shown(receipts.new_code())):
        answer = phone.post("/phone/receipt.pdf", data={"code": wrong}, headers=SAME)
        assert answer.status_code == 303


def test_the_pages_are_small_and_may_ask_for_the_place_only_here(phone: Phone) -> None:
    first = phone.get("/phone")
    assert first.headers["permissions-policy"].startswith("geolocation=(self)")
    sizes = [len(a.content) for a in (first, phone.go(**WHAT), phone.whole())]
    assert max(sizes) < 18_000, sizes


def test_after_signing_in_on_a_phone_the_grid_worker_is_here(phone: Phone) -> None:
    agent = {"user-agent": "Mozilla/5.0 (Linux; Android 9) Mobile Safari Mobi"}
    answer = phone.post("/sign-in?body=t01", data={"role": "grid_worker"}, headers=SAME | agent)
    assert answer.headers["location"] == "/phone"
    answer = phone.post("/sign-in?body=t01", data={"role": "grid_worker"}, headers=SAME)
    assert answer.headers["location"] == "/"


def test_an_earlier_day_is_stored_as_its_start_and_today_as_now(phone: Phone, county: Db) -> None:
    said = phone.go(**WHAT)
    assert 'name="day" value="2026-03-05" min="2025-03-05" max="2026-03-05"' in said.text
    for day, opened_at in (
        ("2026-03-02", dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)),
        ("2026-03-05", county.now()),
    ):
        said = phone.go(**WHAT)
        checked = phone.on(said, to="check", grid="1", kind="redress", text=TEXT, day=day)
        assert formats.day(dt.date.fromisoformat(day), "zh") in checked.text
        opened = receipts.find(county, code_of(phone.on(checked, to="send")))
        assert opened is not None
        assert read_case(county, opened.scope, opened.case_id).opened_at == opened_at


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("day", ["2026-03-06", "2025-03-04", "0001-01-01", "gestern", "20260302x"])
def test_a_day_that_is_none_of_the_last_year_is_said(phone: Phone, language: str, day: str) -> None:
    said = {"at": "said", "to": "check", "grid": "1", "kind": "redress", "text": TEXT, "day": day}
    answer = phone.go(language, **{**WHAT, **said})
    assert answer.status_code == 400
    assert t("phone.bad_day", language) in answer.text
    assert t("phone.look", language) in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_missing_is_named_in_the_readers_language(phone: Phone, language: str) -> None:
    answer = phone.go(language, at="what", to="said")
    for name in ("asked", "category"):
        assert BY_NAME[name].header(language) in answer.text
        assert f"“{name}”" not in answer.text
