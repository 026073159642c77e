"""The whole application, `streamlit run app.py`: staff pages, sign-in, the residents' pages, the
machines' door.
"""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

import api.routes
import public.ask
import public.routes
import ui.routes
from public.failing import Failing
from service.throttle import beside_one_another
from service.watch import Watched
from ui import outward, parts, ready, state
from ui.base_path import BasePath
from ui.closed import Closed
from ui.headers import SecurityHeaders
from ui.start_page import StartPage

outward.ask_nobody()
app = st.App(
    "ui/shell.py",
    routes=[
        *ui.routes.routes(state.db),
        *public.routes.routes(
            state.db,
            state.settings().language,
            public.ask.Asking.of(state.settings()),
            processes=beside_one_another(state.settings().processes),
        ),
        *api.routes.routes(
            state.db, state.settings().language, beside_one_another(state.settings().processes)
        ),
    ],
    middleware=[
        Middleware(BasePath, base=state.settings().base_path),
        Middleware(Watched, counters=state.watched(), settings=state.settings()),
        Middleware(SecurityHeaders),
        Middleware(Closed, get_db=state.db),
        Middleware(StartPage, get_db=state.db),
        Middleware(Failing, language=state.settings().language),
    ],
    on_script_error=parts.failure,
)

ready.begin(state.db)
