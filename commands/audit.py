"""The log's own evidence: the line to print, and what does not fit it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wording import t

from .parts import AsJson, Database, open_database, told


@told
def anchor(database: Database = None) -> None:
    """Print the anchor of this moment: one line to keep where the server is not."""
    from data import anchors
    from data.scope import Scope

    made = anchors.make(open_database(database), Scope.operator())
    if made is None:
        raise ValueError(t("audit.told.anchor_none", "en"))
    typer.echo(made.line())


@told
def verify_audit(
    database: Database = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option(help="an anchor that was printed before, or a file of them; may be repeated"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Whether the log fits itself and, with --anchor, what was printed before."""
    import json

    from data import anchors
    from data.scope import Scope

    kept = [_text(one) for one in anchor or []]
    given = [found for text in kept for found in anchors.parse(text)]
    broken = anchors.check(open_database(database), Scope.operator(), given)
    if as_json:
        lines = [{"what": one.key, **one.values} for one in broken]
        typer.echo(json.dumps({"anchors": len(given), "broken": lines}))
    if broken:
        said = [t(f"audit.broken.{one.key}", "en", **one.values) for one in broken]
        if as_json:
            raise typer.Exit(1)
        raise ValueError("\n".join(said))
    if not as_json:
        key = "audit.page.whole_anchors" if given else "audit.page.whole"
        typer.echo(t(key, "en", count=len(given)))


def _text(given: str) -> str:
    path = Path(given)
    is_file = len(given) < 1000 and path.is_file()
    return path.read_text("utf-8") if is_file else given
