"""The staff door: sign-in with its second step, sign-out, password; and the map's geometry.

The session's cookie is HttpOnly and SameSite=Lax: a link from another page still finds the
session, a form of another page never does; every post is also checked for its origin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import accounts, places
from data.accounts import BODY_ROLES, MINIMUM_PASSWORD_LENGTH, CodeNeeded, MustWait, SignedIn
from data.db import Db
from data.errors import ProjectError
from data.scope import Scope
from wording import t

from . import behind, geometry, outside, state
from .door import OVER, Door, address_of, asked_language, language, onward, root, to_sign_in
from .entry import Entry
from .guard import COOKIE, over_said
from .phone import Phone

DEMO_ROLES = (
    ("supervisor", ""), ("leader", ""), ("administrator", ""),
    ("township_clerk", "township_office"), ("department_clerk", "department"),
    ("department_clerk", "review_office"), ("grid_worker", "township_office"),
)  # fmt: skip
"""One button each, in a demo database, in this order: the role, and the kind of its office."""
GEOMETRY_ROLES = ("supervisor", "leader")


def routes(get_db: Callable[[], Db]) -> list[Route]:
    """The routes of the staff door; `get_db` gives the open database, once per request."""
    door, entry = _Door(get_db), Entry(get_db)
    found = [
        Route("/sign-in", door.page(door.sign_in_page), methods=["GET"]),
        Route("/sign-in", door.post(door.sign_in), methods=["POST"]),
        Route("/sign-in-code", door.post(door.code), methods=["POST"]),
        Route("/sign-out", door.post(door.sign_out), methods=["POST"]),
        Route("/password", door.page(door.password_page), methods=["GET"]),
        Route("/password", door.post(door.password), methods=["POST"]),
        Route("/geometry/{content_hash}.json", door.geometry, methods=["GET"]),
        *entry.routes(),
        *Phone(get_db).routes(),
    ]
    service = outside.Service.of(state.settings())
    return found if service is None else [*found, *outside.Way(get_db, service).routes()]


class _Door(Door):
    # sign-in ---------------------------------------------------------------------------------

    def sign_in_page(self, request: Request, form: Mapping[str, str]) -> Response:
        said = over_said(language(request)) if OVER in request.query_params else ()
        return self._sign_in_page(request, problem=" ".join(said))

    def _sign_in_page(
        self, request: Request, status: int = 200, problem: str = "", login: str = ""
    ) -> Response:
        asked = asked_language(request)
        return self.render(
            request,
            "sign_in.html",
            status,
            problem=problem,
            kept=login,
            query=f"?lang={asked}" if asked else "",
            here_as=self.signed_in(request),
            has_outside=bool(state.settings().oidc_issuer),
            demo_roles=self._demo_roles(language(request)),
        )

    def sign_in(self, request: Request, form: Mapping[str, str]) -> Response:
        db, chosen, address = self.get_db(), language(request), address_of(request)
        if "role" in form:
            body = request.query_params.get("body")
            return self.let_in(request, accounts.demo_sign_in(db, form["role"], body, address))
        login = form.get("login", "")
        try:
            token = accounts.sign_in(db, login, form.get("password", ""), address)
        except CodeNeeded as needed:
            return self.render(request, "code.html", ticket=needed.ticket, problem="")
        except ProjectError as err:
            status = 429 if isinstance(err, MustWait) else 401
            return self._sign_in_page(request, status, err.text(chosen), login)
        return self.let_in(request, token)

    def code(self, request: Request, form: Mapping[str, str]) -> Response:
        """The second step: the one-time code, with what the first step gave out."""
        ticket, chosen = form.get("ticket", ""), language(request)
        try:
            token = accounts.sign_in_with_code(
                self.get_db(), ticket, form.get("code", ""), address_of(request)
            )
        except ProjectError as err:
            if err.key == "access.error.ticket_over":
                return self._sign_in_page(request, 401, err.text(chosen))
            status = 429 if isinstance(err, MustWait) else 401
            problem = err.text(chosen)
            return self.render(request, "code.html", status, ticket=ticket, problem=problem)
        return self.let_in(request, token)

    def _demo_roles(self, chosen: str) -> list[dict[str, str]]:
        """One button per role of a demo county, with the office; none in any other database."""
        db = self.get_db()
        if not db.county().is_demo:
            return []
        bodies = places.read_bodies(db, Scope.operator())
        offices = bodies.drop_duplicates("kind").set_index("kind").to_dict("index")
        buttons = []
        for role, kind in DEMO_ROLES:
            office = offices.get(kind)
            if role in BODY_ROLES and office is None:
                continue
            buttons.append(
                {
                    "role": role,
                    "name": t(f"words.role.{role}", chosen),
                    "body": office["body_id"] if office else "",
                    "office": office[f"name_{chosen}"] if office else "",
                }
            )
        return buttons

    def sign_out(self, request: Request, form: Mapping[str, str]) -> Response:
        accounts.sign_out(self.get_db(), request.cookies.get(COOKIE))
        behind.signed_out(request.cookies.get(COOKIE))
        answer = onward(request, "sign-in")
        answer.delete_cookie(COOKIE, path=root(request) + "/", httponly=True, samesite="lax")
        return answer

    # password --------------------------------------------------------------------------------

    def password_page(self, request: Request, form: Mapping[str, str]) -> Response:
        who = self.signed_in(request)
        if who is None:
            return to_sign_in(request)
        return self._password_page(request, who)

    def _password_page(
        self, request: Request, who: SignedIn, status: int = 200, problem: str = ""
    ) -> Response:
        return self.render(
            request, "password.html", status,
            who=who, problem=problem, least=MINIMUM_PASSWORD_LENGTH,
        )  # fmt: skip

    def password(self, request: Request, form: Mapping[str, str]) -> Response:
        who, chosen = self.signed_in(request), language(request)
        if who is None:
            return to_sign_in(request)
        new, old = form.get("new", ""), form.get("old", "")
        if new != form.get("again", ""):
            problem = t("ui.password.differ", chosen)
            return self._password_page(request, who, 400, problem)
        try:
            token = accounts.change_password(self.get_db(), who, old, new, address_of(request))
        except accounts.SignInFailed:
            problem = t("ui.password.old_wrong", chosen)
            return self._password_page(request, who, 400, problem)
        except ProjectError as err:
            status = 429 if isinstance(err, MustWait) else 400
            return self._password_page(request, who, status, err.text(chosen))
        return self.let_in(request, token)

    # geometry --------------------------------------------------------------------------------

    def geometry(self, request: Request) -> Response:
        who = self.signed_in(request)
        if who is None or who.first or who.scope.role not in GEOMETRY_ROLES:
            return Response(status_code=403, headers={"Cache-Control": "no-store"})
        content_hash = request.path_params["content_hash"]
        body = geometry.body(self.get_db(), who.scope, content_hash)
        if body is None:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        headers = {
            "ETag": f'"{content_hash}"',
            # the address is the content's hash: it never changes, but it is behind the sign-in
            "Cache-Control": "private, max-age=86400, immutable",
            "Vary": "Cookie",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)
