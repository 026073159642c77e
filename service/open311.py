"""Open311 GeoReport v2 as this office answers it: services, a request in, its status out.

What the specification has and this does not: persons' fields, pictures, and any list of requests
(DOMAIN.md §2.2, §2.14).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from data import machines
from data.categories import Category
from data.db import Db
from data.errors import RowProblem
from data.fields import BY_NAME
from data.machines import Key, Machine, Outcome
from data.places import read_bodies
from data.scope import Scope
from wording import t

from . import recent_waits
from .case_status import is_closed
from .figures import categories
from .machines import take
from .recent_waits import UNKNOWN

SYSTEM = "wgs84"
"""The specification's coordinates name no system; theirs is this one."""
KIND = "kind"
"""The one attribute of every service: a request for redress, or a suggestion."""
REFUSED = (
    "email", "device_id", "account_id", "first_name", "last_name", "phone", "media_url",
)  # fmt: skip
"""Of the specification, and for a person, an account or a picture: never taken."""
NAMES = {
    "category": "service_code", "lon": "long", "grid": "address_id", "township": "address_id",
    "summary": "description", "kind": f"attribute[{KIND}]",
}  # fmt: skip
"""What the specification calls the fields of the dictionary."""


def services(db: Db, language: str) -> list[dict[str, Any]]:
    """The service list: the categories in force."""
    recent_waits.read_ahead(db)  # senders read this first; a request then need not wait for it
    return [
        {
            "service_code": one.category_id,
            "service_name": one.names[language],
            "description": one.service[language],
            "metadata": True,
            "type": "realtime",
            "keywords": ",".join(one.keywords),
            "group": t(f"words.domain.{one.domain}", language),
        }
        for one in categories(db, Scope.public())
    ]


def service(db: Db, code: str) -> Category | None:
    """The category of a service code; None where there is none."""
    return categories(db, Scope.public()).by_id.get(code)


def definition(code: str, language: str) -> dict[str, Any]:
    """The service definition: what may be said beside place and description."""
    field = BY_NAME["kind"]
    return {
        "service_code": code,
        "attributes": [
            {
                "variable": True,
                "code": KIND,
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": t("machines.open311.kind_hint", language),
                "order": 1,
                "description": field.header(language),
                "values": [
                    {"key": value, "name": field.choice(value, language)} for value in field.choices
                ],
            }
        ],
    }


def refused_fields(form: Mapping[str, str]) -> list[str]:
    """The fields of a person, account or picture that were sent with something in them."""
    return [name for name in REFUSED if form.get(name, "").strip()]


def request(
    db: Db, machine: Machine, form: Mapping[str, str], key: Key | None, language: str
) -> Outcome:
    """Register what was sent; see `service.machines.take`.

    Args:
        form: fields of `POST requests` that `refused_fields` found nothing in.
    """
    code = form.get("service_code", "")
    place = form.get("address_id", "").strip()
    zone = ZoneInfo(db.county().zone)
    row = {
        "opened_at": db.now().astimezone(zone).isoformat(timespec="seconds"),
        "category": code,
        "kind": form.get(f"attribute[{KIND}]", "").strip() or "redress",
        "body": _body(db, machine, code),
        "summary": form.get("description", ""),
        "lon": form.get("long", ""),
        "lat": form.get("lat", ""),
        "coordinate_system": SYSTEM if form.get("lat") or form.get("long") else "",
        **({"township" if place in machine.scope.townships else "grid": place} if place else {}),
    }
    return take(db, machine, [row], key, language, is_file=False)


def _body(db: Db, machine: Machine, code: str) -> str:
    """The body proposed to owe the answer: where such cases usually go, else the desk itself."""
    desk = str(machine.scope.desk)
    usual = recent_waits.read_ahead(db).result().get(code, UNKNOWN).usual_body_id
    bodies = read_bodies(db, machine.scope)
    kinds = dict(zip(bodies["body_id"], bodies["kind"], strict=True))
    is_desks_own = usual is None or kinds.get(usual, "township_office") == "township_office"
    return desk if is_desks_own else str(usual)


def named(problem: RowProblem) -> str:
    """What the specification calls the field a problem is about."""
    return NAMES.get(problem.column, problem.column)


def status(db: Db, machine: Machine, case_id: str, language: str) -> dict[str, Any]:
    """State and limit of a request this machine sent; no text, no place, no word about it.

    Raises:
        NotFound: this machine sent no such request.
    """
    history = machines.read_sent(db, machine.scope, case_id)
    zone = ZoneInfo(db.county().zone)
    is_done, due_on = is_closed(db, history)
    category = service(db, history.category)
    changed = max((e.known_at for e in history.events), default=history.known_at)
    return {
        "service_request_id": history.case_id,
        "status": "closed" if is_done else "open",
        "service_name": category.names[language] if category else history.category,
        "service_code": history.category,
        "requested_datetime": _local(history.opened_at, zone),
        "updated_datetime": _local(changed, zone),
        "expected_datetime": None
        if due_on is None
        else _local(dt.datetime.combine(due_on, dt.time(23, 59, 59), zone), zone),
    }


def _local(at: dt.datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
