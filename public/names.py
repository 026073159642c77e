"""The public names a case page needs: offices, townships, categories. Read seldom, shown often."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from data.categories import Category
from data.db import Db
from data.places import read_bodies, read_townships
from data.scope import Scope
from service.figures import categories as categories_in_force

KEPT_SECONDS = 60.0
"""A renamed office shows its new name after at most a minute."""


@dataclass(frozen=True)
class Names:
    """Names by id in one language; an id without a name (open data) stands for itself.

    reviewers: who reviews what a body answered, by body; no entry = the county named none.
    in_force: the categories in force, by id.
    """

    bodies: Mapping[str, str]
    townships: Mapping[str, str]
    categories: Mapping[str, str]
    reviewers: Mapping[str, str]
    in_force: Mapping[str, Category]

    def body(self, body_id: str | None) -> str | None:
        """The name of an office; None for none."""
        return None if body_id is None else self.bodies.get(body_id, body_id)

    def reviewer(self, body_id: str) -> str | None:
        """The name of the body that reviews this one's answers; None where none is named."""
        return self.body(self.reviewers.get(body_id))


def read_names(db: Db, language: str) -> Names:
    """The names in force, from the record."""
    scope, column = Scope.public(), f"name_{language}"
    bodies, townships = read_bodies(db, scope), read_townships(db, scope)
    in_force = categories_in_force(db, scope).by_id
    named = bodies[bodies["reviewed_by"].notna()]
    return Names(
        bodies=dict(zip(bodies["body_id"], bodies[column], strict=True)),
        townships=dict(zip(townships["township_code"], townships[column], strict=True)),
        categories={name: category.names[language] for name, category in in_force.items()},
        reviewers=dict(zip(named["body_id"], named["reviewed_by"], strict=True)),
        in_force=in_force,
    )


class NamesKept:
    """The names of one database, read again after `KEPT_SECONDS`."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, tuple[float, Names]] = {}

    def of(self, db: Db, language: str) -> Names:
        """The names in a language."""
        now = self._now()
        at, names = self._kept.get(language, (-KEPT_SECONDS, None))
        if names is None or now - at >= KEPT_SECONDS:
            names = read_names(db, language)
            self._kept[language] = (now, names)
        return names
