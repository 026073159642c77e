"""`zaojie backup`, `restore`, `move-to`: the record as a file, back again, and to PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from wording import t

from .parts import AsJson, Database, Progress, open_database, settings_of, told

backup_app = typer.Typer(help="Backups: sealed, verified, kept for 90 days at most.")

Recipient = Annotated[
    list[str] | None, typer.Option(help="public key of age (age1…); may be repeated")
]
Gpg = Annotated[list[str] | None, typer.Option(help="key that gpg knows; may be repeated")]
Passphrase = Annotated[
    Path | None, typer.Option(help="file with a passphrase; gpg seals or opens by it")
]
Plain = Annotated[bool, typer.Option("--plain-i-know", help="leave the file unsealed")]
Identity = Annotated[Path | None, typer.Option(help="identity file of age that opens it")]


def _lock(recipient: Any, gpg: Any, passphrase_file: Path | None, is_plain: bool) -> Any:
    from data.backup.sealing import Lock

    return Lock(tuple(recipient or ()), tuple(gpg or ()), passphrase_file, is_plain)


@backup_app.callback(invoke_without_command=True)
@told
def backup(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="folder, or a file that is not there yet")
    ] = None,
    database: Database = None,
    recipient: Recipient = None,
    gpg: Gpg = None,
    passphrase_file: Passphrase = None,
    plain_i_know: Plain = False,
    identity: Identity = None,
    keep: Annotated[
        int | None, typer.Option(help="days, 1 to 90; older backups in the folder are deleted")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the database to a sealed file while people go on writing, and verify it."""
    if context.invoked_subcommand is not None:
        return
    from data.backup.key_file import open_even_without
    from data.backup.manifest import MOST_DAYS
    from data.backup.sealing import Opener
    from data.scope import Scope
    from service.backup import back_up

    if out is None:
        raise typer.BadParameter("--out is missing: a folder, or a file that is not there yet")
    lock = _lock(recipient, gpg, passphrase_file, plain_i_know)
    settings = settings_of(database)
    made = back_up(
        open_even_without(settings), Scope.operator(), out, lock, settings.var,
        opener=Opener(identity, passphrase_file), keep_days=MOST_DAYS if keep is None else keep,
    )  # fmt: skip
    manifest = made.manifest
    if as_json:
        facts = {
            "file": str(made.path), "backup_id": manifest.backup_id,
            "made_at": manifest.made_at.isoformat(), "kept_until": manifest.kept_until.isoformat(),
            "rows": manifest.row_count, "read_back": made.is_read_back,
            "deleted": [str(path) for path in made.let_go],
        }  # fmt: skip
        typer.echo(json.dumps(facts))
        return
    typer.echo(f"{made.path}: {manifest.row_count:,} rows in {len(manifest.tables)} tables")
    typer.echo(
        f"complete up to {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; backup {manifest.backup_id}"
    )
    typer.echo(f"to be gone after {manifest.kept_until}; deleted now: {len(made.let_go)} older")
    typer.echo(
        "read back and compared to the byte" if made.is_read_back else
        "sealed for a key that is not here: run `zaojie restore --check` where it is"
    )  # fmt: skip


@backup_app.command("keys")
@told
def keys(
    out: Annotated[Path, typer.Option(help="folder or new file, apart from the data's backups")],
    database: Database = None,
    recipient: Recipient = None,
    gpg: Gpg = None,
    passphrase_file: Passphrase = None,
    plain_i_know: Plain = False,
) -> None:
    """Write the key file to a sealed file of its own; never into a folder of data backups."""
    from data.scope import Scope
    from service.backup import back_up_keys

    lock = _lock(recipient, gpg, passphrase_file, plain_i_know)
    settings = settings_of(database)
    path = back_up_keys(open_database(database), Scope.operator(), settings.keys, out, lock)
    typer.echo(f"{path}: the keys; keep them apart from the backups of the database")


@told
def restore(
    file: Annotated[Path, typer.Argument(help="a backup; with --check also a folder of them")],
    database: Database = None,
    keys: Annotated[Path | None, typer.Option(help="key file or its sealed backup")] = None,
    identity: Identity = None,
    passphrase_file: Passphrase = None,
    keys_identity: Annotated[
        Path | None, typer.Option(help="identity of age that opens the keys, if another")
    ] = None,
    keys_passphrase_file: Annotated[
        Path | None, typer.Option(help="passphrase that opens the keys, if another")
    ] = None,
    keys_lost: Annotated[
        bool, typer.Option("--keys-lost", help="the keys are gone for good: make new ones")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="only test: restore to scratch, look, throw away")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty database, or test that it would come back."""
    from data.backup.sealing import Opener
    from service.backup import check as tested
    from service.backup import restore as brought_back

    opener, settings = Opener(identity, passphrase_file), settings_of(database)
    other = keys_identity is not None or keys_passphrase_file is not None
    keys_opener = Opener(keys_identity, keys_passphrase_file) if other else None
    if check:
        found = tested(file, settings, opener, keys=keys, keys_opener=keys_opener)
    else:
        found = brought_back(
            file, settings, opener, keys=keys, keys_opener=keys_opener, are_lost=keys_lost
        )
    _say(found, check, as_json)
    if not found.is_whole:
        raise typer.Exit(1)


_REPORTS = {
    "same": "the same to the digit",
    "differs": "DIFFERS from what it said when the backup was made",
    "other_program": "differs, and another version of the program made it: compare by hand",
}


def _say(found: Any, is_check: bool, as_json: bool) -> None:
    manifest = found.manifest
    broken = [t(f"audit.broken.{one.key}", "en", **one.values) for one in found.broken]
    if as_json:
        facts = {
            "backup_id": manifest.backup_id, "made_at": manifest.made_at.isoformat(),
            "rows": manifest.row_count, "report": found.report, "keys": found.has_keys,
            "texts_ended": found.ended, "broken": broken, "is_whole": found.is_whole,
        }  # fmt: skip
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    typer.echo(
        f"backup {manifest.backup_id}, complete up to {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: "
        f"{manifest.row_count:,} rows in {len(manifest.tables)} tables, every count and hash as "
        "the manifest says"
    )
    if manifest.report is not None:
        day = manifest.report["day"]
        typer.echo(f"the daily report of {day}, made again, is {_REPORTS[found.report]}")
        typer.echo(f"texts that were due since have ended: {found.ended} keys destroyed")
    typer.echo("the log fits itself and its anchor" if not broken else "\n".join(broken))
    if not found.has_keys:
        typer.echo(t("backup.told.no_keys" if is_check else "backup.told.keys_lost", "en"))
    if is_check:
        typer.echo("the restore test passed" if found.is_whole else "the restore test FAILED")


@told
def move_to(
    url: Annotated[str, typer.Argument(help="an empty PostgreSQL: postgresql://user@host/name")],
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Move a SQLite county to PostgreSQL: every table copied, counted and compared by its hash."""
    from data.backup.moving import move
    from data.scope import Scope

    progress = Progress()
    moved = move(open_database(database), Scope.operator(), url, progress)
    progress.end()
    if as_json:
        tables = {n: {"rows": one.count, "sha256": one.sha256} for n, one in moved.tables.items()}
        typer.echo(json.dumps(tables))
        return
    for name, one in moved.tables.items():
        typer.echo(f"{name:<20} {one.count:>12,} rows  {one.sha256[:16]}")
    typer.echo(f"{moved.row_count:,} rows moved; count and hash of every table are the same there")
    typer.echo("this database takes no row any more: set ZAOJIE_DATABASE to the new address")
