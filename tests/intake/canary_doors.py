"""Canaries through Open311, an administrator's import by a mapping, and a clerk's upload by it.

Each returns what those doors said: to the machine, and on the pages.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from api.routes import routes
from data import machines, record
from data.db import Db
from data.errors import ProjectError
from data.json_rows import read_json_rows
from data.mapping_draft import Draft, columns_of, toml_of
from data.mapping_files import mapping_named, save_mapping
from data.sheets import read_sheet
from service import open311, takeover
from service.figures import categories
from service.jobs import Jobs
from service.machines import known
from service.mappings import SHARES, preview, take_over_behind
from service.sheet import take_sheet
from service.takeover import Sent, TakenOver, row_list, sentences
from tests.api.conftest import Sender
from tests.conftest import ADMINISTRATOR, DESK

V2 = "/api/open311/v2"
HEAD = (
    "工单编号", "受理时间", "来电人", "联系电话", "诉求类型", "诉求内容", "承办单位", "事发区域",
    "签收时间", "办结时间", "经度", "纬度",
)  # fmt: skip
DRAFT = Draft(
    zone="Asia/Shanghai",
    columns={
        "source_id": "工单编号", "opened_at": "受理时间", "category": "诉求类型", "lon": "经度",
        "body": "承办单位", "area": "事发区域", "summary": "诉求内容", "lat": "纬度",
    },
    words={"category": {"欠薪": "unpaid_wages"}}, kind="redress", channel="hotline",
    is_own_export=True, system="wgs84", desk="t01", desk_names={"zh": "东镇", "en": "East Town"},
    no_body="", unstated_names={"zh": "未注明", "en": "Not stated"},
    steps={"accepted": "签收时间", "answered": "办结时间"},
)  # fmt: skip


def through_open311(db: Db, say: Iterator[str], label: str) -> tuple[list[str], list[str]]:
    """Canaries in every field of a request, alone wrong and all at once, in both formats.

    Returns:
        Ids of the cases that were made, and every reply's text.
    """
    _, token = machines.make_token(db, ADMINISTRATOR, label, "open311", "t01", "online", 30)
    sender = Sender(Starlette(routes=routes(lambda: db)), token)
    right = {
        "service_code": "unpaid_wages", "address_id": "990000001000", "lat": "29.05",
        "long": "120.05", "attribute[kind]": "redress",
    }  # fmt: skip

    def post(changed: dict[str, str], form: str, **headers: str) -> httpx.Response:
        fields = right | {"description": next(say)} | changed
        return sender.form(f"{V2}/requests.{form}", fields, **headers)

    good = [post({}, form) for form in ("json", "xml")]
    good += [post({"address_string": next(say)}, "json") for _ in range(2)]
    good += [post({next(say): next(say)}, "json", Idempotency_Key="K")]
    assert [reply.status_code for reply in good] == [201] * 5
    for form in ("json", "xml"):
        for name in (*right, "api_key", *open311.REFUSED):
            sender.token = "" if name == "api_key" else token
            reply = post({name: next(say)}, form)
            assert reply.status_code in (400, 403, 404), (name, reply.status_code)
        sender.token = token
        everything = {name: next(say) for name in (*right, *open311.REFUSED)}
        assert post(everything, form).status_code == 400
        assert sender.ask("POST", f"{V2}/requests.{form}", content=next(say)).status_code >= 400
    # a crash with the request in hand
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "seal_rows", _broken)
        assert post({}, "json").status_code == 500
    answers = [reply for _, _, reply in sender.replies]
    made = [json.loads(good[at].text)[0]["service_request_id"] for at in (0, 2, 3, 4)]
    told = sender.get(f"{V2}/requests/{made[0]}.json")
    assert told.status_code == 200
    return made, [reply.text for reply in [*answers, told]]


def _broken(*given: object, **values: object) -> None:
    raise ValueError(f"cannot seal {given!r} {values!r}")


def through_imports(db: Db, say: Iterator[str], file: str) -> list[str]:
    """A hotline's export by a mapping made on the page: matched, previewed, saved, taken in.

    Returns:
        What the page was told: samples, preview, sentences, lists, errors, and the outcome itself.
    """
    rows = [_line(number, say) for number in range(24)]
    for at, row in enumerate(rows[2:14]):  # each field wrong by a canary, one after the other
        row[HEAD[at]] = next(say)
    strange = next(say)
    export = _csv(rows, strange, say)
    of = categories(db, ADMINISTRATOR)
    said: list[str] = []
    text = toml_of(DRAFT)
    other_word = text.replace("欠薪", next(say)).replace("unpaid_", "")
    for wrong in (f"{text}[{json.dumps(next(say))}]\n", other_word, next(say)):
        said.append(_refused(lambda wrong=wrong: save_mapping(db, ADMINISTRATOR, "a", wrong, of)))
    said.append(_refused(lambda: save_mapping(db, ADMINISTRATOR, next(say), text, of)))
    save_mapping(db, ADMINISTRATOR, "hotline", text, of)
    mapping = mapping_named(db, ADMINISTRATOR, "hotline", of)
    for data, name in ((export, file), (_json(rows, say), file + ".json")):
        if name.endswith(".json"):
            frame = read_json_rows(data, name)
        else:
            frame = read_sheet(data, name, lambda one: True)
        said += [repr(column.samples) for column in columns_of(frame)]
        said += [repr(line) for line in preview(db, ADMINISTRATOR, frame, mapping, "zh")]
        jobs: Jobs[TakenOver] = Jobs(SHARES, 60)
        take_over_behind(jobs, "s", db, ADMINISTRATOR, Sent(name, data), mapping)
        while not (job := jobs.of("s")) or not job.is_over:
            time.sleep(0.02)
        assert job.error is None, job.error
        assert job.outcome is not None
        assert job.outcome.added >= 2
        said += [row_list(job.outcome.mapped).to_csv(), repr(sentences(job.outcome.mapped, "zh"))]
        said += [note.text("zh") for note in job.outcome.mapped.notes]
        assert "summary" not in job.outcome.mapped.cases
    # and a clerk's upload of such a file by the same mapping
    again = [{**row, "工单编号": f"K{row['工单编号'][:9]}"} for row in rows]
    done = take_sheet(
        db, DESK, _csv(again, strange, say), file, known(db, DESK), "zh", "http://x/s",
        lambda *_: None, mapping,
    )  # fmt: skip
    assert done.stored >= 2, done.problems
    assert done.refused >= 4
    said += [problem.text("zh") + problem.column for problem in (*done.problems, *done.notes)]
    lacking = replace(DRAFT, columns={**DRAFT.columns, "area": "没有的列"})
    save_mapping(db, ADMINISTRATOR, "lacking", toml_of(lacking), of)
    other = mapping_named(db, ADMINISTRATOR, "lacking", of)
    sent = Sent(file, export)
    said.append(_refused(lambda: takeover.take_over_export(db, ADMINISTRATOR, sent, other)))
    return said


def _csv(rows: list[dict[str, str]], strange: str, say: Iterator[str]) -> bytes:
    out = io.StringIO()
    table = csv.DictWriter(out, [*HEAD, strange])
    table.writeheader()
    table.writerows({**row, strange: next(say)} for row in rows)
    return out.getvalue().encode()


def _line(number: int, say: Iterator[str]) -> dict[str, str]:
    values = (
        f"G{number}", "2026-03-02 10:15", next(say), next(say), "欠薪", next(say), "b01",
        "990000001000", "2026-03-03 12:00", "", "120.05", "29.05",
    )  # fmt: skip
    return dict(zip(HEAD, values, strict=True))


def _json(rows: list[dict[str, str]], say: Iterator[str]) -> bytes:
    """The same rows as other cases, as a machine's file of objects has them."""
    again = [{**row, "工单编号": f"J{row['工单编号'][:9]}", "诉求内容": next(say)} for row in rows]
    return json.dumps(again, ensure_ascii=False).encode()


def _refused(act) -> str:  # type: ignore[no-untyped-def]
    try:
        act()
    except ProjectError as err:
        return f"{err.text('zh')} {err.text('en')}"
    raise AssertionError("was not refused")
