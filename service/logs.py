"""How the program logs: plain lines, or one JSON object a line (ZAOJIE_LOG=json).

No line holds a case's text, a code or an address. Our own lines are made so; of other libraries'
lines only the level, the name and, where it is a fixed sentence of theirs, the words go on: an
exception is told by kinds and places (`data.failures`), and whatever they filled into a sentence
stays out, for it may be anything somebody sent.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from collections.abc import Mapping

from data.failures import trace_of
from settings import Settings

OURS = "zaojie"
REQUESTS = "zaojie.requests"
FACTS = "facts"
"""Attribute of a record: numbers and words of lists beside its sentence."""
_OF_SERVERS = ("uvicorn", "streamlit")


class Lines(logging.Formatter):
    """One JSON object per record: at (UTC), level, logger, message, and the facts beside it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; see the class."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        said: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds"), "level": record.levelname.lower(),
            "logger": record.name, "message": _message(record),
        }  # fmt: skip
        facts = getattr(record, FACTS, None)
        if isinstance(facts, Mapping):
            said |= facts
        if record.exc_info and record.exc_info[1] is not None:
            said["trace"] = trace_of(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """Our own sentence with what we put in; of anybody else's the fixed part only.

    A sentence that a library put together beforehand cannot be told from what was put in: its
    place in the code stands for it.
    """
    is_ours = record.name == OURS or record.name.startswith(f"{OURS}.")
    if is_ours:
        return record.getMessage()
    if record.args:
        return str(record.msg)
    return f"{record.module}:{record.lineno}"


def set_up(settings: Settings) -> None:
    """Have everything this process logs go to standard error in the form of the settings.

    Done again, it also takes over the loggers that a library made meanwhile with a handler of its
    own. `plain` leaves the libraries' own forms as they are.
    """
    if settings.log != "json":
        return
    root = logging.getLogger()
    if not any(isinstance(one.formatter, Lines) for one in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
        root.handlers[:] = [handler]
        root.setLevel(logging.INFO)
        logging.captureWarnings(True)
    for name in list(root.manager.loggerDict):
        if name.partition(".")[0] in _OF_SERVERS:
            logger = logging.getLogger(name)
            logger.handlers[:], logger.propagate = [], True
    logging.getLogger("uvicorn.access").disabled = True  # it would hold addresses and paths


def request_line(route: str, method: str, status: int, seconds: float) -> None:
    """Note one request: by the kind of its route, never by path or address."""
    facts = {"route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
    logging.getLogger(REQUESTS).info("request", extra={FACTS: facts})
