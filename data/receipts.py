"""Receipt codes: made from chance alone, kept only as a keyed hash, checked before they are sought.

A code is 16 characters of a 32-letter alphabet without look-alikes (80 random bits) and one check
character (ISO 7064 hybrid system over 32 symbols, which needs an even size to catch swaps too). It
opens one case, to whoever holds it; §2.9 of DOMAIN.md says why a stolen one can only help.
"""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from . import audit
from .chunks import chunks
from .db import Db
from .db import holding as db_holding
from .errors import NotAllowed, NotFound, ProjectError
from .prepared import Prepared
from .reading import owing_body
from .schema import case_version, receipt
from .scope import RESIDENT, Scope

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 16
_BASE = len(ALPHABET)


class MalformedCode(ProjectError):
    """A code with a typing slip: the check character does not fit. Nothing was looked up."""

    def __init__(self) -> None:
        super().__init__("data.error.code_malformed")


def check_character(body: str) -> str:
    """The check character of 16 characters (ISO 7064 hybrid MOD M+1,M with M = 32)."""
    state = _BASE
    for letter in body:
        state = (state + ALPHABET.index(letter)) % _BASE or _BASE
        state = state * 2 % (_BASE + 1)
    return ALPHABET[(_BASE + 1 - state) % _BASE]


def new_code() -> str:
    """A fresh code, 17 characters, not derived from anything."""
    body = "".join(ALPHABET[byte % _BASE] for byte in secrets.token_bytes(LENGTH))
    return body + check_character(body)


def shown(code: str) -> str:
    """The code as printed: groups of four, the check character last."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def normalised(typed: str) -> str:
    """What somebody typed as a code: any case, full-width, with or without dashes and blanks.

    Raises:
        MalformedCode: wrong length, a character outside the alphabet, or a check that fails.
    """
    text = unicodedata.normalize("NFKC", typed[:200]).upper()
    code = "".join(c for c in text if c not in " -–—_.·\t\r\n\u3000")
    if len(code) != LENGTH + 1 or any(c not in ALPHABET for c in code):
        raise MalformedCode
    if check_character(code[:LENGTH]) != code[LENGTH]:
        raise MalformedCode
    return code


def slip_tag(db: Db, code: str) -> str:
    """The tag printed on the slip: shows that a code is genuine even if its case is gone."""
    digest = int(db.keys.digest("receipt", f"tag:{code}")[:10], 16)
    return "".join(ALPHABET[digest >> shift & 31] for shift in range(0, 40, 5))


def is_genuine(db: Db, code: str, typed_tag: str) -> bool:
    """Whether a slip's tag was made by this office for this code, under any key version."""
    tag = "".join(c for c in unicodedata.normalize("NFKC", typed_tag[:40]).upper() if c.isalnum())
    genuine = False
    for digest in db.keys.digests("receipt", f"tag:{code}"):
        number = int(digest[:10], 16)
        made = "".join(ALPHABET[number >> shift & 31] for shift in range(0, 40, 5))
        genuine |= secrets.compare_digest(made.encode(), tag.encode())
    return genuine


@dataclass(frozen=True)
class Slip:
    """What is printed for the one who asked, seen once by the desk that makes it."""

    case_id: str
    code: str
    tag: str


def issue(
    db: Db, conn: sa.Connection, case_id: str, desk: str, at: dt.datetime, *, reissued: bool = False
) -> Slip:
    """Make a code for a case inside the caller's transaction; only its hash is stored."""
    slip = new_slip(db, case_id)
    conn.execute(
        receipt.insert().values(**row(db, case_id, slip.code, desk, at, reissued=reissued))
    )
    return slip


def new_slip(db: Db, case_id: str) -> Slip:
    """A fresh code for a case; nothing is stored."""
    code = new_code()
    return Slip(case_id, code, slip_tag(db, code))


def row(
    db: Db, case_id: str, code: str, desk: str, at: dt.datetime, *, reissued: bool = False
) -> dict[str, object]:
    """The receipt's row for a code."""
    return {
        "case_id": case_id,
        "code_hash": db.keys.digest("receipt", code),
        "key_version": db.keys.newest("receipt"),
        "issued_at": at,
        "desk": desk,
        "reissued": reissued,
    }


def replace_unopened(
    db: Db, conn: sa.Connection, case_ids: Iterable[str], desk: str, at: dt.datetime
) -> dict[str, Slip]:
    """Another code for each case whose codes nobody has opened yet, by its id; none for one of
    which a code was opened, or made in this very transaction.

    For a sender whose reply was lost. The codes before are marked as replaced and keep working.
    """
    made: dict[str, Slip] = {}
    is_in_use = receipt.c.first_opened_at.is_not(None) | (receipt.c.issued_at >= at)
    for some in chunks(dict.fromkeys(case_ids)):
        used = sa.select(receipt.c.case_id).where(receipt.c.case_id.in_(some), is_in_use)
        in_use = set(conn.execute(used).scalars())
        slips = [new_slip(db, case_id) for case_id in some if case_id not in in_use]
        if not slips:
            continue
        of_cases = receipt.c.case_id.in_([slip.case_id for slip in slips])
        conn.execute(
            receipt.update().where(of_cases, receipt.c.replaced_at.is_(None)).values(replaced_at=at)
        )
        conn.execute(receipt.insert(), [row(db, s.case_id, s.code, desk, at) for s in slips])
        made |= {slip.case_id: slip for slip in slips}
    return made


