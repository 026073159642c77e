"""Does the time of an answer tell whether a code exists? Known, unknown and mistyped codes.

Usage: python benchmarks/guessing.py [receipts] [tries of each]   (default 20,000 and 1,000)

Timed for each kind: the look-up (one keyed hash per key version, one query) and, for codes that
open nothing, the whole answer of the door without its throttle. A known code's page is longer by
nature: opening is no secret, guessing is what must not learn from the look-up. The picture is
written to var/guessing.svg; that every unknown code is answered in the same bytes is checked.
"""

from __future__ import annotations

import datetime as dt
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file by `make bench`

from data import receipts
from data.db import County, Db, make_engine, migrate, set_up
from data.keys import Keys
from data.schema import receipt
from public.door import Form
from public.routes import _Door

KINDS = ("known", "unknown", "mistyped")
PICTURE = Path(__file__).resolve().parents[1] / "var" / "guessing.svg"


def record(folder: Path, wanted: int) -> tuple[Db, list[str]]:
    """A record with that many receipts, and the codes of some of them."""
    engine = make_engine(f"sqlite:///{folder}/zaojie.db")
    migrate(engine)
    db = Db(engine, Keys.fresh())
    set_up(
        db,
        County("real", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None),
    )
    at = dt.datetime.now(dt.UTC)
    codes = [receipts.new_code() for _ in range(wanted)]
    rows = [receipts.row(db, f"CASE-{n:09d}", code, "t01", at) for n, code in enumerate(codes)]
    with db.write() as conn:
        conn.execute(receipt.insert(), rows)
    return db, codes


def mistyped(code: str) -> str:
    """The code with its check character changed."""
    wrong = next(c for c in receipts.ALPHABET if c != code[-1])
    return code[:-1] + wrong


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes; a refusal is an answer too."""
    start = time.perf_counter()
    with suppress(receipts.MalformedCode):
        call()
    return time.perf_counter() - start


def main(wanted: int, tries: int) -> None:
    """Prints median and spread per kind, and draws both histograms."""
    with tempfile.TemporaryDirectory() as folder:
        db, codes = record(Path(folder), wanted)
        door = _Door(lambda: db, "zh")
        made: dict[str, Callable[[], str]] = {
            "known": lambda: secrets.choice(codes),
            "unknown": receipts.new_code,
            "mistyped": lambda: mistyped(secrets.choice(codes)),
        }
        looked: dict[str, list[float]] = {kind: [] for kind in KINDS}
        whole: dict[str, list[float]] = {kind: [] for kind in KINDS[1:]}
        bodies = set()
        for number in range(tries + 20):
            # in turns and in any order, so that a busy moment meets all kinds alike
            for kind in sorted(KINDS, key=lambda _: secrets.randbits(32)):
                code = made[kind]()
                took = seconds(partial(receipts.find, db, code))
                if number >= 20:
                    looked[kind].append(took)
        for number in range(tries + 20):
            for kind in KINDS[1:]:
                form = Form({"code": [made[kind]()]}, "zh", "", "")
                start = time.perf_counter()
                answer = door._safely(door.case, form)
                if number >= 20:
                    whole[kind].append(time.perf_counter() - start)
                if kind == "unknown":
                    bodies.add((answer.status_code, bytes(answer.body)))
        db.engine.dispose()
    assert len(bodies) == 1, "unknown codes were answered in different bytes"
    print(f"{wanted:,} receipts, {tries:,} tries of each kind; unknown codes: one answer")
    for title, times in (("look-up", looked), ("whole answer", whole)):
        for kind, all_of_it in times.items():
            low, middle, high = np.percentile(np.array(all_of_it) * 1e6, (5, 50, 95))
            print(f"{title:13} {kind:9} median {middle:7.0f} us, 5-95 %: {low:.0f}-{high:.0f}")
    known, unknown = np.array(looked["known"]), np.array(looked["unknown"])
    # how often a guess by time alone would be right: 50 % = it tells nothing
    cut = np.median(np.concatenate([known, unknown]))
    right = max(
        (np.mean(known > cut) + np.mean(unknown <= cut)) / 2,
        (np.mean(known <= cut) + np.mean(unknown > cut)) / 2,
    )
    print(f"known or unknown, told by the look-up's time alone: right in {right:.0%}")
    draw(looked, whole)


def draw(looked: dict[str, list[float]], whole: dict[str, list[float]]) -> None:
    """The histograms, one panel each, to var/guessing.svg."""
    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    for panel, title, times in zip(
        panels, ("look-up", "whole answer"), (looked, whole), strict=True
    ):
        top = np.percentile(np.concatenate([np.array(t) for t in times.values()]), 98) * 1e6
        for kind, of_kind in times.items():
            panel.hist(
                np.array(of_kind) * 1e6, bins=60, range=(0, top), histtype="step", label=kind
            )
        panel.set(title=title, xlabel="microseconds", ylabel="tries")
        panel.legend()
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE)
    print(f"picture: {PICTURE.relative_to(PICTURE.parents[1])}")


if __name__ == "__main__":
    given = [int(text.replace(",", "")) for text in sys.argv[1:3]]
    main(*(given + [20_000, 1_000][len(given) :]))
