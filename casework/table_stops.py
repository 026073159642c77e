"""Pauses in the events of many cases, found step by step for all cases at once.

The table form of what `casework/history.py` notes while it reads: a pause begins when its event
comes while one of its clocks can run, and ends with its own end or with those clocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .milestones import Ints, Milestones
from .rule import PHASES, RUN_IN, Pack, Pause

_CODE = {name: code for code, name in enumerate(PHASES)}


@dataclass(frozen=True)
class Stops:
    """Pauses: row of the case in the table, positions of the events; off -1 = it goes on."""

    row: Ints
    on: Ints
    off: Ints


def stops(stones: Milestones, pack: Pack, pause: Pause, rows: Ints) -> Stops:
    """The pauses of one kind in the cases of one pack.

    Args:
        rows: of the cases in the table, sorted.
    """
    first = np.searchsorted(stones.row, rows, side="left")
    count = np.searchsorted(stones.row, rows, side="right") - first
    leads = _leads(pack, stones)
    runs = np.array([bool(pause.clocks & set(RUN_IN.get(name, ()))) for name in PHASES])
    on_kind, off_kind = stones.names[pause.on], stones.names[pause.off]
    phase = np.full(len(rows), _CODE["new"], dtype=np.int64)
    opened = np.full(len(rows), -1, dtype=np.int64)
    found: list[tuple[Ints, Ints, Ints]] = []
    for step in range(int(count.max(initial=0))):
        some = np.flatnonzero(count > step)
        at = first[some] + step
        kind = stones.kinds[at]
        phase[some] = leads[kind, phase[some]]
        can_run, goes_on = runs[phase[some]], opened[some] >= 0
        ends = goes_on & ((kind == off_kind) | ~can_run)
        if ends.any():
            found.append((rows[some[ends]], opened[some[ends]], at[ends]))
            opened[some[ends]] = -1
        begins = ~goes_on & (kind == on_kind) & can_run
        opened[some[begins]] = at[begins]
    left = opened >= 0
    found.append((rows[left], opened[left], np.full(int(left.sum()), -1, dtype=np.int64)))
    row, on, off = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(on, kind="stable")
    return Stops(row[order], on[order], off[order])


def _leads(pack: Pack, stones: Milestones) -> Ints:
    """Phase after each kind of event (rows) from each phase (columns); a withdrawal that can be
    undone changes nothing that a pause looks at."""
    stay = np.arange(len(PHASES), dtype=np.int64)
    table = np.tile(stay, (max(stones.names.values(), default=0) + 1, 1))
    for event, step in pack.grammar.items():
        if event not in stones.names:
            continue
        for phase in step.phases:
            table[stones.names[event], _CODE[phase]] = _CODE[step.to.get(phase, phase)]
            if event == "not_solved" and phase in ("answered", "no_remedy"):
                table[stones.names[event], _CODE[phase]] = _CODE["reopened"]
    return table
