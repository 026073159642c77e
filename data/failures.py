"""What a log may say of an exception: kinds and places in the code, never the message or values.

A statement's parameters, a parser's complaint, a failed conversion may hold a case's text.
"""

from __future__ import annotations

import traceback


def trace_of(err: BaseException) -> str:
    """The exception and those before it, each as kind and the places it came through."""
    parts: list[str] = []
    at: BaseException | None = err
    while at is not None and len(parts) < 5:
        frames = traceback.extract_tb(at.__traceback__)
        places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames[-12:]))
        parts.append(f"{type(at).__name__} at {places or '?'}")
        at = at.__cause__ or at.__context__
    return " | after ".join(parts)
