"""Staff accounts from a sheet: one account in each row, every row right or none is made.

The invitations are in what is returned and nowhere else.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from wording import LANGUAGES, t

from . import accounts, places
from .accounts import BODY_ROLES
from .db import Db
from .errors import NotAllowed, RowProblem
from .invitations import invite
from .scope import Scope
from .sheets import read_sheet
from .vocabulary import ROLES

COLUMNS = ("login", "role", "body")
MOST = 200
"""Rows of one sheet: a county's desks and grid workers fit, a slip of the pen does not."""


@dataclass(frozen=True)
class NewAccount:
    """One account as its row says, in ids. body_id: None for a county role."""

    login: str
    role: str
    body_id: str | None


@dataclass(frozen=True)
class Invited:
    """An account that was made, and the invitation that opens it."""

    account: NewAccount
    token: str


def template(db: Db, scope: Scope, language: str) -> bytes:
    """An empty xlsx: login, role and body, the last two to be picked from lists.

    Raises:
        NotAllowed: not an administrator.
    """
    scope.need("administrator")
    book = openpyxl.Workbook()
    sheet, lists = book.active, book.create_sheet(t("accountsheet.lists", language))
    assert isinstance(sheet, Worksheet)
    sheet.title, lists.sheet_state = t("accountsheet.title", language), "hidden"
    _heads(sheet, [t(f"accountsheet.column.{name}", language) for name in COLUMNS])
    bodies = places.read_bodies(db, scope)[f"name_{language}"].to_list()
    roles = [t(f"words.role.{role}", language) for role in ROLES]
    for column, values in ((2, roles), (3, bodies)):
        letter = get_column_letter(column)
        for row, value in enumerate(values, 1):
            lists.cell(row, column).value = str(value)
        where = f"'{lists.title}'!${letter}$1:${letter}${len(values)}"
        pick = DataValidation(type="list", formula1=where, allow_blank=True)
        pick.showErrorMessage = False  # the upload says what is wrong, in full sentences
        pick.add(f"{letter}2:{letter}{MOST + 1}")
        sheet.add_data_validation(pick)
    return _bytes(book)


def checked(
    db: Db, scope: Scope, data: bytes, file: str
) -> tuple[list[NewAccount], list[RowProblem]]:
    """The accounts that a sheet's rows ask for, and what is wrong with it.

    Raises:
        NotAllowed: not an administrator.
        DataError: a file that cannot be read.
    """
    scope.need("administrator")
    names = {_plain(head): name for name in COLUMNS for head in (name, *_words(name))}
    frame = read_sheet(data, file, lambda head: _plain(head) in names)
    columns = {names[_plain(head)]: head for head in frame.columns if _plain(head) in names}
    if lacking := [name for name in COLUMNS if name not in columns]:
        return [], [RowProblem(0, "", f"accountsheet.error.no_{lacking[0]}")]
    if not 1 <= len(frame) <= MOST:
        return [], [RowProblem(0, "", "accountsheet.error.count", (("most", MOST),))]
    bodies = _bodies(db, scope)
    roles = {_plain(word): role for role in ROLES for word in (role, *_role_words(role))}
    good: list[NewAccount] = []
    problems: list[RowProblem] = []
    for number, row in frame.iterrows():
        said = {name: str(row[head]).strip() for name, head in columns.items()}
        role, body = roles.get(_plain(said["role"])), bodies.get(_plain(said["body"]))
        wrong = _wrong(db, said, role, body, {one.login for one in good})
        if wrong is not None:
            column, key = wrong
            at = RowProblem(
                int(str(number)), columns[column], key, (("login", said["login"][:60]),)
            )
            problems.append(at)
        elif role is not None:
            good.append(NewAccount(said["login"], role, body))
    return good, problems


def make(db: Db, scope: Scope, rows: list[NewAccount]) -> list[Invited]:
    """Make the checked accounts, each with the invitation that opens it.

    Raises:
        NotAllowed: not an administrator, or a login taken a moment ago; those before it are made.
    """
    scope.need("administrator")
    made = []
    for one in rows:
        accounts.make_account(db, scope, one.login, one.role, one.body_id)
        made.append(Invited(one, invite(db, scope, one.login)))
    return made


def invitations(db: Db, scope: Scope, made: list[Invited], address: str, language: str) -> bytes:
    """The invitations as xlsx, one row for each account, to hand over one by one.

    Args:
        address: of this server as a browser reaches it, without a slash at its end.
    """
    names = places.read_bodies(db, scope).set_index("body_id")[f"name_{language}"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = t("accountsheet.title", language)
    heads = (*COLUMNS, "link")
    _heads(sheet, [t(f"accountsheet.column.{name}", language) for name in heads])
    for row, one in enumerate(made, 2):
        body = "" if one.account.body_id is None else str(names.get(one.account.body_id, ""))
        link = f"{address}/invitation?lang={language}#{one.token}"
        role = t(f"words.role.{one.account.role}", language)
        for column, value in enumerate((one.account.login, role, body, link), 1):
            cell = sheet.cell(row, column)
            cell.value, cell.data_type = value, "s"  # a login "=..." stays letters
    return _bytes(book)


def _wrong(
    db: Db, said: dict[str, str], role: str | None, body: str | None, here: set[str]
) -> tuple[str, str] | None:
    """Column and sentence of the first thing that is wrong with a row; None = right."""
    if role is None:
        return "role", "accountsheet.error.role"
    if said["body"] and body is None:
        return "body", "accountsheet.error.body"
    if (role in BODY_ROLES) != (body is not None):
        needs = "needs_body" if role in BODY_ROLES else "has_body"
        return "body", f"accountsheet.error.{needs}"
    if said["login"] in here:
        return "login", "accountsheet.error.twice"
    try:
        with db.read() as conn:
            accounts.check_login(conn, said["login"])
    except NotAllowed:
        return "login", "accountsheet.error.login"
    return None


def _bodies(db: Db, scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in places.read_bodies(db, scope).itertuples():
        for word in (row.body_id, *(getattr(row, f"name_{language}") for language in LANGUAGES)):
            found[_plain(str(word))] = str(row.body_id)
    return found


def _words(name: str) -> list[str]:
    return [t(f"accountsheet.column.{name}", language) for language in LANGUAGES]


def _role_words(role: str) -> list[str]:
    return [t(f"words.role.{role}", language) for language in LANGUAGES]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _heads(sheet: Worksheet, heads: list[str]) -> None:
    for column, head in enumerate(heads, 1):
        cell = sheet.cell(1, column)
        cell.value, cell.font = head, Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 30
    sheet.freeze_panes = "A2"


def _bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
