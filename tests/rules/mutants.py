"""Thirty ways to break the product rules, planted one by one: the rules' tests must catch each.

    python -m tests.rules.mutants [number ...]

Works on a copy of the tree, never on the tree itself. `test_mutants.py` keeps the list current:
every piece of code named here must still be there.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """One planted change: in `path`, `old` (found once) becomes `new`; `tests` must fail."""

    what: str
    path: str
    old: str
    new: str
    tests: str


def _rule(number: int) -> str:
    found = sorted(Path(__file__).parent.glob(f"test_rule_{number:02d}_*.py"))
    return " ".join(f"tests/rules/{path.name}" for path in found)


MUTANTS = (
    Mutant("a place is kept before the code was used", "data/new_rows.py",
           '"grid_code": None if needs_confirmation(new) else new.grid_code,',
           '"grid_code": new.grid_code,', _rule(1)),
    Mutant("unconfirmed cases enter the map", "reports/areas.py",
           'counted = cases["is_confirmed"] & standing["is_counted"]',
           'counted = standing["is_counted"]', _rule(1)),
    Mutant("staff's own channel confirms itself", "data/vocabulary.py",
           'CONFIRMED_CHANNELS = ("online", "hotline")',
           'CONFIRMED_CHANNELS = ("online", "hotline", "on_behalf")', _rule(1)),
    Mutant("a headcount under another name", "data/schema/record.py",
           'sa.Column("amount_band", sa.String(12)),',
           'sa.Column("amount_band", sa.String(12)),\n    sa.Column("scale", sa.SmallInteger),',
           _rule(2)),
    Mutant("a form field for whom to call back", "data/fields.py",
           'Field("summary", "text", least=4, most=2000, is_required=True),',
           'Field("summary", "text", least=4, most=2000, is_required=True),\n'
           '    Field("callback", "text", most=20),', _rule(2)),
    Mutant("texts are sealed as they came", "data/texts.py",
           'if part == "summary" and not is_clean:\n        text = redact(text).text',
           'if part == "summary" and not is_clean:\n        pass', _rule(2)),
    Mutant("the sender's own number is kept as it is", "data/record.py",
           'source_key = db.keys.digest("source", named)',
           "source_key = named", _rule(2)),
    Mutant("the channel becomes a feature", "risk/features.py",
           'columns["is_simple_procedure"] = (cases["procedure"] == "simple").to_numpy()[case]',
           'columns["is_simple_procedure"] = (cases["channel"] == "desk").to_numpy()[case]',
           _rule(3)),
    Mutant("a table of links between cases", "data/schema/record.py",
           'last_stamp = sa.Table(',
           'case_link = sa.Table(\n    "case_link", metadata, row_id(),\n'
           '    sa.Column("case_id", sa.String(14)), sa.Column("to_case_id", sa.String(14)),\n)\n\n'
           'last_stamp = sa.Table(', _rule(3)),
    Mutant("groups are ranked by how many asked", "reports/indicators.py",
           'result["is_small"] = result["denominator"] < FEWEST',
           'result["is_small"] = result["denominator"] < FEWEST\n'
           '    result["share"] = result["denominator"]', _rule(4)),
    Mutant("a second cadence of filing", "data/vocabulary.py",
           'FILING_KINDS = ("report", "zero")',
           'FILING_KINDS = ("report", "zero", "hourly")', f"{_rule(5)} {_rule(2)}"),
    Mutant("a pack may name a period", "casework/pack_reader.py",
           '"filing_deadline", "protection_level",',
           '"filing_deadline", "protection_level", "sensitive_period", "peak", "cadence",'
           ' "peaks", "watch", "heightened", "periods",', _rule(5)),
    Mutant("a step that is no service", "data/vocabulary.py",
           '"delivered", "notified", "reviewed", "rechecked", "erased",',
           '"delivered", "notified", "reviewed", "rechecked", "erased", "persuaded",', _rule(6)),
    Mutant("the record takes any step", "data/record.py",
           "if new.event not in (ASKER_EVENTS if is_asker else OFFICE_EVENTS)",
           "if new.event not in (*ASKER_EVENTS, *OFFICE_EVENTS, new.event)", _rule(6)),
    Mutant("free text in a filing", "data/schema/office.py",
           'sa.Column("revision", sa.Integer, nullable=False),',
           'sa.Column("revision", sa.Integer, nullable=False),\n    sa.Column("remark", sa.Text),',
           f"{_rule(7)} {_rule(2)}"),
    Mutant("an instruction is not shown to the asker", "data/assignments.py",
           "    if scope.role == RESIDENT:\n        return assignment.c.case_id == scope.who\n",
           "", _rule(7)),
    Mutant("flags confirm themselves", "data/scores.py",
           '    scope.need("supervisor")\n    reasons =',
           '    scope.need("supervisor", "operator")\n    reasons =',
           _rule(8)),
    Mutant("a clerk acts where another body owes the answer", "data/record.py",
           "    if history.body_id in scope.bodies:\n        return True\n",
           "    if history.body_id:\n        return True\n", _rule(8)),
    Mutant("a reissued code may do everything at once", "data/asker.py",
           "if opened.is_reissued and at - opened.issued_at < REISSUED_WAITS:",
           "if opened.is_reissued and at < opened.issued_at:", _rule(9)),
    Mutant("rating needs no word", "data/asker.py",
           '        _hasher.verify(row["word_hash"], word.strip())\n', "        pass\n", _rule(9)),
    Mutant("a disowned case cannot be taken back", "service/voice.py",
           "DISOWN_UNDO_DAYS = 15", "DISOWN_UNDO_DAYS = -1", _rule(9)),
    Mutant("a figure of nine cases", "geo/tree.py", "MINIMUM = 10", "MINIMUM = 9", _rule(10)),
    Mutant("two may leave uncovered", "reports/covering.py",
           "SMALLEST_SHOWN = 3", "SMALLEST_SHOWN = 2", _rule(10)),
    Mutant("a text is opened unseen", "data/openings.py",
           '        audit.write(db, conn, scope, "text_opened", case_id, reason=said)\n', "",
           _rule(11)),
    Mutant("a supervisor needs no reason", "data/openings.py",
           'raise NotAllowed("data.error.reason_needed")', "pass", _rule(11)),
    Mutant("case numbers count up", "data/record.py",
           "    random = secrets.token_bytes(12 * count)\n",
           "    import time\n\n    random = str(time.time_ns())[-12:].encode() * count\n",
           _rule(12)),
    Mutant("a kind of case for accusations", "data/vocabulary.py",
           'KINDS = ("redress", "suggestion")', 'KINDS = ("redress", "suggestion", "accusation")',
           f"{_rule(12)} {_rule(2)}"),
    Mutant("a destroyed key leaves its texts", "data/texts.py",
           ".values(wrapped=None, destroyed_at=at)", ".values(destroyed_at=at)", _rule(13)),
    Mutant("texts live thirty years", "casework/retention.py",
           "KEPT_DAYS = 90", "KEPT_DAYS = 10957", _rule(13)),
    Mutant("a real county's cases may be exported", "data/reading.py",
           'if db.county().kind == "real":', 'if db.county().kind == "other":', _rule(14)),
    Mutant("a role for police work", "data/vocabulary.py",
           '"supervisor", "leader", "administrator",\n)',
           '"supervisor", "leader", "administrator", "police",\n)', _rule(14)),
)  # fmt: skip


def copied(to: Path) -> Path:
    """What is committed, in a folder of its own."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(to, filter="data")
    return to


