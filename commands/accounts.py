"""`zaojie account …`: staff accounts, from the server itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, settings_of, told

accounts_app = typer.Typer(no_args_is_help=True, help="Staff accounts.")


@accounts_app.command("make")
@told
def make(
    login: str,
    role: Annotated[str, typer.Option(help="a role of the closed list")],
    body: Annotated[str | None, typer.Option(help="body id, for clerks and grid workers")] = None,
    database: Database = None,
) -> None:
    """Make an account; prints its one-time password once."""
    from data.accounts import add_account
    from data.scope import Scope

    name, password = add_account(open_database(database), Scope.operator(), login, role, body)
    typer.echo(f"account {name}, one-time password: {password}")
    typer.echo("it lasts 72 hours and must be changed at the first sign-in")


@accounts_app.command("list")
@told
def list_(database: Database = None, as_json: AsJson = False) -> None:
    """Every account in use with its roles; no password, no hash."""
    from data.accounts import read_accounts
    from data.scope import Scope

    lines = read_accounts(open_database(database), Scope.operator())
    if as_json:
        typer.echo(json.dumps([asdict(line) for line in lines], default=str, indent=1))
        return
    for line in lines:
        roles = ", ".join(f"{r.role} {r.body_id or ''}".strip() for r in line.roles) or "no role"
        factor = "second factor" if line.has_factor else "no second factor"
        typer.echo(f"{line.login}  {roles}  {line.state.replace('_', ' ')}  {factor}")


@accounts_app.command("end")
@told
def end(login: str, database: Database = None) -> None:
    """End an account at once; open work stays with its body."""
    from data.accounts import end_account
    from data.scope import Scope
    from service.handover import open_work

    db, scope = open_database(database), Scope.operator()
    bodies = end_account(db, scope, login)
    typer.echo(f"account {login} has ended; its sessions, roles and invitations with it")
    for body, count in open_work(db, scope, bodies).items():
        typer.echo(f"{body}: {count} open cases stay with the body")


@accounts_app.command("invite")
@told
def invite_(login: str, database: Database = None) -> None:
    """A one-time invitation to set a (new) password; earlier ones of the account end."""
    from data.invitations import invite
    from data.scope import Scope

    token = invite(open_database(database), Scope.operator(), login)
    settings = settings_of(database)
    typer.echo(f"invitation for {login}, 72 hours, once: {token}")
    typer.echo(
        f"to be pasted at /invitation, or opened as "
        f"http://{settings.address}:{settings.port}/invitation#{token}"
    )


@accounts_app.command("reset-second-factor")
@told
def reset_second_factor(login: str, database: Database = None) -> None:
    """Take the second factor off an account whose owner lost the app; its sessions end."""
    from data.scope import Scope
    from data.second_factor import reset

    reset(open_database(database), Scope.operator(), login)
    typer.echo(f"the second factor of {login} was taken off; its sessions have ended")
