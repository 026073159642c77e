"""What is told outside by webhook, mail or a WeCom-compatible bot: off unless an address is set.

County numbers only, and not exactly: fewer than three is all that is said of so few, and above it
"at least 5, 10, 15 …", so that two days' notices beside each other show no single case (DOMAIN.md
§2.10). No case number, no area, no text. A notice that cannot be sent is tried again, waits for the
next run, and holds up nothing.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import smtplib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from data import outbox
from data.db import Db
from data.errors import ConfigError
from data.outbox import Notice
from data.scope import Scope
from settings import Settings, is_loopback
from wording import t

from .daily import cut_off, daily

NUMBERS = (
    "very_late", "overdue", "due_soon", "backlog", "assignments_late", "desks_silent",
)  # fmt: skip
"""What a night's notice says, in this order."""
SMALLEST = 3
STEP = 5
TRIES = 3
FIRST_WAIT_SECONDS = 2.0
"""Before the second try; four times as long before the third. What fails then waits for the next
run, for two days at most."""
KEPT_DAYS = 2
TIMEOUT_SECONDS = 10.0
_MOST_ANSWER = 4096

Numbers = Mapping[str, int | None]


class Refused(Exception):
    """The other side was reached and did not take it."""


@dataclass(frozen=True)
class Told:
    """One notice in words. key: the same however often it is sent, so that a receiver can drop a
    repeat."""

    key: str
    title: str
    lines: tuple[str, ...]
    day: dt.date
    kind: str
    numbers: Numbers


@dataclass(frozen=True)
class Channel:
    """A way out: its word of `NOTICE_CHANNELS`, and what sends."""

    name: str
    send: Callable[[Told], None]


def at_least(count: int) -> int | None:
    """A count as it may leave: 0, None (1 or 2), 3, 5, 10, 15 … never more than it is."""
    if count <= 0:
        return 0
    if count < SMALLEST:
        return None
    return SMALLEST if count < STEP else count - count % STEP


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The ways that have an address; none by default."""
    found = []
    if settings.notice_webhook:
        found.append(Channel("webhook", lambda told: _webhook(settings.notice_webhook, told)))
    if settings.notice_smtp:
        found.append(Channel("smtp", lambda told: _mail(settings, told)))
    if settings.notice_wecom:
        found.append(Channel("wecom", lambda told: _bot(settings.notice_wecom, told)))
    return tuple(found)


def numbers_of(db: Db, scope: Scope, day: dt.date) -> dict[str, int | None]:
    """The county's numbers as of a local day's end, covered; the figures of its daily report.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    facts = daily(db, scope, day, cut_off(db, day), compared_days=())
    exact = {
        name: sum(getattr(line, name) for line in facts.priority)
        for name in ("very_late", "overdue", "due_soon", "backlog")
    }
    exact["assignments_late"] = sum(line.late for line in facts.assignments)
    exact["desks_silent"] = len(facts.reminders)
    return {name: at_least(exact[name]) for name in NUMBERS}


def put(
    db: Db, scope: Scope, channels: tuple[Channel, ...], day: dt.date, kind: str, numbers: Numbers
) -> None:
    """Have something told by every way there is, once per day and kind."""
    for channel in channels:
        outbox.put(db, scope, day, kind, channel.name, numbers)


def send_waiting(
    db: Db,
    scope: Scope,
    channels: tuple[Channel, ...],
    language: str,
    day: dt.date,
    wait: Callable[[float], None] = time.sleep,
) -> tuple[int, int]:
    """Send what was not sent yet, of `day` and the day before; every try is noted.

    Returns:
        How many were sent now, and how many wait on.
    """
    ways, sent, left = {channel.name: channel for channel in channels}, 0, 0
    for one in outbox.since(db, scope, day - dt.timedelta(days=KEPT_DAYS - 1)):
        if one.is_sent or one.channel not in ways:
            continue
        told = words(db, one, language)
        for attempt in range(TRIES):
            if attempt:
                wait(FIRST_WAIT_SECONDS * 4 ** (attempt - 1))
            outcome = tried(ways[one.channel], told)
            outbox.tried(db, scope, one.id, outcome)
            if outcome == "sent":
                break
        sent, left = (sent + 1, left) if outcome == "sent" else (sent, left + 1)
    return sent, left


