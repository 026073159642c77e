"""Accounts from a sheet: the template comes back filled in; every row right, or none is made."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data import account_sheet, accounts, invitations
from data.db import Db
from data.errors import NotAllowed
from data.scope import Scope
from tests.conftest import SUPERVISOR

ADMINISTRATOR = Scope("admin", "administrator")


@pytest.fixture
def county(sqlite_db: Db, small_county: Callable[[Db], Db]) -> Db:
    return small_county(sqlite_db)


def filled(db: Db, language: str, *rows: tuple[str, str, str]) -> bytes:
    """The template of a language with these rows."""
    book = openpyxl.load_workbook(io.BytesIO(account_sheet.template(db, ADMINISTRATOR, language)))
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("language", "clerk", "town", "leader"),
    [("zh", "乡镇专干", "东镇", "领导"), ("en", "township clerk", "East Town office", "leader")],
)
def test_the_template_comes_back_as_accounts_with_an_invitation_each(
    county: Db, language: str, clerk: str, town: str, leader: str
) -> None:
    data = filled(county, language, ("east-1", clerk, town), ("head", leader, ""))
    rows, problems = account_sheet.checked(county, ADMINISTRATOR, data, "accounts.xlsx")
    assert problems == []
    made = account_sheet.make(county, ADMINISTRATOR, rows)
    held = {line.login: line for line in accounts.read_accounts(county, ADMINISTRATOR)}
    assert [(held[x].roles[0].role, held[x].roles[0].body_id) for x in ("east-1", "head")] == [
        ("township_clerk", "t01"), ("leader", None),
    ]  # fmt: skip
    out = account_sheet.invitations(county, ADMINISTRATOR, made, "https://a.example", language)
    sheet = openpyxl.load_workbook(io.BytesIO(out)).active
    assert isinstance(sheet, Worksheet)
    lines = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [line[0] for line in lines] == ["east-1", "head"]
    link = str(lines[0][3])
    assert link.startswith(f"https://a.example/invitation?lang={language}#")
    assert invitations.redeem(county, link.split("#")[1], "three unlikely words")


@pytest.mark.parametrize(
    ("row", "column", "error"),
    [
        (("east-1", "市长", "东镇"), 1, "role"),
        (("east-1", "乡镇专干", "南镇"), 2, "body"),
        (("east-1", "乡镇专干", ""), 2, "needs_body"),
        (("east-1", "领导", "东镇"), 2, "has_body"),
        (("", "领导", ""), 0, "login"),
        (("taken", "领导", ""), 0, "login"),
        (("first", "领导", ""), 0, "twice"),
    ],
)
def test_what_is_wrong_is_said_at_its_row_and_nothing_is_made(
    county: Db, row: tuple[str, str, str], column: int, error: str
) -> None:
    accounts.make_account(county, ADMINISTRATOR, "taken", "leader", None)
    data = filled(county, "zh", ("first", "领导", ""), row)
    _, problems = account_sheet.checked(county, ADMINISTRATOR, data, "accounts.xlsx")
    heads = ["登录名", "角色", "单位"]
    assert [(p.row, p.column, p.key) for p in problems] == [
        (3, heads[column], f"accountsheet.error.{error}")
    ]
    logins = [line.login for line in accounts.read_accounts(county, ADMINISTRATOR)]
    assert "first" not in logins


@pytest.mark.parametrize(
    ("data", "error"),
    [("登录名,角色\n甲,领导\n", "no_body"), ("登录名,角色,单位\n", "count"),
     ("登录名,角色,单位\n" + "甲,领导,\n" * 201, "count")],
)  # fmt: skip
def test_a_sheet_without_a_column_or_with_too_few_or_many_rows(
    county: Db, data: str, error: str
) -> None:
    rows, problems = account_sheet.checked(county, ADMINISTRATOR, data.encode(), "accounts.csv")
    assert rows == []
    assert [p.key for p in problems] == [f"accountsheet.error.{error}"]


def test_only_an_administrator_makes_accounts(county: Db) -> None:
    with pytest.raises(NotAllowed):
        account_sheet.template(county, SUPERVISOR, "zh")
    with pytest.raises(NotAllowed):
        account_sheet.checked(county, SUPERVISOR, b"", "accounts.csv")
    with pytest.raises(NotAllowed):
        account_sheet.make(county, SUPERVISOR, [])
