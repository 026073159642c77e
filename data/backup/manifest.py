"""What a backup says of itself, in front of what it holds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from data.errors import ConfigError

from .tables import Facts, Shape

FORMAT = 1
MOST_DAYS = 90
"""A backup holds the keys of texts that have ended since: none is kept longer (DOMAIN.md §2.13)."""


@dataclass(frozen=True)
class Manifest:
    """One backup.

    made_at: the moment it is complete up to (aware). kept_until: after this day it is to be gone.
    database: `sqlite` or `postgresql`. revision: of its tables. program: the version that made it.
    payload, sha256: name and hash of the database's own file behind this one.
    tables: what each table holds. anchor: the line of `data.anchors`, "" while the log is empty.
    keys: of each purpose and version what tells one key file from another (`key_file`).
    report: the daily report of the last whole day as known at its end, by its hash; None = the
    database was never set up.
    """

    backup_id: str
    made_at: dt.datetime
    kept_until: dt.date
    database: str
    revision: str
    program: str
    payload: str
    sha256: str
    tables: Mapping[str, Facts]
    anchor: str
    keys: Mapping[str, Mapping[str, str]]
    report: Mapping[str, str] | None

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(one.count for one in self.tables.values())

    def to_json(self) -> bytes:
        """As it stands in the file."""
        said: dict[str, Any] = asdict(self)
        said["made_at"], said["kept_until"] = self.made_at.isoformat(), self.kept_until.isoformat()
        return json.dumps({"format": FORMAT, **said}, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes, file: object) -> Manifest:
        """What `to_json` wrote.

        Raises:
            ConfigError: not a backup of this program, or one of a newer format.
        """
        try:
            said = json.loads(text)
            if said.pop("format") != FORMAT:
                raise ConfigError("backup.error.newer", file=file)
            said["made_at"] = dt.datetime.fromisoformat(said["made_at"])
            said["kept_until"] = dt.date.fromisoformat(said["kept_until"])
            said["tables"] = {
                name: Facts(
                    Shape(one["shape"]["columns"], tuple(one["shape"]["key"])),
                    one["count"], one["sha256"],
                )
                for name, one in said["tables"].items()
            }  # fmt: skip
            return cls(**said)
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            raise ConfigError("backup.error.unreadable", file=file) from err
