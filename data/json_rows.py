"""Arrays of flat JSON objects (Open311 GeoReport and the like), read as the rows of a sheet.

An object is a row and its place in the array is the row's number. Numbers keep their digits as
they were written. What lies deeper than a value (lists, objects) is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

import pandas as pd

from .encodings import encoding_of
from .errors import DataError
from .sheets import MAX_CELLS, MAX_COLUMNS, MAX_MB, MAX_ROWS
from .unseen import seen

_WORDS = {True: "true", False: "false"}


def is_json(data: bytes) -> bool:
    """Whether an upload is JSON, told by its first character."""
    encoding = encoding_of(data[:4096])
    return data[:4096].decode(encoding or "utf-8", "ignore").lstrip("\ufeff \t\r\n")[:1] in "[{"


def read_json_rows(data: bytes, file: str, columns: Collection[str] = ()) -> pd.DataFrame:
    """An array of flat objects as texts, like `sheets.read_sheet`.

    Args:
        data: an array, or an object whose only array it is (as some systems wrap it).
        file: its name, for the sentence when it is refused.
        columns: keys that are there even if no object has them: a key left out is an empty cell.

    Returns:
        str columns named as the keys; index `row` = 1-based place in the array. Empty, null and
        deeper values are empty texts.

    Raises:
        DataError: one sentence: no JSON, no array of objects, too large.
    """
    file = re.sub(r"[^\w.() -]", "_", file)[:80]
    if len(data) > MAX_MB * 2**20:
        raise DataError("intake.sheet.too_big", [], file=file, limit=MAX_MB)
    encoding = encoding_of(data)
    if encoding is None:
        raise DataError("intake.sheet.encoding", [], file=file)
    try:
        given = json.loads(
            data.decode(encoding).lstrip("\ufeff"), parse_int=str, parse_float=str,
            parse_constant=lambda word: "",
        )  # fmt: skip
    except (ValueError, RecursionError) as err:
        raise DataError("mappings.json.broken", [], file=file) from err
    if isinstance(given, dict):
        arrays = [value for value in given.values() if isinstance(value, list)]
        given = arrays[0] if len(arrays) == 1 else None
    if not isinstance(given, list) or not given or not all(isinstance(o, dict) for o in given):
        raise DataError("mappings.json.no_rows", [], file=file)
    if len(given) > MAX_ROWS:
        raise DataError("intake.sheet.too_many_rows", [], file=file, limit=MAX_ROWS)
    names = list(dict.fromkeys(key for row in given for key in row))
    if len(names) > MAX_COLUMNS:
        raise DataError("intake.sheet.too_many_columns", [], file=file, limit=MAX_COLUMNS)
    names += [name for name in columns if name not in names]
    if len(names) * len(given) > MAX_CELLS:
        raise DataError("intake.sheet.too_heavy", [], file=file)
    index = pd.Index(range(1, len(given) + 1), name="row", dtype="int64")
    cells = [[_text(row.get(name)) for name in names] for row in given]
    return pd.DataFrame(cells, index=index, columns=names, dtype="str")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _WORDS[value]
    return seen(value) if isinstance(value, str) else ""
