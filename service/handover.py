"""What a body has open when one of its people leaves: the work is the body's, nothing is lost."""

from __future__ import annotations

from casework.vocabulary import OPEN_STAGES
from data.db import Db
from data.reading import read_figures
from data.scope import Scope

from .figures import compute
from .rules import rules_of

FEW = 10
"""Below it a count is not said (DOMAIN.md §2.10): an administrator reads no figure of cases."""


def open_work(db: Db, scope: Scope, bodies: list[str]) -> dict[str, int]:
    """How many cases each of these bodies has open now.

    Raises:
        NotAllowed: neither an administrator nor the server's operator.
    """
    scope.need("administrator", "operator")
    if not bodies:
        return {}
    now = db.now()
    # the count alone leaves this function; an administrator's own scope reads no case
    table = read_figures(db, Scope.operator(), now)
    if table.cases.empty:
        return dict.fromkeys(bodies, 0)
    found = compute(rules_of(db), table, now, db.county().zone)
    is_open = found.standing["stage"].isin(OPEN_STAGES).to_numpy()
    counts = found.cases.loc[is_open, "body_id"].value_counts()
    return {body: int(counts.get(body, 0)) for body in bodies}