def reissue(db: Db, scope: Scope, case_id: str) -> Slip:
    """Make a further code for somebody who lost the slip; the older ones keep working.

    Everybody who opens the case sees when and at which desk it was made, and for seven days it
    cannot do what could hurt the asker (DOMAIN.md §2.9).

    Raises:
        NotAllowed: neither a township clerk nor the server's own operator.
        NotFound: no such case, or for a clerk: not registered at the clerk's own desk. One
            sentence for both, so that the form tells nothing of other desks' numbers.
    """
    scope.need("township_clerk", "operator")
    with db.write() as conn:
        desk = conn.execute(
            sa.select(case_version.c.desk).where(case_version.c.case_id == case_id).limit(1)
        ).scalar()
        if desk is None or (scope.role == "township_clerk" and desk != scope.desk):
            raise NotFound("data.error.no_case_of_this_desk")
        slip = issue(db, conn, case_id, desk, db.stamp(conn), reissued=True)
        audit.write(db, conn, scope, "receipt_reissued", case_id)
    return slip


def issue_first(db: Db, scope: Scope, case_id: str) -> Slip:
    """Make the slip of a case that has none yet: one taken over from an older system, whose asker
    is met again. By a clerk of the body that owes the answer or of the desk that registered it.

    Raises:
        NotAllowed: another role; or the case has a receipt, then a further one is a reissue.
        NotFound: no such case within the scope.
    """
    scope.need("township_clerk", "department_clerk")
    with db.write() as conn:
        desk = conn.execute(
            sa.select(case_version.c.desk)
            .where(case_version.c.case_id == case_id, _slips_reach(scope))
            .order_by(case_version.c.id.desc())
            .limit(1)
        ).scalar()
        if desk is None:
            raise NotFound("data.error.no_such_case")
        if conn.execute(sa.select(receipt.c.id).where(receipt.c.case_id == case_id)).first():
            raise NotAllowed("data.error.has_receipt")
        slip = issue(db, conn, case_id, scope.desk or desk, db.stamp(conn))
        audit.write(db, conn, scope, "receipt_issued", case_id)
    return slip


def without_receipt(db: Db, scope: Scope, case_id: str | None = None) -> set[str]:
    """Ids of the cases within reach that have no slip yet: their asker cannot open them.

    Args:
        case_id: look at this one only; None = all.

    Clerks reach what their body owes or registered, a supervisor every case.
    """
    scope.need("township_clerk", "department_clerk", "supervisor")
    reached = sa.true() if scope.role == "supervisor" else _slips_reach(scope)
    if case_id is not None:
        reached &= case_version.c.case_id == case_id
    has_one = sa.exists().where(receipt.c.case_id == case_version.c.case_id)
    with db.read() as conn:
        return set(
            conn.execute(
                sa.select(case_version.c.case_id).where(reached, ~has_one).distinct()
            ).scalars()
        )


def _slips_reach(scope: Scope) -> sa.ColumnElement[bool]:
    own = sorted(scope.bodies)
    return owing_body().in_(own) | case_version.c.desk.in_(own)


@dataclass(frozen=True)
class Opened:
    """A code that was found: the scope it gives and how this receipt stands."""

    scope: Scope
    receipt_id: int
    case_id: str
    first_opened_at: dt.datetime | None
    is_reissued: bool
    replaced_at: dt.datetime | None
    issued_at: dt.datetime


def holding(db: Db, typed: str) -> AbstractContextManager[None]:
    """Inside it, everything is read and written with this code in hand (`data.db.holding`); with
    none where what was typed is no well-formed code."""
    try:
        return db_holding(db.keys.digests("receipt", normalised(typed)))
    except MalformedCode:
        return nullcontext()


def find(db: Db, typed: str) -> Opened | None:
    """The case a typed code opens; None when no such code was ever issued.

    Known or not, a well-formed code takes the same way: one keyed hash per key version, one query.

    Raises:
        MalformedCode: before anything is looked up.
    """
    hashes = db.keys.digests("receipt", normalised(typed))
    with db.read() as conn:
        rows = _by_hash(len(hashes)).rows(conn, **{f"hash{n}": h for n, h in enumerate(hashes)})
    if not rows:
        return None
    found = rows[0]
    return Opened(
        scope=Scope(who=found["case_id"], role=RESIDENT),
        receipt_id=found["id"],
        case_id=found["case_id"],
        first_opened_at=found["first_opened_at"],
        is_reissued=found["reissued"],
        replaced_at=found["replaced_at"],
        issued_at=found["issued_at"],
    )


@cache
def _by_hash(versions: int) -> Prepared:
    hashes = [sa.bindparam(f"hash{n}", type_=sa.String) for n in range(versions)]
    return Prepared(sa.select(receipt).where(receipt.c.code_hash.in_(hashes)))


def mark_opened(conn: sa.Connection, opened: Opened, at: dt.datetime) -> bool:
    """Note that a code was used; True if no code of the case had been used before."""
    is_first = not conn.execute(
        sa.select(receipt.c.id).where(
            receipt.c.case_id == opened.case_id, receipt.c.first_opened_at.is_not(None)
        )
    ).first()
    conn.execute(
        receipt.update()
        .where(receipt.c.id == opened.receipt_id, receipt.c.first_opened_at.is_(None))
        .values(first_opened_at=at)
    )
    return is_first


def use_by_desk(db: Db, scope: Scope) -> dict[str, tuple[int, int]]:
    """Per desk: receipts ever opened and cases with a receipt (the published share of §7)."""
    scope.need("supervisor", "leader", "operator")
    opened_count = sa.func.count(
        sa.distinct(sa.case((receipt.c.first_opened_at.is_not(None), receipt.c.case_id)))
    )
    total = sa.func.count(sa.distinct(receipt.c.case_id))
    with db.read() as conn:
        rows = conn.execute(
            sa.select(receipt.c.desk, opened_count, total).group_by(receipt.c.desk)
        ).all()
    return {desk: (int(used), int(issued)) for desk, used, issued in rows}
