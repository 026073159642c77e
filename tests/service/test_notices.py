"""Notices: off unless set, covered county numbers only, tried again, and nothing waits for them."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import outbox
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.scope import Scope
from service import cycle, notices
from settings import Settings
from tests.conftest import ADMINISTRATOR, SUPERVISOR
from tests.service.busy_county import fill
from wording import t

OPERATOR = Scope.operator()
DAY = dt.date(2026, 3, 5)
NUMBERS = {"very_late": 0, "overdue": None, "due_soon": 15, "backlog": 3, "assignments_late": 0,
           "desks_silent": 5}  # fmt: skip


class Receiver:
    """A web server on this machine that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[dict] = []
        self.status, self.answer = 200, b"{}"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(json.loads(body))
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(outer.answer)))
                self.end_headers()
                self.wfile.write(outer.answer)

            def log_message(self, *said: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook?key=k"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[str]]]:
    """A mail server of a few lines, without TLS: port, and the mails it took."""
    door, mails = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        while True:
            try:
                conn, _ = door.accept()
            except OSError:
                return
            with conn, conn.makefile("rwb") as line:

                def say(text: str, line=line) -> None:
                    line.write(f"{text}\r\n".encode())
                    line.flush()

                say("220 here")
                for raw in line:
                    word = raw.decode().strip()
                    if word.upper().startswith("DATA"):
                        say("354 go on")
                        body = []
                        for part in line:
                            if part == b".\r\n":
                                break
                            body.append(part.decode())
                        mails.append("".join(body))
                        say("250 taken")
                    elif word.upper().startswith("QUIT"):
                        say("221 bye")
                        break
                    elif word.upper().startswith("RCPT") and "nobody@" in word:
                        say("550 no such box")
                    else:
                        say("250 ok")

    threading.Thread(target=serve, daemon=True).start()
    yield door.getsockname()[1], mails
    door.close()


@pytest.fixture
def county(db: Db, small_county) -> Db:
    return small_county(db)


def put(county: Db, ways: tuple[notices.Channel, ...], day: dt.date = DAY) -> None:
    notices.put(county, OPERATOR, ways, day, "night", NUMBERS)


def test_nothing_is_set_by_default(county):
    assert notices.channels_of(Settings()) == ()
    with pytest.raises(ConfigError):
        notices.trial(county, (), "zh")


@given(st.integers(0, 10**6))
def test_a_count_leaves_in_steps_and_never_when_it_is_one_or_two(count: int) -> None:
    said = notices.at_least(count)
    if count in (1, 2):
        assert said is None
    else:
        assert said is not None
        assert said <= count < said + 5
        assert said in (0, 3) or said % 5 == 0


def test_a_webhook_gets_numbers_and_sentences_and_a_stable_id(county, receiver):
    ways = notices.channels_of(Settings(notice_webhook=receiver.address))
    put(county, ways)
    put(county, ways)
    assert notices.send_waiting(county, OPERATOR, ways, "en", DAY) == (1, 0)
    assert notices.send_waiting(county, OPERATOR, ways, "en", DAY) == (0, 0)
    [got] = receiver.got
    assert got["id"] == "zaojie/2026-03-05/night"
    assert got["at_least"] == NUMBERS
    assert "overdue: fewer than 3" in got["lines"]
    assert "due within 3 days: at least 15" in got["lines"]
    assert set(got) == {"id", "kind", "day", "title", "lines", "at_least"}


def test_a_bot_gets_a_text_and_its_error_inside_a_good_answer_is_seen(county, receiver):
    ways = notices.channels_of(Settings(notice_wecom=receiver.address))
    receiver.answer = b'{"errcode": 93000, "errmsg": "invalid webhook"}'
    assert notices.trial(county, ways, "zh") == {"wecom": "refused"}
    receiver.answer = b'{"errcode": 0, "errmsg": "ok"}'
    assert notices.trial(county, ways, "zh") == {"wecom": "sent"}
    assert receiver.got[-1]["msgtype"] == "text"
    assert t("notices.test.where", "zh") in receiver.got[-1]["text"]["content"]


def test_a_mail_goes_out_and_another_machine_without_tls_gets_none(county, mailbox, monkeypatch):
    port, mails = mailbox
    to = Settings(
        notice_smtp=f"smtp://127.0.0.1:{port}", notice_from="z@x.example", notice_to="a@x.example"
    )
    assert notices.trial(county, notices.channels_of(to), "en") == {"smtp": "sent"}
    [mail] = mails
    assert "To: a@x.example" in mail
    refused = replace(to, notice_to="nobody@x.example")
    assert notices.trial(county, notices.channels_of(refused), "en") == {"smtp": "refused"}
    monkeypatch.setattr(notices, "is_loopback", lambda host: False)
    assert notices.trial(county, notices.channels_of(to), "en") == {"smtp": "unreachable"}
    assert len(mails) == 1


def test_what_is_not_taken_is_tried_three_times_with_longer_waits_and_again_next_night(
    county, receiver, clock
):
    ways, waits = notices.channels_of(Settings(notice_webhook=receiver.address)), []
    put(county, ways)
    receiver.status = 503
    assert notices.send_waiting(county, OPERATOR, ways, "zh", DAY, waits.append) == (0, 1)
    assert waits == [2.0, 8.0]
    [one] = outbox.since(county, OPERATOR, DAY)
    assert [outcome for _, outcome in one.outcomes] == ["refused"] * 3
    receiver.status = 200
    later = DAY + dt.timedelta(days=1)
    assert notices.send_waiting(county, OPERATOR, ways, "zh", later, waits.append) == (1, 0)
    put(county, ways, DAY - dt.timedelta(days=9))
    assert notices.send_waiting(county, OPERATOR, ways, "zh", later, waits.append) == (0, 0)


def test_no_redirect_is_followed_and_nobody_there_is_no_error(county, receiver):
    ways = notices.channels_of(Settings(notice_webhook=receiver.address))
    receiver.status = 302
    assert notices.trial(county, ways, "zh") == {"webhook": "refused"}
    assert len(receiver.got) == 1
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = notices.channels_of(Settings(notice_webhook=f"http://127.0.0.1:{port}/"))
    assert notices.trial(county, gone, "zh") == {"webhook": "unreachable"}


def test_a_night_tells_its_numbers_as_the_daily_report_counts_them(county, receiver, tmp_path):
    fill(county, 200)
    here = Settings(var=tmp_path, notice_webhook=receiver.address)
    night = cycle.run(county, OPERATOR, here, only=["remind"])
    assert night.told == (1, 0)
    from service.daily import cut_off, daily

    yesterday = DAY - dt.timedelta(days=1)
    facts = daily(county, OPERATOR, yesterday, cut_off(county, yesterday))
    late = sum(line.very_late for line in facts.priority)
    assert late > 0
    assert receiver.got[0]["at_least"]["very_late"] == notices.at_least(late)
    assert receiver.got[0]["at_least"]["desks_silent"] == notices.at_least(len(facts.reminders))


def test_failed_steps_are_told_by_their_number_and_failing_notices_fail_nothing(
    county, receiver, tmp_path, monkeypatch
):
    def fails(of: cycle.Work) -> cycle.Done:
        raise ValueError("words")

    steps = {name: lambda of: cycle.Done() for name in cycle.STEPS} | {"report": fails}
    monkeypatch.setattr(cycle, "STEPS", steps)
    monkeypatch.setattr(notices, "FIRST_WAIT_SECONDS", 0.0)
    night = cycle.run(county, OPERATOR, Settings(var=tmp_path, notice_webhook=receiver.address))
    assert night.failed == ("report",)
    assert [got["kind"] for got in receiver.got] == ["failed"]
    assert receiver.got[0]["at_least"] == {"failed": 1}
    assert "words" not in json.dumps(receiver.got)

    def breaks(told: notices.Told) -> None:
        raise RuntimeError("a way that breaks")

    ways = (notices.Channel("webhook", breaks),)
    put(county, ways, DAY)
    assert cycle.run(county, OPERATOR, Settings(var=tmp_path), channels=ways).told == (0, 1)


def test_what_is_put_is_numbers_of_the_list_and_the_administrator_reads_none(county):
    for kind, channel, numbers in (
        ("watch", "smtp", {}), ("night", "telegram", {}), ("night", "smtp", {"who": "张三"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            outbox.put(county, OPERATOR, DAY, kind, channel, numbers)
    outbox.put(county, OPERATOR, DAY, "night", "smtp", NUMBERS)
    assert outbox.since(county, OPERATOR, DAY)[0].numbers == NUMBERS
    assert outbox.since(county, ADMINISTRATOR, DAY)[0].numbers == {}
    with pytest.raises(NotAllowed):
        outbox.since(county, SUPERVISOR, DAY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTICE_WEBHOOK", "http://hooks.example/x"), ("NOTICE_WEBHOOK", "http://127.example/x"),
        ("NOTICE_WECOM", "ftp://x.example"),
        ("NOTICE_WEBHOOK", "https:///hook"), ("NOTICE_WEBHOOK", "https://x.example/\r\nHost: y"),
        ("NOTICE_SMTP", "mail.example:25"), ("NOTICE_SMTP", "smtps://mail.example"),
        ("LOG", "xml"), ("METRICS", "9601"), ("BASE_PATH", "zaojie"), ("BASE_PATH", "/zaojie/"),
        ("BASE_PATH", "/../x"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_is_refused_without_its_secret(name, value):
    with pytest.raises(ValueError, match="ZAOJIE_") as refused:
        Settings.from_env({f"ZAOJIE_{name}": value})
    if name.startswith("NOTICE"):
        assert value not in str(refused.value)
    good = {"ZAOJIE_NOTICE_SMTP": "smtps://u:secret@m.example", "ZAOJIE_NOTICE_FROM": "a@b.example",
            "ZAOJIE_NOTICE_TO": "a@b.example, c@b.example", "ZAOJIE_METRICS": "127.0.0.1:9601",
            "ZAOJIE_BASE_PATH": "/a", "ZAOJIE_NOTICE_WEBHOOK": "http://127.0.0.1:9/x"}  # fmt: skip
    assert "secret" not in repr(Settings.from_env(good))
