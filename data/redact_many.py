"""Many texts cleaned of persons: the same outcome as `data.redact.redact` of each, in less time.

Nothing is skipped by a guess: every different text is looked at once, but for bare numbers in
which no pattern can match. Of more than `FEW`, processes of their own (`data.redact_process`) look
at a part each, one process fewer than there are processors, while the caller goes on.
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
from functools import cache

import pandas as pd

from settings import ROOT
from wording import DEFAULT_LANGUAGE

from .errors import DataError
from .redact import redact
from .redact_screen import is_bare_number

FEW = 5_000
"""So many different texts are looked at here: starting processes would take longer."""
SECONDS = 600
"""How long a process may take on a busy server; 100,000 texts take seconds."""
_COMMAND = (sys.executable, "-m", f"{__package__}.redact_process")

Cleaned = Mapping[str, str]
"""Each text of which something was taken out, and what is left; any other stays as it is."""


@contextmanager
def looking(
    texts: Iterable[str], language: str = DEFAULT_LANGUAGE
) -> Iterator[Callable[[], Cleaned]]:
    """Look for persons in texts while the caller does something else.

    Args:
        language: of the marks put into the texts.

    Yields:
        A function that waits for the end and gives what was changed; to be called inside.

    Raises:
        DataError: a process died or took too long (raised by that function): some texts were not
            looked at, so that nothing may be stored.
    """
    different = [text for text in dict.fromkeys(texts) if not is_bare_number(text)]
    if len(different) <= FEW:
        yield cache(
            lambda: {t: done.text for t in different if (done := redact(t, language)).is_changed}
        )
        return
    # the caller goes on meanwhile, on a processor of its own
    many = max(1, (os.cpu_count() or 1) - 1)
    parts = [different[at::many] for at in range(many)]
    with ThreadPoolExecutor(many) as threads:
        running = [
            subprocess.Popen(  # noqa: S603 - our own program, and no shell
                [*_COMMAND, language], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for _ in parts
        ]  # fmt: skip
        try:
            told = [threads.submit(_told, *pair) for pair in zip(running, parts, strict=True)]
            yield cache(lambda: {text: clean for one in told for text, clean in one.result()})
        finally:
            for process in running:  # no harm to one that has ended
                process.kill()


def _told(process: subprocess.Popen[bytes], texts: list[str]) -> list[tuple[str, str]]:
    sent = json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        said, _ = process.communicate(sent, timeout=SECONDS)
        count, changed = json.loads(said)
        if process.returncode == 0 and count == len(texts):
            return [(texts[at], clean) for at, clean in changed]
    except (subprocess.TimeoutExpired, OSError, ValueError, TypeError):
        process.kill()
        process.communicate()
    # not chained: the reason could hold a text
    raise DataError("intake.cleaning.stopped", []) from None


def cleaned(texts: pd.Series, changed: Cleaned) -> pd.Series:
    """Each text as `redact(text).text`; NA stays NA; str on the index of `texts`."""
    if not changed:
        return texts.astype("str")
    return pd.Series(
        [changed.get(text, text) for text in texts.tolist()], index=texts.index, dtype="str"
    )


def holds_person(texts: pd.Series, changed: Cleaned) -> pd.Series:
    """Whether `redact` takes anything out of each text; bool on the index of `texts`."""
    return pd.Series([text in changed for text in texts.tolist()], index=texts.index, dtype=bool)
