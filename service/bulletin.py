"""The bulletin of a published month, from the content as it was frozen."""

from __future__ import annotations

import json

from data import publications
from data.db import Db
from data.errors import NotFound
from data.scope import Scope
from reports.bulletin import file_name, to_html, to_json, to_word
from reports.monthly_content import Content

FORMATS = ("docx", "html", "json")


def bulletin(
    db: Db, scope: Scope, month: str, kind: str, language: str = "zh"
) -> tuple[str, bytes]:
    """Name (with its ending) and bytes of a published month's bulletin.

    Args:
        month: YYYY-MM. kind: of `FORMATS`; the JSON holds both languages.

    Raises:
        NotFound: a month that was not published.
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    found = publications.read(db, scope, month)
    if found is None:
        raise NotFound("figures.error.not_published", month=month[:20])
    content: Content = json.loads(found.content)
    if kind == "json":
        made = to_json(content, found.sha256)
    else:
        make = {"docx": to_word, "html": to_html}[kind]
        made = make(content, language, found.sha256)
    return f"{file_name(content, language)}.{kind}", made
