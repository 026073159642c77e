"""Many texts cleaned of persons: the same outcome as `data.redact.redact` of each, in less time.

Nothing is skipped by a guess: every different text is looked at once. Of more than `FEW`, each
processor looks at a part in a process of its own (`data.redact_process`), while the caller goes on.
The texts travel through pipes between our own processes, as JSON: never through a file, and never
as pickles (which `multiprocessing` would make of them, importing the caller's program besides).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pandas as pd

from settings import ROOT
from wording import DEFAULT_LANGUAGE

from .errors import DataError
from .redact import found_in, marked
from .redact_numbers import Found

FEW = 5_000
"""So many different texts are looked at here: starting processes would take longer."""
SECONDS = 600
"""How long a process may take on a busy server; 100,000 texts take seconds."""
_COMMAND = (sys.executable, "-m", f"{__package__}.redact_process")

Spans = Mapping[str, list[Found]]
"""What was found in each text (`redact.found_in`)."""


@contextmanager
def looking(texts: Iterable[str]) -> Iterator[Callable[[], Spans]]:
    """Look for persons in texts while the caller does something else.

    Yields:
        A function that waits for the end and gives what was found; to be called inside.

    Raises:
        DataError: a process died or took too long (raised by that function): some texts were not
            looked at, so that nothing may be stored.
    """
    different = list(dict.fromkeys(texts))
    if len(different) <= FEW:
        yield lambda: {text: found_in(text) for text in different}
        return
    many = os.cpu_count() or 1
    parts = [different[at::many] for at in range(many)]
    with ThreadPoolExecutor(many) as threads:
        running = [
            subprocess.Popen(  # noqa: S603 - our own program, and no shell
                _COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for _ in parts
        ]  # fmt: skip
        try:
            told = [threads.submit(_told, *pair) for pair in zip(running, parts, strict=True)]
            yield lambda: {text: spans for one in told for text, spans in one.result()}
        finally:
            for process in running:  # no harm to one that has ended
                process.kill()


def _told(process: subprocess.Popen[bytes], texts: list[str]) -> list[tuple[str, list[Found]]]:
    sent = json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        said, _ = process.communicate(sent, timeout=SECONDS)
        found = json.loads(said)
        if process.returncode == 0:
            return [
                (text, [Found(*span) for span in spans])
                for text, spans in zip(texts, found, strict=True)
            ]
    except (subprocess.TimeoutExpired, OSError, ValueError):
        process.kill()
        process.communicate()
    # not chained: the reason could hold a text
    raise DataError("intake.cleaning.stopped", []) from None


def cleaned(texts: pd.Series, found: Spans, language: str = DEFAULT_LANGUAGE) -> pd.Series:
    """Each text as `redact(text, language).text`; NA stays NA; str on the index of `texts`."""
    changed = {text: marked(text, spans, language).text for text, spans in found.items() if spans}
    return pd.Series(
        [changed.get(text, text) for text in texts.tolist()], index=texts.index, dtype="str"
    )


def holds_person(texts: pd.Series, found: Spans) -> pd.Series:
    """Whether `redact` takes anything out of each text; bool on the index of `texts`."""
    return pd.Series([bool(found[text]) for text in texts.tolist()], index=texts.index, dtype=bool)
