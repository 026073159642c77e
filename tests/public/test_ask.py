"""Asking online: one thing per page, nothing before the last one, nothing about whoever asks."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from data import places, record, schema
from data.audit import newest
from data.categories import Categories, load_categories
from data.db import Db
from data.errors import NotAllowed
from data.receipts import find, new_code
from data.rows import NewCase
from data.scope import Scope
from geo import crs
from public.ask import Asking
from public.routes import routes
from public.throttle import MOST_SENT
from reports.place_map import WIDTHS, PlaceMap
from service.asking import Ground, owing_body, read_ground
from service.recent_waits import UNKNOWN
from settings import Settings
from tests.conftest import DESK, LABOUR, Clock
from tests.rules.conftest import GRIDS, TOWNS, layer
from tests.rules.looking import encodings, stored_bytes
from wording import t

from .conftest import Reader, words

EAST, WEST = TOWNS
CANARIES = ("王小明", "13812345678", "330102199003071234", "3幢2单元501室")
TEXT = (
    "东郊工地三个月工资未发。我叫王小明，电话13812345678，身份证330102199003071234，"
    "住桂庄村3幢2单元501室。"
)


@pytest.fixture
def asked(db: Db, small_county: Callable[[Db], Db]) -> Db:
    """A county with boundaries, on each kind of database."""
    county = small_county(db)
    places.save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))
    return county


@pytest.fixture
def county(sqlite_db: Db, small_county: Callable[[Db], Db]) -> Db:
    county = small_county(sqlite_db)
    places.save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))
    return county


class Asker(Reader):
    """A reader who fills in one page after the other; only the page itself is carried on."""

    page: httpx.Response

    def begin(self, language: str = "zh") -> httpx.Response:
        self.page = self.get("/s/ask", params={"lang": language})
        return self.go(to="domain")

    def go(self, **said: str) -> httpx.Response:
        self.page = self.post("/s/ask", **{**fields(self.page), **said})
        return self.page

    def until_check(self, *, category: str = "unpaid_wages", text: str = TEXT, grid: str = "1"):  # type: ignore[no-untyped-def]
        self.begin()
        domain = next(c.domain for c in load_categories() if c.category_id == category)
        self.go(domain=domain, to="category")
        self.go(category=category, to="township")
        self.go(township=EAST, to="place")
        if 'name="village"' in self.page.text:
            self.go(village=GRIDS[0][:12], to="grid")
            self.go(number=grid, to="text")
        return self.go(text=text, kind="redress", to="check")


def fields(reply: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', reply.text)
    return {name: html.unescape(value) for name, value in found}


def asker(db: Db, asking: Asking | None = None) -> Asker:
    app = Starlette(routes=routes(lambda: db, asking=asking or Asking()))
    return Asker(app)


def cases(db: Db) -> list[sa.RowMapping]:
    with db.read() as conn:
        return list(conn.execute(sa.select(schema.case_version)).mappings())


def code_of(reply: httpx.Response) -> str:
    return fields(reply)["code"]


# off and on -----------------------------------------------------------------------------------


def test_it_is_off_unless_the_office_switches_it_on(county: Db) -> None:
    assert Asking.of(Settings()) is None
    assert Asking.of(Settings(ask_online=True, ask_desk="b01")) == Asking("", "b01")
    reader = Reader(Starlette(routes=routes(lambda: county)))
    assert "/s/ask" not in reader.get("/s").text
    for path in ("/s/ask", "/s/ask/style.css", f"/s/ask/map/{EAST}/zh-288.png"):
        assert reader.get(path).status_code == 404
    assert reader.post("/s/ask", to="send").status_code == 404
    assert 'href="/s/ask?lang=zh"' in asker(county).get("/s").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_page_says_what_happens_who_sees_it_and_asks_nothing(
    county: Db, language: str
) -> None:
    page = asker(county).get("/s/ask", params={"lang": language})
    said = words(page)
    for key in ("stored1", "stored2", "who1", "who2", "then2", "fear_said"):
        assert t(f"ask.start.{key}", language) in said
    assert re.findall(r"<(?:input|select|textarea)(?![^>]*hidden)", page.text) == []


# the walk -------------------------------------------------------------------------------------


def test_a_request_is_registered_confirmed_with_its_grid_and_its_receipt_opens_it(
    asked: Db,
) -> None:
    seen = asker(asked)
    seen.until_check()
    assert cases(asked) == []
    receipt = seen.go(to="send")
    assert receipt.status_code == 200
    (case,) = cases(asked)
    assert (case["channel"], case["needs_confirmation"]) == ("online", False)
    assert (case["township_code"], case["grid_code"]) == (EAST, GRIDS[1])
    assert (case["category"], case["desk"], case["body_id"]) == ("unpaid_wages", "t01", "t01")
    code = code_of(receipt)
    opened = find(asked, code)
    assert opened is not None
    assert opened.case_id == case["case_id"]
    assert case["case_id"] in seen.open(code).text


def test_what_the_redactor_finds_is_shown_as_marks_and_never_written(county: Db) -> None:
    seen = asker(county)
    check = seen.until_check()
    assert check.text.count("<mark>") == len(CANARIES)
    assert t("ask.check.removed", "zh") in check.text
    assert t("ask.check.not_all", "zh") in check.text
    receipt = seen.go(to="send")
    page = seen.open(code_of(receipt))
    for canary in CANARIES:
        assert canary not in check.text + receipt.text + page.text
        assert not any(form in stored_bytes(county) for form in encodings(canary))
    # marks of the page are those that are stored, whatever language the page is sent in
    assert t("intake.mark.phone", "zh") in words(page)


def test_without_anything_found_it_says_that_this_means_little(county: Db) -> None:
    check = asker(county).until_check(text="路灯坏了很久，晚上看不清路。")
    assert "<mark>" not in check.text
    assert t("ask.check.none_removed", "zh") in check.text
    assert t("ask.check.not_all", "zh") in check.text


def test_every_page_offers_the_independent_channels_and_has_no_field_for_a_person(
    county: Db,
) -> None:
    seen = asker(county)
    seen.until_check()
    seen.go(to="domain")
    pages = [r for r in seen.replies if r.request.url.path == "/s/ask"]
    assert len(pages) == 9
    for page in pages:
        assert "12388" in page.text, page.text[:400]
        assert re.findall(r'type="(?:tel|email|file|date|number)"', page.text) == []
        assert "set-cookie" not in page.headers
        assert "<script" not in page.text
        assert "?" not in str(page.request.url) or "lang=" in str(page.request.url)


def test_the_language_can_be_changed_on_any_page_without_losing_what_was_typed(county: Db) -> None:
    seen = asker(county)
    seen.until_check()
    seen.go(to="text")
    # the button comes before the hidden field in the form, so its value is the first
    sent = {**fields(seen.page), "text": "半句话"}
    page = seen.post("/s/ask", **{**sent, "lang": "en"})
    assert t("ask.text.title", "en") in page.text
    assert "半句话" in page.text
    before = seen.page.text
    assert before.index('name="lang" value="en"') < before.index('name="lang" value="zh"')


def test_going_back_keeps_everything_and_asks_nothing_again(county: Db) -> None:
    seen = asker(county)
    seen.until_check()
    page = seen.go(to="text")
    assert t("intake.mark.name", "zh") in page.text
    typed = html.unescape(re.findall(r"<textarea[^>]*>([^<]*)<", page.text)[0])
    assert f'value="{EAST}" selected' in seen.go(to="township", text=typed).text
    assert fields(seen.page)["text"].startswith("东郊工地三个月工资未发")


# the place ------------------------------------------------------------------------------------


def test_a_click_finds_the_grid_and_no_coordinate_and_no_other_code_is_on_the_page(
    county: Db,
) -> None:
    seen = asker(county)
    seen.begin()
    seen.go(domain="labour", to="category")
    seen.go(category="unpaid_wages", to="township")
    seen.go(township=EAST, to="place")
    codes = set(re.findall(r"\b\d{15}\b", seen.page.text))
    assert codes == set()
    for width in WIDTHS:
        chart = read_ground(county, Scope.public()).map_of(EAST)
        assert chart is not None
        sheet = chart.sheet(width)
        here = seen.page
        for third, grid in enumerate(GRIDS[:3]):
            x = round(sheet.width * (0.2 + 0.3 * third))
            clicked = {f"spot{width}.x": str(x), f"spot{width}.y": str(sheet.height // 2)}
            found = seen.post("/s/ask", **fields(here), **clicked)
            assert t("ask.grid.title", "zh") in found.text
            assert set(re.findall(r"\b\d{15}\b", found.text.replace(grid, ""))) <= set(GRIDS[:3])
            assert fields(found)["grid"] == grid
            assert "spot" not in found.text


@pytest.mark.parametrize(("x", "y"), [("0", "0"), ("-3", "9"), ("287", "1"), ("99999", "3")])
def test_a_click_outside_says_so_and_offers_the_list(county: Db, x: str, y: str) -> None:
    seen = asker(county)
    seen.begin()
    seen.go(domain="labour", to="category")
    seen.go(category="unpaid_wages", to="township")
    seen.go(township=EAST, to="place")
    page = seen.go(**{"spot288.x": x, "spot288.y": y})
    assert page.status_code == 400
    assert t("ask.wrong.outside", "zh") in page.text
    assert 'name="village"' in page.text


def test_every_grid_is_found_where_it_is_drawn() -> None:
    areas = layer()
    chart = PlaceMap(areas[areas["code"].str.startswith(EAST[:9])].reset_index(drop=True))
    zone = crs.metric_zone_of(chart._layer.geometry)
    for width in WIDTHS:
        sheet = chart.sheet(width)
        for row in areas[areas["code"].isin(GRIDS[:3])].itertuples():
            spot = crs.to_metres(
                crs.points([row.geometry.centroid.x], [row.geometry.centroid.y], "cgcs2000"), zone
            ).iloc[0]
            x = int((spot.x - sheet.left) / sheet.step)
            y = int((sheet.top - spot.y) / sheet.step)
            assert chart.grid_under(width, x, y) == row.code
        made = chart.picture(width, "zh")
        assert made == chart.picture(width, "zh")
        assert made.startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="no such width"):
        chart.sheet(300)


def test_a_picture_is_sent_and_no_boundary(county: Db) -> None:
    seen = asker(county)
    reply = seen.get(f"/s/ask/map/{EAST}/en-640.png")
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["cache-control"] == "no-store"
    assert b"120." not in reply.content
    for wrong in (f"{EAST}/zh-300.png", f"{EAST}/fr-288.png", "990000009000/zh-288.png"):
        assert seen.get(f"/s/ask/map/{wrong}").status_code == 404
    with pytest.raises(NotAllowed):
        places.read_areas(county, Scope.public(), county.now().date())
    with pytest.raises(NotAllowed):
        read_ground(county, DESK)


def test_the_township_is_enough(county: Db) -> None:
    seen = asker(county)
    seen.begin()
    seen.go(domain="labour", to="category")
    seen.go(category="unpaid_wages", to="township")
    seen.go(township=WEST, to="place")
    seen.go(skip="1")
    seen.go(text="工资三个月没有发。", to="check")
    seen.go(to="send")
    (case,) = cases(county)
    assert (case["township_code"], case["grid_code"], case["desk"]) == (WEST, None, "t02")


def test_a_family_matter_is_never_asked_below_the_township_and_a_forged_grid_is_dropped(
    county: Db,
) -> None:
    seen = asker(county)
    seen.until_check(category="family", text="希望有人来调解家里的矛盾。")
    asked = "".join(r.text for r in seen.replies)
    assert t("ask.place.title", "zh") not in asked
    assert t("ask.township.protected", "zh") in asked
    seen.go(to="send", grid=GRIDS[0], village=GRIDS[0][:12])
    (case,) = cases(county)
    assert case["grid_code"] is None


def test_a_grid_of_another_township_is_dropped(county: Db) -> None:
    seen = asker(county)
    seen.until_check()
    seen.go(to="send", grid=GRIDS[5])
    assert cases(county)[0]["grid_code"] is None


def test_a_county_without_boundaries_asks_for_the_township_only(
    sqlite_db: Db, small_county: Callable[[Db], Db]
) -> None:
    seen = asker(small_county(sqlite_db))
    seen.until_check()
    assert seen.go(to="send").status_code == 200
    assert cases(sqlite_db)[0]["grid_code"] is None


# who receives and answers ---------------------------------------------------------------------


def test_a_township_without_an_office_can_be_asked_about_only_where_a_desk_is_named(
    county: Db,
) -> None:
    assert set(read_ground(county, Scope.public()).desks) == set(TOWNS)
    with county.write() as conn:
        conn.execute(schema.body.update().where(schema.body.c.body_id == "t02")
                     .values(kind="department", township_code=None))  # fmt: skip
    assert set(read_ground(county, Scope.public()).desks) == {EAST}
    ground = read_ground(county, Scope.public(), "b02")
    assert ground.desks[WEST].body_id == "b02"
    assert set(read_ground(county, Scope.public(), "nobody").desks) == {EAST}


def test_the_usual_body_owes_the_answer_and_a_township_matter_stays_at_its_own_desk(
    county: Db,
) -> None:
    ground: Ground = read_ground(county, Scope.public())
    assert owing_body(UNKNOWN, ground, EAST) == "t01"
    assert owing_body(UNKNOWN._replace(usual_body_id="b01"), ground, EAST) == "b01"
    assert owing_body(UNKNOWN._replace(usual_body_id="t02"), ground, EAST) == "t01"


# sending --------------------------------------------------------------------------------------


def test_the_same_form_sent_again_is_the_same_case(asked: Db, clock: Clock) -> None:
    seen = asker(asked)
    check = seen.until_check()
    first = seen.go(to="send")
    clock.go(seconds=1)
    again = seen.post("/s/ask", **{**fields(check), "to": "send", "text": "改了几个字再发一次。"})
    assert len(cases(asked)) == 1
    assert t("ask.receipt.repeat", "zh") in again.text
    assert code_of(first) != code_of(again)
    for page in (first, again):
        assert seen.open(code_of(page)).status_code == 200
    third = seen.post("/s/ask", **{**fields(check), "to": "send"})
    assert len(cases(asked)) == 1
    assert t("ask.already.title", "zh") in third.text
    assert 'name="code"' not in third.text


def test_two_forms_with_the_same_words_are_two_cases(county: Db) -> None:
    for _ in range(2):
        seen = asker(county)
        seen.until_check()
        seen.go(to="send")
    assert len(cases(county)) == 2


@pytest.mark.parametrize("token", ["", "x", "0" * 32 + "-" + "0" * 24])
def test_a_form_that_this_server_did_not_make_registers_nothing(county: Db, token: str) -> None:
    seen = asker(county)
    check = seen.until_check()
    page = seen.post("/s/ask", **{**fields(check), "token": token, "to": "send"})
    assert t("ask.start.title", "zh") in page.text
    assert cases(county) == []


def test_too_many_from_one_address_wait_and_lose_nothing(county: Db) -> None:
    seen = asker(county)
    for _ in range(MOST_SENT):
        seen.until_check()
        assert seen.go(to="send").status_code == 200
    seen.until_check()
    page = seen.go(to="send")
    assert page.status_code == 429
    assert t("ask.wrong.too_many", "zh", minutes=60) in page.text
    assert "东郊工地三个月工资未发" in fields(page)["text"]
    assert len(cases(county)) == MOST_SENT
    seen.address = "192.0.2.9"
    assert seen.go(to="send").status_code == 200


def test_the_audit_log_names_the_case_and_neither_an_address_nor_a_word(county: Db) -> None:
    seen = asker(county)
    seen.until_check()
    seen.go(to="send")
    entry = newest(county, Scope.operator(), 1)[0]
    assert entry.action == "case_registered"
    assert entry.target == cases(county)[0]["case_id"]
    assert (entry.login, entry.role, entry.reason) == (None, "resident", None)
    with county.read() as conn:
        assert conn.execute(sa.select(schema.audit.c.who).order_by(sa.desc("id"))).scalar() == ""


def test_the_open_pages_can_register_nothing_else(asked: Db) -> None:
    new = NewCase(
        township_code=EAST, grid_code=None, opened_at=asked.now(), domain="labour",
        category="unpaid_wages", kind="redress", channel="online", procedure="ordinary",
        body_id="b01", summary="工资没有发。", source_id="a",
    )  # fmt: skip
    for scope in (DESK, LABOUR, Scope.operator(), Scope(who="case", role="resident")):
        with pytest.raises(NotAllowed):
            record.register_online(asked, scope, new, "t01")
    wrong = [
        replace(new, channel="desk"), replace(new, channel="hotline"),
        replace(new, source_id=None), replace(new, body_id="nobody"),
        replace(new, township_code="990000009000"),
    ]  # fmt: skip
    for case in wrong:
        with pytest.raises(NotAllowed):
            record.register_online(asked, Scope.public(), case, "t01")
    with pytest.raises(NotAllowed):
        record.register_online(asked, Scope.public(), new, "nobody")
    assert cases(asked) == []
    assert record.register_online(asked, Scope.public(), new, "t01").slip is not None


# the receipt ----------------------------------------------------------------------------------


def test_the_receipt_can_be_had_as_a_pdf_by_its_code_in_the_body_only(county: Db) -> None:
    seen = asker(county)
    seen.until_check()
    code = code_of(seen.go(to="send"))
    made = seen.post("/s/ask/receipt.pdf", code=code, lang="zh")
    assert made.headers["content-type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    opened = find(county, code)
    assert opened is not None
    assert opened.first_opened_at is None
    for wrong in ("", "ABCD", code.replace("-", "")[:-1], new_code()):
        assert seen.post("/s/ask/receipt.pdf", code=wrong).status_code == 303
    assert seen.get("/s/ask/receipt.pdf", params={"code": code}).headers["location"] == "/s/ask"


def test_the_address_on_the_receipt_is_the_one_that_is_set(county: Db) -> None:
    seen = asker(county, Asking(public_url="https://ask.example/s"))
    seen.until_check()
    assert "https://ask.example/s" in seen.go(to="send").text


def test_no_page_needs_what_the_policy_forbids(county: Db) -> None:
    seen = asker(county)
    seen.until_check()
    seen.go(to="send")
    for reply in seen.replies:
        assert "style=" not in reply.text
        assert "<style" not in reply.text
        assert 'src="data:' not in reply.text
        assert "default-src 'none'" in reply.headers["content-security-policy"]


# mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_missing_answer_has_its_sentence_with_a_link_to_its_field(
    county: Db, language: str
) -> None:
    seen = asker(county)
    seen.begin(language)

    def refused(field: str, key: str, **values: object) -> None:
        assert seen.page.status_code == 400
        said = html.escape(t(f"ask.wrong.{key}", language, **values), quote=True)
        said = said.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        assert f'<a href="#{field}">{said}</a>' in seen.page.text
        assert f'id="{field}"' in seen.page.text

    seen.go(to="category")
    refused("domain", "domain")
    seen.go(find="zzzz", search="1")
    refused("find", "nothing_found")
    assert 'value="zzzz"' in seen.page.text
    seen.go(find="", domain="labour", to="category")
    seen.go(to="township")
    refused("category", "category")
    seen.go(category="unpaid_wages", to="township")
    seen.go(to="place")
    refused("township", "township")
    seen.go(township=EAST, to="place")
    seen.go(to="grid")
    refused("village", "village")
    seen.go(village=GRIDS[0][:12], to="grid")
    seen.go(to="text")
    refused("grid", "grid")
    seen.go(number="2", to="text")
    seen.go(text="没", to="check")
    refused("text", "too_short", least=4)
    seen.go(text="话" * 2010, to="check")
    refused("text", "too_long", most=2000, over=10)
    assert "话" * 2010 in seen.page.text


def test_pages_cannot_be_skipped_and_strange_values_mean_nothing(county: Db) -> None:
    seen = asker(county)
    seen.begin()
    assert seen.go(at="check", to="send").status_code == 200
    assert t("ask.domain.title", "zh") in seen.page.text
    page = seen.go(at="x", to="y", category="no", township="no", domain="no", kind="no", grid="no")
    assert t("ask.domain.title", "zh") in page.text
    seen.go(at="check", to="send", category="unpaid_wages")
    assert t("ask.township.title", "zh") in seen.page.text
    seen.go(at="check", to="send", township=EAST)
    assert t("ask.text.title", "zh") in seen.page.text
    assert cases(county) == []


def test_what_is_typed_is_escaped(county: Db) -> None:
    seen = asker(county)
    check = seen.until_check(text="<script>alert(1)</script> 工资没有发。")
    assert "<script" not in check.text
    seen.go(to="domain")
    assert "<b>" not in seen.go(find="<b>工资", search="1").text


def test_a_body_far_larger_than_the_form_is_not_read(county: Db) -> None:
    assert asker(county).post("/s/ask", text="字" * 30_000).status_code == 413


# finding the category -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "category"),
    [("暖气不热", "heating"), ("老板拖欠工资", "unpaid_wages"), ("cold radiators", "heating"),
     ("小区物业不管", "property_management"), ("路灯坏了", "roads"), ("NOISE at night", "noise")],
)  # fmt: skip
def test_a_few_words_lead_to_the_category(said: str, category: str) -> None:
    assert load_categories().like(said)[0].category_id == category


def test_words_that_fit_nothing_lead_nowhere() -> None:
    assert load_categories().like("zzz") == []
    assert Categories({}, "").like("工资") == []


def test_the_search_shows_what_was_found_and_the_service_owed(county: Db) -> None:
    seen = asker(county)
    seen.begin()
    page = seen.go(find="暖气不热", search="1")
    assert 'value="heating"' in page.text
    assert load_categories()["heating"].service["zh"] in page.text
    assert t("ask.category.few", "zh") in page.text
