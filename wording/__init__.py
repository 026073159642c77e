"""What everything is said with: one catalogue per language, below all other rooms.

A text is found by its key: the file's name, then the path inside the file, joined by dots
(`public.status.title` stands in `wording/zh/public.toml` under `[status]`). Both languages hold
the same keys with the same placeholders (tests/test_wording.py).
"""

from __future__ import annotations

import string
import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"

_HOME = Path(__file__).parent


def _flatten(prefix: str, table: dict[str, object]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict):
            flat |= _flatten(name, value)
        else:
            flat[name] = str(value)
    return flat


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of a language by its key.

    Raises:
        LookupError: for a language that is not in `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise LookupError(f"no such language: {language!r}; there are {', '.join(LANGUAGES)}")
    texts: dict[str, str] = {}
    for path in sorted((_HOME / language).glob("*.toml")):
        texts |= _flatten(path.stem, tomllib.loads(path.read_text("utf-8")))
    return texts


def t(key: str, language: str, /, **values: object) -> str:
    """The text of `key`, its `{placeholders}` filled from `values`.

    The text is plain: whoever puts it into HTML or a document escapes it there.

    Raises:
        LookupError: for a key that is in no catalogue, or a placeholder without a value.
    """
    try:
        text = catalogue(language)[key]
    except KeyError:
        raise LookupError(f"no text {key!r} in the catalogue for {language!r}") from None
    return text.format(**values) if values or "{" in text else text


def has(key: str, language: str) -> bool:
    """Whether the catalogue holds `key`: for lists whose members have optional help texts."""
    return key in catalogue(language)


def placeholders(text: str) -> set[str]:
    """The names of the `{placeholders}` in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
