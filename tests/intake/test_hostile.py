"""Hostile files: each is read or refused with one clear sentence; nothing crashes or grows."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from data.errors import DataError
from data.rows import check_rows
from data.sheets import read_upload
from data.workbooks import annotated
from wording import LANGUAGES

from . import hostile
from .conftest import NOW, ZONE

ROOT = Path(__file__).parents[2]
MOST_MB = 1000
SENTENCE = 400


def outcome(one, known):
    """`read`, or the key of the sentence; a file that is read goes all the way to the answer."""
    try:
        frame = read_upload(one.data, one.name).frame
    except DataError as refused:
        for language in LANGUAGES:
            said = refused.text(language)
            assert one.name in said or one.name[:20] in said
            assert len(said) < SENTENCE
            assert not {"Traceback", "Error(", "site-packages"} & set(said.split())
        return refused.key.removeprefix("intake.sheet.")
    checked = check_rows(frame, known, NOW, ZONE, is_file=True)
    said = [problem.text("zh") for problem in [*checked.problems, *checked.notes]]
    assert all(len(text) < 3 * SENTENCE for text in said), "a sentence does not repeat the file"
    if checked.problems:
        answer = annotated(frame, checked.problems, known, "zh")
        with zipfile.ZipFile(io.BytesIO(answer)) as package:
            cells = package.read("xl/worksheets/sheet1.xml")
        assert not re.search(b"<f[ >/]", cells), "no formula goes back"
    return "read"


@pytest.mark.parametrize("family", hostile.families())
def test_a_hostile_file_is_read_or_refused_with_a_sentence(family, known):
    wrong = []
    for one in hostile.families()[family]():
        try:
            found = outcome(one, known)
        except Exception as err:  # every one of them is to be named, not the first alone
            found = f"{type(err).__name__}: {err}"[:300]
        is_key = ": " not in found
        if not is_key or not (one.expected == hostile.ANY or found in one.expected):
            wrong.append((one.name, found))
    assert wrong == []


def test_there_are_more_than_two_hundred_of_them_and_no_two_are_the_same():
    every = [one for family in hostile.families().values() for one in family()]
    assert len({one.name for one in every}) == len(every) > 200
    assert len({one.data for one in every}) > 200


# its own peak by VmHWM: ru_maxrss of a started process remembers the size of who started it
READER = """
import json, resource, sys
from pathlib import Path
from data.errors import DataError
from data.sheets import read_upload
said = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        said[path.name] = "read" if len(read_upload(path.read_bytes(), path.name).frame) else ""
    except DataError as refused:
        said[path.name] = refused.key.removeprefix("intake.sheet.")
own = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x)
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([said, max(int(own.split()[1]), children) / 1024]))
"""


def test_what_asks_for_memory_or_time_gets_a_sentence_within_a_gigabyte(tmp_path):
    big = hostile.big()
    for name, (make, _) in big.items():
        (tmp_path / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path)],
        cwd=ROOT, capture_output=True, check=True, timeout=120, text=True,
    )  # fmt: skip
    said, peak = json.loads(done.stdout)
    assert {name: key for name, key in said.items() if key not in big[name][1]} == {}
    assert peak < MOST_MB
