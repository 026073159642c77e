"""The way in: one code, by form only; what is said of codes that open nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette

from data import receipts
from data.db import County, Db, set_up
from data.receipts import Slip
from public import routes as routes_module
from public.alone import make_app
from public.routes import routes
from settings import Settings
from wording import t

from .conftest import Reader, office, register, words

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize("path", ["/s", "/s/about", "/s/style.css"])
def test_every_open_page_is_strict_and_leaves_nothing_behind(reader: Reader, path: str) -> None:
    reply = reader.get(path)
    assert reply.status_code == 200
    assert reply.headers["Content-Security-Policy"] == POLICY
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "set-cookie" not in reply.headers
    assert "<script" not in reply.text
    assert "style=" not in reply.text
    assert "http://" not in reply.text
    assert "https://" not in reply.text


def test_a_case_page_is_never_kept_by_a_browser(reader: Reader, slip: Slip) -> None:
    reply = reader.open(slip.code)
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Security-Policy"] == POLICY
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "path", ["/s/case", "/s/word", "/s/rate", "/s/say", "/s/withdraw", "/s/correct"]
)
def test_a_code_in_an_address_opens_nothing(reader: Reader, slip: Slip, path: str) -> None:
    reply = reader.get(path, params={"code": slip.code})
    assert reply.status_code == 303
    assert reply.headers["Location"] == "/s"
    assert slip.case_id not in reply.text


def test_no_address_on_any_page_holds_the_code(reader: Reader, slip: Slip) -> None:
    page = reader.open(slip.code).text
    assert page.count(slip.code) == page.count(f'name="code" value="{slip.code}"')


def test_the_code_is_read_as_people_type_it(reader: Reader, slip: Slip) -> None:
    typed = " " + receipts.shown(slip.code).lower() + " "
    assert slip.case_id in reader.open(typed).text


def test_a_typing_slip_gets_its_own_sentence_and_keeps_the_field(
    reader: Reader, slip: Slip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def must_not_look(*_: object) -> None:
        raise AssertionError("the store was asked for a malformed code")

    monkeypatch.setattr(routes_module, "find", must_not_look)
    wrong = slip.code[:-1] + ("2" if slip.code[-1] != "2" else "3")
    reply = reader.open(wrong)
    assert reply.status_code == 400
    assert t("data.error.code_malformed", "zh") in reply.text
    assert f'value="{wrong}"' in reply.text
    assert 'href="#code"' in reply.text


def test_a_typing_slip_costs_no_attempt(county: Db, slip: Slip) -> None:
    door = routes_module._Door(lambda: county, "zh")
    app = Starlette(routes=[*_case_routes(door)])
    reader = Reader(app)
    for _ in range(6):
        reader.open("ABCD")
    assert door.throttle.wait_seconds(reader.address) == 0
    for _ in range(4):
        reader.open(receipts.new_code())
    assert door.throttle.wait_seconds(reader.address) > 0


def _case_routes(door: routes_module._Door) -> list[routes_module.Route]:
    return [routes_module.Route("/s/case", door.post(door.case), methods=["POST"])]


def test_all_unknown_codes_are_answered_in_the_same_bytes(reader: Reader, slip: Slip) -> None:
    first, second = reader.open(receipts.new_code()), reader.open(receipts.new_code())
    third = reader.open(receipts.new_code(), tag="ABCDEFGH")
    assert first.status_code == 404
    assert first.content == second.content == third.content
    assert t("public.unknown.said", "zh") in words(first)
    assert 'name="tag"' in first.text


def test_a_genuine_slip_whose_case_is_gone_is_told_so(reader: Reader, county: Db) -> None:
    code = receipts.new_code()
    tag = receipts.slip_tag(county, code)
    reply = reader.open(code, tag=f"{tag[:4]}-{tag[4:].lower()}")
    assert reply.status_code == 404
    assert t("public.lost.title", "zh") in words(reply)
    assert "12388" in words(reply)


def test_what_was_typed_is_shown_as_text(reader: Reader) -> None:
    reply = reader.open('"><script>alert(3)</script>')
    assert "<script" not in reply.text
    assert "&lt;script&gt;" in reply.text


def test_a_form_far_larger_than_ours_is_not_read(reader: Reader) -> None:
    reply = reader.open("A" * 20_000)
    assert reply.status_code == 413
    assert t("public.error.too_large", "zh") in words(reply)


def test_pages_are_found_under_the_path_of_a_proxy(reader: Reader, slip: Slip) -> None:
    reply = reader.ask("GET", "/s", root="/letters")
    assert 'action="/letters/s/case"' in reply.text
    assert 'href="/letters/s/style.css' in reply.text
    back = reader.ask("GET", "/s/case", root="/letters")
    assert back.headers["Location"] == "/letters/s"


@pytest.mark.parametrize(("language", "mark"), [("zh", "zh-CN"), ("en", "en")])
def test_each_language_names_itself(reader: Reader, slip: Slip, language: str, mark: str) -> None:
    assert f'<html lang="{mark}">' in reader.get("/s", params={"lang": language}).text
    page = reader.open(slip.code, lang=language)
    assert f'<html lang="{mark}">' in page.text
    assert t("public.limit.title", language) in page.text


def test_channels_for_accusations_are_named_and_nothing_takes_one(reader: Reader) -> None:
    page = reader.get("/s")
    for number in ("12388", "12309", "12345"):
        assert number in page.text
    assert "<textarea" not in page.text


def test_the_rules_page_lists_clocks_files_and_every_rule(reader: Reader) -> None:
    page = reader.get("/s/about", params={"lang": "en"})
    said = words(page)
    for number in range(1, 15):
        assert t(f"public.never.r{number}", "en") in said
    assert "60 " in said
    assert "Art. 34" in said
    assert len([part for part in page.text.split("<code>")[1:] if len(part) > 64]) == 2


def test_a_database_that_was_never_set_up_says_so(sqlite_db: Db) -> None:
    reply = Reader(Starlette(routes=routes(lambda: sqlite_db))).get("/s")
    assert reply.status_code == 503
    assert "set-cookie" not in reply.headers


def test_another_cases_code_does_not_touch_this_case(
    reader: Reader, county: Db, answered: Slip
) -> None:
    other = register(county)
    page = reader.open(other.code)
    assert answered.case_id not in page.text
    reply = reader.post("/s/say", code=other.code, event="not_solved", case_id=answered.case_id)
    assert reply.status_code == 400
    assert t("public.stage.answered", "zh") in reader.open(answered.code).text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_page_with_its_style_sheet_is_under_twenty_kilobytes(
    reader: Reader, answered: Slip, county: Db, clock, language: str
) -> None:  # type: ignore[no-untyped-def]
    """Uncompressed, for a case of twelve events and more."""
    for event in ("delivered", "notified", "contacted", "met", "contacted", "notified"):
        clock.go(days=1)
        office(county, answered.case_id, event, words={"said": "已经当面说明办理情况。" * 3})
    reader.post("/s/say", code=answered.code, event="not_solved")
    clock.go(days=3)
    office(
        county, answered.case_id, "extended", days=30, code="complex", words={"reason": "审计。"}
    )
    assert len(reader.open(answered.code).text.split('<ol class="steps">')[-1].split("<li>")) >= 12
    style = len(reader.get("/s/style.css").content)
    pages = [reader.get(path, params={"lang": language}) for path in ("/s", "/s/about")]
    forms = ("/s/case", "/s/withdraw", "/s/correct")
    pages += [reader.post(path, code=answered.code, lang=language) for path in forms]
    assert {page.status_code for page in pages} == {200}
    assert max(len(page.content) for page in pages) + style < 20_000


def test_the_pages_stand_alone_as_a_process_of_their_own(county: Db, tmp_path: Path) -> None:
    settings = Settings(database=str(county.engine.url), keys=tmp_path / "keys.json", language="en")
    slip = register(county)
    write_keys(county, settings.keys)
    reader = Reader(make_app(settings))
    assert reader.get("/").headers["Location"] == "/s"
    assert '<html lang="en">' in reader.get("/s").text
    assert slip.case_id in reader.open(slip.code).text
    lost = reader.get("/nothing/here")
    assert lost.status_code == 404
    assert lost.headers["Content-Security-Policy"] == POLICY
    assert t("public.error.no_page", "en") in words(lost)


def write_keys(db: Db, path: Path) -> None:
    material = db.keys.material.items()
    path.write_text(json.dumps({p: {v: k.hex() for v, k in vs.items()} for p, vs in material}))


@pytest.mark.parametrize("kind", ["demo", "real"])
def test_only_a_demo_says_that_it_is_one_and_lends_a_code(sqlite_db: Db, kind: str) -> None:
    code = receipts.new_code()
    about = County(
        kind, "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None,
        demo_code=code,
    )  # fmt: skip
    set_up(sqlite_db, about)
    page = Reader(Starlette(routes=routes(lambda: sqlite_db))).get("/s").text
    assert (receipts.shown(code) in page) == (kind == "demo")
    assert (t("public.demo", "zh") in page) == (kind == "demo")


def test_a_city_without_acceptance_has_its_own_pages(sqlite_db: Db) -> None:
    set_up(
        sqlite_db,
        County("real", "试城", "Test City", "America/Chicago", "us_311", "area", None),
    )
    reader = Reader(Starlette(routes=routes(lambda: sqlite_db, "en")))
    assert "12388" not in reader.get("/s").text
    code = receipts.new_code()
    lost = reader.open(code, tag=receipts.slip_tag(sqlite_db, code))
    assert "12388" not in lost.text
    assert t("public.lost.other", "en") in words(lost)
    assert t("casework.unit.per_case", "en") in words(reader.get("/s/about"))
