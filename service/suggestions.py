"""What became of suggestions: a quarter's covered totals, published once, and their files."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

from data import suggestions
from data.db import Db
from data.errors import NotAllowed
from data.scope import Scope
from data.suggestions import Quarter
from reports.suggestions import (
    Content,
    Span,
    as_text,
    content_of,
    quarter_before,
    quarter_of,
    to_csv,
    to_json,
)

FILES = ("suggestions.csv", "suggestions.json")


def newest_over(db: Db) -> Span:
    """The newest quarter that is over today."""
    return quarter_before(db.now().astimezone(ZoneInfo(db.county().zone)).date())


def compute(db: Db, scope: Scope, name: str) -> Content:
    """The covered content of a quarter as known now, not yet frozen.

    Raises:
        NotAllowed: a name that is no quarter's, a quarter that is not over, or a role that does
            not see the county's figures.
    """
    county = db.county()
    try:
        span = quarter_of(name)
    except ValueError:
        raise NotAllowed("suggestions.error.quarter", quarter=name[:20]) from None
    if span.last > newest_over(db).last:
        raise NotAllowed("suggestions.error.not_over", quarter=name)
    zone = ZoneInfo(county.zone)
    since = dt.datetime.combine(span.first, dt.time(), zone)
    until = dt.datetime.combine(span.last + dt.timedelta(days=1), dt.time(), zone)
    counts = suggestions.totals(
        db, scope, since.astimezone(dt.UTC), until.astimezone(dt.UTC), db.now()
    )
    names = {"zh": county.name_zh, "en": county.name_en}
    return content_of(span, counts, names, county.is_demo)


def publish(db: Db, scope: Scope, name: str) -> Quarter:
    """Publish a quarter, or give it as it was published.

    Raises:
        NotAllowed: as `compute`, or another role than a supervisor (or the operator).
    """
    scope.need("supervisor", "operator")
    return suggestions.save_quarter(db, scope, name, as_text(compute(db, scope, name)))


def published(db: Db, scope: Scope) -> tuple[tuple[Quarter, Content], ...]:
    """Every published quarter with its content, newest first. Public: every scope."""
    return tuple((one, json.loads(one.content)) for one in suggestions.quarters(db, scope))


def public_files(db: Db, scope: Scope) -> dict[str, bytes]:
    """The files for everybody by name."""
    contents = [content for _, content in published(db, scope)]
    made = (to_csv(contents), to_json(contents, db.county().is_demo))
    return dict(zip(FILES, made, strict=True))
