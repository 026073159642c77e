"""The plain HTML door: forms of other sites, guessing, cookies, geometry behind the sign-in."""

from __future__ import annotations

import asyncio

import geopandas as gpd
import httpx
import pytest
from shapely.geometry import box
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_routes import _ensure_xsrf_cookie

from data import accounts, attempts, places
from data.scope import Scope
from tests.pages.conftest import OFFICES
from ui import behind, geometry, guard, routes, state
from ui.guard import COOKIE
from ui.headers import SecurityHeaders, policy
from wording import t

HERE = "http://testserver"
SAME = {"origin": HERE}


class Client:
    """A browser without pages: sends requests to the routes, keeps cookies."""

    def __init__(self) -> None:
        door = Middleware(SecurityHeaders)
        self.app = Starlette(routes=routes.routes(state.db), middleware=[door])
        self.cookies = httpx.Cookies()

    def send(self, method: str, path: str, **options: object) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
                http.cookies = self.cookies
                return await http.request(method, path, **options)

        return asyncio.run(go())

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: object) -> httpx.Response:
        return self.send("POST", path, **options)


@pytest.fixture
def client(county) -> Client:
    return Client()


def _enter(client, county, role):
    client.cookies.set(COOKIE, accounts.demo_sign_in(county, role, OFFICES.get(role)))


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://elsewhere"}, {"origin": "null"}, {"referer": "http://elsewhere/x"}],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/password"])
def test_a_form_of_another_site_is_not_looked_at(path, headers, client):
    answer = client.post(path, data={"role": "supervisor"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_demo_role_is_one_click_in_a_demo_database(client, county):
    answer = client.post("/sign-in", data={"role": "supervisor"}, headers=SAME)
    assert answer.status_code == 303
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert accounts.session_of(county, answer.cookies[COOKIE]).scope.role == "supervisor"


def test_a_cookie_travels_on_tls_only_where_it_is_asked_for(client, monkeypatch):
    secure = state.settings().__class__(secure_cookies=True)
    monkeypatch.setattr(state, "settings", lambda: secure)
    answer = client.post("/sign-in", data={"role": "leader"}, headers=SAME)
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_streamlits_own_cookie_travels_on_tls_only_where_it_is_asked_for(monkeypatch, is_asked_for):
    ours = state.settings().__class__(secure_cookies=is_asked_for)
    monkeypatch.setattr(state, "settings", lambda: ours)

    def page(request):
        answer = PlainTextResponse("page")
        _ensure_xsrf_cookie(request, answer)
        answer.set_cookie("other", "1")
        return answer

    door = Starlette(routes=[Route("/", page)], middleware=[Middleware(SecurityHeaders)])
    client = Client()
    client.app = door
    own, other = client.get("/").headers.get_list("set-cookie")
    assert own.startswith("_streamlit_xsrf=")
    assert own.endswith("; Secure") is is_asked_for
    assert "Secure" not in other


def test_guessing_is_slowed_down_and_a_right_password_waits_too(client, county):
    login, password = accounts.add_account(county, Scope.operator(), "boss", "leader", None)
    for _ in range(attempts.FREE["both"]):
        wrong = client.post("/sign-in", data={"login": login, "password": "x"}, headers=SAME)
        assert wrong.status_code == 401
    waits = client.post("/sign-in", data={"login": login, "password": password}, headers=SAME)
    assert waits.status_code == 429
    other = client.post("/sign-in", data={"login": "somebody", "password": "x"}, headers=SAME)
    assert other.status_code == 401, "another login of the same office is not held up"


def test_what_was_typed_comes_back_escaped(client):
    evil = '"><script>alert(1)</script>'
    answer = client.post("/sign-in", data={"login": evil, "password": "x"}, headers=SAME)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_form_larger_than_any_of_ours_is_refused(client):
    answer = client.post("/sign-in", data={"login": "x" * 10_000}, headers=SAME)
    assert answer.status_code == 403


def test_the_sign_in_page_speaks_both_languages(client):
    for language in ("zh", "en"):
        page = client.get(f"/sign-in?lang={language}").text
        assert t("ui.sign_in.password", language) in page
        assert t("ui.ribbon.demo", language) in page


def test_sign_out_ends_the_session_and_takes_the_cookie(client, county, monkeypatch):
    _enter(client, county, "leader")
    token = client.cookies[COOKIE]
    monkeypatch.setattr(guard, "session_token", lambda: token)
    behind.sheets().start(behind.session(), "a.csv", lambda job: None, 10)
    assert behind.sheets().of(behind.session()) is not None
    answer = client.post("/sign-out", headers=SAME)
    assert answer.status_code == 303
    assert behind.sheets().of(behind.session()) is None, "receipts do not outlive their sign-in"
    assert accounts.session_of(county, token) is None
    assert 'zaojie_session=""' in answer.headers["set-cookie"]


def test_geometry_is_for_those_who_see_the_map(client, county):
    areas = gpd.GeoDataFrame(
        {
            "code": ["990000001000", "990000001001"],
            "level": ["township", "village"],
            "parent_code": [None, "990000001000"],
            "name_zh": ["东镇", "东村"],
            "name_en": ["East Town", "East Village"],
        },
        geometry=[box(120, 30, 120.1, 30.1)] * 2,
        crs="EPSG:4490",
    )
    day = county.now().date()
    places.save_areas(county, Scope.operator(), areas, day)
    made = geometry.layer(county, Scope("x", "leader"), day)
    path = f"/geometry/{made.content_hash}.json"
    assert client.get(path).status_code == 403
    for role in ("administrator", "township_clerk", "grid_worker", "department_clerk"):
        _enter(client, county, role)
        assert client.get(path).status_code == 403
    _enter(client, county, "leader")
    answer = client.get(path)
    assert answer.content == made.body
    assert "private" in answer.headers["cache-control"]
    again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/geometry/0000.json").status_code == 404


def test_only_the_map_s_frame_may_evaluate_text():
    assert "unsafe-eval" in policy(True)
    assert "unsafe-eval" not in policy(False)
    scripts = next(part for part in policy(False).split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts


def test_staff_pages_carry_their_headers(client):
    headers = client.get("/sign-in").headers
    assert headers["content-security-policy"] == policy(False)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
