"""What a server reads by itself when it starts, so that nobody who comes waits for it."""

from __future__ import annotations

import datetime as dt
import gc
import logging
import sys
import time
from collections.abc import Callable
from threading import Thread
from zoneinfo import ZoneInfo

from data import frames
from data.db import Db
from data.errors import ProjectError
from data.failures import trace_of
from data.scope import Scope
from reports.daily import SILENCE_DAYS
from service.near import near_figures

from . import kept

SWEPT = 60.0
"""Seconds between two searches for what is left behind; Streamlit would search after each rerun."""
_log = logging.getLogger("zaojie")


def begin(get_db: Callable[[], Db]) -> Thread:
    """Start `make_ready` beside the server; it ends with it."""
    # a page reads in many short steps, and waits for its turn after each while figures are counted
    sys.setswitchinterval(0.0005)
    # the first check of a table imports for a second: now, and not while somebody waits
    frames.check(frames.Cases, frames.empty(frames.Cases))
    frames.check(frames.Events, frames.empty(frames.Events))
    thread = Thread(target=make_ready, args=(get_db,), name="ready", daemon=True)
    thread.start()
    Thread(target=_sweep, args=(thread,), name="sweep", daemon=True).start()
    return thread


def _sweep(ready: Thread) -> None:
    ready.join()
    # what was imported lives as long as the process: nobody looks through it for garbage again
    gc.collect()
    gc.freeze()
    while True:
        time.sleep(SWEPT)
        gc.collect()  # what past reruns of pages left behind


def make_ready(get_db: Callable[[], Db]) -> None:
    """Bring the kept columns (`data.kept_columns`) and what the overview needs up to date.

    Nothing of it is shown to anybody; every page reads within its viewer's scope afterwards. What
    cannot be read is said to whoever asks for a page.
    """
    try:
        db = get_db()
        as_of = db.now() - kept.FRESH  # pages look a little back, too
        today = as_of.astimezone(ZoneInfo(db.county().zone)).date()
        near_figures(db, Scope.operator(), as_of, today - dt.timedelta(days=SILENCE_DAYS))
    except ProjectError:
        return
    except Exception as err:
        _log.warning("not made ready: %s", trace_of(err))
