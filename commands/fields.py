"""`zaojie fields doc`: the dictionary of what a sender may say about a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .parts import told

fields_app = typer.Typer(no_args_is_help=True, help="The dictionary of fields.")


@fields_app.callback()
def _fields() -> None:
    """Makes `doc` a command of its own, where it is the only one."""


@fields_app.command("doc")
@told
def doc(
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    out: Annotated[Path | None, typer.Option(help="file to write; else standard output")] = None,
) -> None:
    """The page about every field, as docs/fields/ has it."""
    from data.field_doc import page
    from wording import LANGUAGES

    if language not in LANGUAGES:
        raise ValueError(f"language must be zh or en, not {language!r}; nothing was written")
    text = page(language)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, "utf-8")
    typer.echo(f"dictionary of fields written to {out}")
