"""The resident's pages as an application of their own, apart from the staff's.

    uvicorn --factory public.alone:from_env --host 127.0.0.1 --port 8502

So the intranet application need not be reachable from outside (docs/residents.md). On PostgreSQL
it works with a role that reaches one case at a time, by its code (`data.separation`).
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.db import Db
from settings import Settings
from wording import t

from .door import HEADERS, Form, page
from .failing import Failing
from .routes import routes


def make_app(settings: Settings) -> Starlette:
    """The application over the database of the settings.

    Raises:
        ConfigError: a database that cannot be opened or is of another version, or keys missing.
    """
    db = Db.open_for_residents(settings)

    async def home(request: Request) -> Response:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return RedirectResponse(f"{root}/s", 303, HEADERS)

    async def missing(request: Request, error: Exception) -> Response:
        form = Form({}, settings.language, "", str(request.scope.get("root_path", "")).rstrip("/"))
        said = t("public.error.no_page", settings.language)
        return page(form, "problem.html", None, 404, problem=said)

    app = Starlette(
        routes=[Route("/", home), *routes(lambda: db, settings.language)],
        exception_handlers={404: missing, 405: missing},
        middleware=[Middleware(Failing, language=settings.language)],
    )
    app.state.db = db
    return app


def from_env() -> Starlette:
    """The application over the settings of the environment."""
    return make_app(Settings.from_env())
