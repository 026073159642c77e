"""`zaojie token …`: machines that may send cases, from the server itself."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, told

token_app = typer.Typer(no_args_is_help=True, help="Tokens of machines that send cases.")


@token_app.command("make")
@told
def make(
    label: str,
    body: Annotated[str, typer.Option(help="body id of the desk it sends for")],
    channel: Annotated[str, typer.Option(help="hotline, online or one_stop")],
    kind: Annotated[str, typer.Option(help="api or open311")] = "api",
    days: Annotated[int, typer.Option(help="until it ends by itself")] = 180,
    database: Database = None,
) -> None:
    """Make a token for one desk, one door and one channel; printed once and stored nowhere."""
    from data.machines import make_token
    from data.scope import Scope

    db = open_database(database)
    line, token = make_token(db, Scope.operator(), label, kind, body, channel, days)
    typer.echo(f"token {token}")
    typer.echo(f"{line.token_id}  {line.label}  ends {line.expires_at:%Y-%m-%d}; shown once only")


@token_app.command("list")
@told
def list_(database: Database = None, as_json: AsJson = False) -> None:
    """Every token ever made, the newest first; none of them can be shown again."""
    from data.machines import read_tokens
    from data.scope import Scope

    db = open_database(database)
    now = db.now()
    lines = read_tokens(db, Scope.operator())
    if as_json:
        shown = [vars(line) | {"state": line.state(now)} for line in lines]
        typer.echo(json.dumps(shown, default=lambda at: at.isoformat(), ensure_ascii=False))
        return
    if not lines:
        typer.echo("no token: no machine sends cases")
    for line in lines:
        typer.echo(
            f"{line.token_id}  {line.state(now):<7}  {line.kind:<7}  {line.channel:<8}  "
            f"{line.body_id}  until {line.expires_at:%Y-%m-%d}  {line.label}"
        )


@token_app.command("end")
@told
def end(token_id: str, database: Database = None) -> None:
    """End a token at once; what it sent stays."""
    from data.machines import end_token
    from data.scope import Scope

    end_token(open_database(database), Scope.operator(), token_id)
    typer.echo(f"{token_id} has ended; the cases it sent stay as they are")