def caught(home: Path, mutant: Mutant) -> tuple[bool, str]:
    """Whether the rules' tests fail with this change planted; and the first that does."""
    path = home / mutant.path
    before = path.read_text("utf-8")
    assert before.count(mutant.old) == 1, f"{mutant.what}: {mutant.path} has changed"
    path.write_text(before.replace(mutant.old, mutant.new), "utf-8")
    try:
        done = _tests(home, mutant.tests)
    finally:
        path.write_text(before, "utf-8")
    lines = done.stdout.splitlines()
    failed = next((x for x in lines if x.startswith(("FAILED", "ERROR"))), "")
    return done.returncode != 0, failed[:110]


def _tests(home: Path, names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, *names.split()], cwd=home, capture_output=True, text=True, env=env
    )


def main(numbers: list[int]) -> int:
    """Plant them one by one; 1 when one of them lived, 2 when the tests fail by themselves."""
    lived = 0
    with tempfile.TemporaryDirectory(prefix="zaojie-mutants-") as folder:
        home = copied(Path(folder))
        chosen = [one for n, one in enumerate(MUTANTS, start=1) if not numbers or n in numbers]
        every = " ".join(sorted({name for one in chosen for name in one.tests.split()}))
        if (done := _tests(home, every)).returncode:
            print(f"the tests fail with nothing planted; mend them first\n{done.stdout[-2000:]}")
            return 2
        for number, mutant in enumerate(MUTANTS, start=1):
            if numbers and number not in numbers:
                continue
            start = time.monotonic()
            is_caught, by = caught(home, mutant)
            lived += not is_caught
            word = "caught" if is_caught else "LIVES "
            print(f"{number:2d} {word} {time.monotonic() - start:5.1f} s  {mutant.what}  {by}",
                  flush=True)  # fmt: skip
    print(f"{len(numbers) or len(MUTANTS)} planted, {lived} lived")
    return int(lived > 0)


if __name__ == "__main__":
    raise SystemExit(main([int(text) for text in sys.argv[1:]]))
