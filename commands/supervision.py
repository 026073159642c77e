"""`zaojie supervision-file`: a county's own inspection list or township standard, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .parts import Database, open_database, told


@told
def supervision_file(
    file: Annotated[Path, typer.Argument(help="TOML: [[item]] of the inspection, or [standard]")],
    database: Database = None,
) -> None:
    """Put a county's own yearly inspection list, or its township standard, in force."""
    from data.scope import Scope
    from service.supervision import put_in_force
    from wording import DEFAULT_LANGUAGE, t

    name = put_in_force(open_database(database), Scope.operator(), file.read_text("utf-8"))
    typer.echo(t("supervision.file.in_force", DEFAULT_LANGUAGE, name=name))
