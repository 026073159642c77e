"""The whole application: staff pages, sign-in, the residents' pages. `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

import public.ask
import public.routes
import ui.routes
from ui import parts, state
from ui.headers import SecurityHeaders

app = st.App(
    "ui/shell.py",
    routes=[
        *ui.routes.routes(state.db),
        *public.routes.routes(
            state.db, state.settings().language, public.ask.Asking.of(state.settings())
        ),
    ],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=parts.failure,
)