def tried(channel: Channel, told: Told) -> str:
    """One try: `sent`, `refused` or `unreachable`; nothing is raised."""
    try:
        channel.send(told)
    except (Refused, smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
        return "refused"
    except (OSError, http.client.HTTPException, smtplib.SMTPException, ValueError):
        return "unreachable"
    return "sent"


def trial(db: Db, channels: tuple[Channel, ...], language: str) -> dict[str, str]:
    """Send a trial by every way there is, once; what came of each. Nothing is recorded.

    Raises:
        ConfigError: no address is set.
    """
    if not channels:
        raise ConfigError("notices.error.none_set")
    now = db.now()
    return {
        channel.name: tried(channel, words(db, Notice(0, now.date(), "test", channel.name, now, {}),
                                           language))
        for channel in channels
    }  # fmt: skip


def words(db: Db, one: Notice, language: str) -> Told:
    """A notice in words of the catalogue; every number as it was covered when it was put."""
    county = db.county()
    name = county.name_zh if language == "zh" else county.name_en
    title = t(f"notices.{one.kind}.title", language, county=name, day=one.day.isoformat())
    lines = [t("notices.demo", language)] if county.is_demo else []
    if one.kind == "night":
        lines += [
            t(f"notices.number.{number}", language, count=_said(one.numbers[number], language))
            for number in NUMBERS
            if number in one.numbers
        ]
    elif one.kind == "failed":
        lines.append(t("notices.failed.count", language, count=one.numbers["failed"]))
    lines.append(t(f"notices.{one.kind}.where", language))
    return Told(f"zaojie/{one.day}/{one.kind}", title, tuple(lines), one.day, one.kind, one.numbers)


def _said(count: int | None, language: str) -> str:
    if count is None:
        return t("notices.few", language)
    return t("notices.none" if count == 0 else "notices.at_least", language, count=count)


# the ways ------------------------------------------------------------------------------------


def _webhook(address: str, told: Told) -> None:
    """A JSON object; `null` means one or two."""
    said = {
        "id": told.key, "kind": told.kind, "day": told.day.isoformat(), "title": told.title,
        "lines": list(told.lines), "at_least": dict(told.numbers),
    }  # fmt: skip
    _post(address, said)


def _bot(address: str, told: Told) -> None:
    """A text message as WeCom's group bots take it; they answer 200 with an error code inside."""
    content = "\n".join((told.title, *told.lines))
    answer = _post(address, {"msgtype": "text", "text": {"content": content}})
    try:
        code = json.loads(answer).get("errcode", 0)
    except (ValueError, AttributeError):
        code = 0
    if code != 0:
        raise Refused(str(code)[:12])


def _post(address: str, said: Mapping[str, object]) -> bytes:
    """One POST; no redirect is followed and no proxy of the environment asked."""
    to = urlsplit(address)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    conn = kind(to.hostname or "", to.port, timeout=TIMEOUT_SECONDS)
    path = (to.path or "/") + (f"?{to.query}" if to.query else "")
    try:
        body = json.dumps(said, ensure_ascii=False).encode()
        conn.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8"})
        answer = conn.getresponse()
        read = answer.read(_MOST_ANSWER)
    finally:
        conn.close()
    if not 200 <= answer.status < 300:
        raise Refused(str(answer.status))
    return read


def _mail(settings: Settings, told: Told) -> None:
    """A plain mail; TLS from the start (smtps) or by STARTTLS, which only loopback may lack."""
    to = urlsplit(settings.notice_smtp)
    host, context = to.hostname or "", ssl.create_default_context()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.notice_from, settings.notice_to, told.title
    mail["Message-ID"] = f"<{told.key.replace('/', '.')}@zaojie>"
    mail.set_content("\n".join(told.lines) + "\n")
    server: smtplib.SMTP
    if to.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, to.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, to.port or 587, timeout=TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        if to.scheme == "smtp" and (server.has_extn("starttls") or not is_loopback(host)):
            server.starttls(context=context)  # raises where the other side has none
        if to.username:
            server.login(unquote(to.username), unquote(to.password or ""))
        server.send_message(mail)
