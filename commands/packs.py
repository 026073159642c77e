"""`zaojie packs …`: which rules packs there are, what they say, and whether a file is one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .parts import AsJson, told

packs_app = typer.Typer(no_args_is_help=True, help="Rules packs: limits, sources, versions.")


@packs_app.command("list")
@told
def list_(as_json: AsJson = False) -> None:
    """Every version of every shipped pack, with its days of effect and the hash of its file."""
    import json

    from casework.pack import pack_ids, series

    found = [
        {
            "pack": pack.id,
            "version": pack.version,
            "effective_from": pack.effective_from.isoformat(),
            "effective_to": pack.effective_to and pack.effective_to.isoformat(),
            "governs": pack.governs,
            "calendar": pack.calendar,
            "sha256": pack.file_hash,
        }
        for name in pack_ids()
        for pack in series(name).versions
    ]
    if as_json:
        typer.echo(json.dumps(found, indent=1))
    for one in [] if as_json else found:
        typer.echo(
            f"{one['pack']:<28} v{one['version']}  {one['effective_from']} to "
            f"{one['effective_to'] or '…':<10}  {one['calendar']:<10} {str(one['sha256'])[:16]}"
        )


@packs_app.command("doc")
@told
def doc(
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    out: Annotated[Path | None, typer.Option(help="file to write; else standard output")] = None,
) -> None:
    """The page about every pack, as docs/packs/ has it."""
    from casework.pack_doc import page
    from wording import LANGUAGES

    if language not in LANGUAGES:
        raise ValueError(f"language must be zh or en, not {language!r}; nothing was written")
    text = page(language)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, "utf-8")
    typer.echo(f"rules packs written to {out}")


@packs_app.command("check")
@told
def check(file: Path) -> None:
    """Whether a pack file is well formed and no looser than the law it names; loads nothing."""
    import tomllib

    from casework.pack import parse
    from data.errors import NotFound

    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound("service.no_file", file=file) from None
    except UnicodeDecodeError as err:
        raise ValueError(f"{file} is not UTF-8 text: {err}. Nothing was checked.") from None
    try:
        name = str(tomllib.loads(text).get("id", file.stem))
    except tomllib.TOMLDecodeError:
        name = file.stem  # `parse` says what is wrong with it
    pack = parse(text, name)
    law = f", no looser than {pack.tightens}" if pack.tightens else ""
    typer.echo(f"{file}: {pack.id} version {pack.version} can be used{law}")
    for procedure, rules in pack.rules.items():
        for clock, rule in rules.items():
            limit = "per case" if rule.limit is None else f"{rule.limit} {rule.unit}"
            mark = " [2nd]" if rule.second_hand else ""
            typer.echo(f"  {procedure:<9} {clock:<19} {limit:<20} {rule.source}{mark}")
