"""`zaojie fields …`: pages made from the code: fields sent in, formulas, tables and files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .parts import told

fields_app = typer.Typer(
    no_args_is_help=True, help="Pages made from the code: fields, formulas, dictionary."
)


Language = Annotated[str, typer.Option(help="zh or en")]
Out = Annotated[Path | None, typer.Option(help="file to write; else standard output")]


@fields_app.command("doc")
@told
def doc(language: Language = "zh", out: Out = None) -> None:
    """The page about every field of a case that is sent in, as docs/fields/ has it."""
    from data.field_doc import page

    _write(page, language, out)


@fields_app.command("formulas")
@told
def formulas(language: Language = "zh", out: Out = None) -> None:
    """How every figure is computed, as docs/formulas.md and docs/formulas.zh.md have it."""
    from reports.formulas import page

    _write(page, language, out)


@fields_app.command("dictionary")
@told
def dictionary(language: Language = "zh", out: Out = None) -> None:
    """Every table, every column and every file that leaves, as docs/dictionary.md has it."""
    from reports.dictionary import page

    _write(page, language, out)


def _write(page: Callable[[str], str], language: str, out: Path | None) -> None:
    from wording import LANGUAGES

    if language not in LANGUAGES:
        raise ValueError(f"language must be zh or en, not {language!r}; nothing was written")
    text = page(language)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, "utf-8")
    typer.echo(f"written to {out}")
