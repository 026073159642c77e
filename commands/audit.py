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
    """An anchor's line as it is; else what stands in a file."""
    from data.anchors import NAME

    # a line is longer than a name of a file may be: looking whether it is one fails
    return given if given.lstrip().startswith(NAME) else _file(Path(given), given)


def _file(path: Path, given: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return given  # then it is said that it is no anchor
