"""The resident's pages as an application of their own, apart from the staff's.

    python -m public.serve --host 127.0.0.1 --port 8502 --workers 2

So the intranet application need not be reachable from outside (docs/residents.md). On PostgreSQL
it works with a role that reaches one case at a time, by its code (`data.separation`).
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from anyio import to_thread
from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from uvicorn.config import STARTUP_FAILURE

from data.db import Db
from data.errors import ConfigError, ProjectError
from service import logs, watch
from service.counters import Counters
from settings import Settings
from wording import t

from .door import HEADERS, Form, page
from .failing import Failing
from .routes import routes
from .throttle import MOST_PROCESSES

THREADS = 5
"""Pages worked on at once in one process: more would take turns on the same core, each on a
connection opened for it alone, and all of them would come late."""


def make_app(settings: Settings, processes: int = 1) -> Starlette:
    """The application over the database of the settings.

    Args:
        processes: how many of these serve the same pages, for the throttle.

    Raises:
        ConfigError: a database that cannot be opened or is of another version, keys missing, or
            more processes than the throttle can share guesses between.
    """
    if not 1 <= processes <= MOST_PROCESSES:
        raise ConfigError("separation.error.processes", count=processes, most=MOST_PROCESSES)
    db, counters = Db.open_for_residents(settings), Counters()
    logs.set_up(settings)

    async def home(request: Request) -> Response:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return RedirectResponse(f"{root}/s", 303, HEADERS)

    async def missing(request: Request, error: Exception) -> Response:
        form = Form({}, settings.language, "", str(request.scope.get("root_path", "")).rstrip("/"))
        said = t("public.error.no_page", settings.language)
        return page(form, "problem.html", None, 404, problem=said)

    @asynccontextmanager
    async def begun(app: Starlette) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        listens = watch.start(settings, lambda: db, counters, ports=processes)
        # what was imported lives as long as the process: looking through it for garbage, as
        # Python does now and then, would hold up every page for 50 ms
        gc.collect()
        gc.freeze()
        yield
        if listens is not None:
            await to_thread.run_sync(listens.shutdown)
            listens.server_close()
        gc.unfreeze()

    app = Starlette(
        lifespan=begun,
        routes=[Route("/", home), *routes(lambda: db, settings.language, processes=processes)],
        exception_handlers={404: missing, 405: missing},
        middleware=[
            Middleware(watch.Watched, counters=counters, settings=settings),
            Middleware(Failing, language=settings.language),
        ],
    )
    app.state.db = db
    return app


def from_env() -> Starlette:
    """The application over the settings of the environment; where it cannot be, the process says
    why in one sentence and ends as one that never began, so that nobody starts it over and over."""
    try:
        return make_app(Settings.from_env(), processes_of(sys.argv[1:], os.environ))
    except (ProjectError, ValueError) as err:
        print(err, file=sys.stderr, flush=True)
        sys.exit(STARTUP_FAILURE)


def processes_of(words: Sequence[str], env: Mapping[str, str]) -> int:
    """How many processes the server was started with: `--workers` (`-w`), else WEB_CONCURRENCY,
    else 1, as uvicorn and gunicorn read them; their children have the same command line."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-w", "--workers", type=int, default=env.get("WEB_CONCURRENCY") or 1)
    return int(parser.parse_known_args(list(words))[0].workers)
