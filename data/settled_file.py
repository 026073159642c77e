"""Which cases are settled, as a file beside the kept columns: numbers and days, nothing else.

A settled case is one that nothing but a new row can change. What makes it so is said by
`service.near`; here it is only kept, by the place in the record, the moment and the rules it was
found by.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .column_files import whole
from .columns import Place

NEVER = np.iinfo(np.int32).max
"""Last day of a case that is not settled."""
FORMAT = 1
_NAME = "settled.parquet"
_KEY = b"zaojie"
_log = logging.getLogger("zaojie")


@dataclass(frozen=True)
class Settled:
    """By number of the case in the record.

    last_day: days since 1970 after which it counts in no figure of a window; NEVER = it is not
    settled. is_counted: whether it is a case of the figures at all.
    """

    place: Place
    as_of: dt.datetime
    rules: str
    last_day: NDArray[np.int32]
    is_counted: NDArray[np.bool_]


def load(folder: Path | None) -> Settled | None:
    """What the file holds; None where there is none that can be read."""
    if folder is None or not (folder / _NAME).exists():
        return None
    try:
        table = pq.read_table(folder / _NAME)
        told = json.loads(table.schema.metadata[_KEY])
        found = Settled(
            Place(*told["place"]), dt.datetime.fromisoformat(told["as_of"]), told["rules"],
            table["last_day"].to_numpy(), table["is_counted"].to_numpy(),
        )  # fmt: skip
        if told["format"] != FORMAT or told["sum"] != _sum(found):
            raise ValueError("another version or other values than written")
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as err:
        _log.warning("%s in %s not readable (%s): made anew", _NAME, folder, type(err).__name__)
        return None
    return found


def save(folder: Path | None, found: Settled) -> None:
    """Write the file; what hinders it is said in the log and stops nobody."""
    if folder is None:
        return
    told = {
        "format": FORMAT, "place": list(found.place), "as_of": found.as_of.isoformat(),
        "rules": found.rules, "sum": _sum(found),
    }  # fmt: skip
    table = pa.table({"last_day": found.last_day, "is_counted": found.is_counted})
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole(folder / _NAME) as path:
            pq.write_table(
                table.replace_schema_metadata({_KEY: json.dumps(told)}), path, compression="lz4"
            )
    except OSError as err:
        _log.warning("%s not kept (%s)", folder / _NAME, err.strerror or type(err).__name__)


def _sum(found: Settled) -> str:
    return hashlib.sha256(found.last_day.tobytes() + found.is_counted.tobytes()).hexdigest()
