"""How much of a hand-made corpus the redactor finds, and how often it takes what should stay.

`python -m tests.intake.redaction_corpus` from the project's folder prints the tables that stand in
docs/redaction.md, and the lines of the corpus that are not right. The lines held out are counted
and never listed: whoever reads them tunes on them.
"""

import re
from collections import Counter
from pathlib import Path

from data.redact import KINDS, redact

CORPUS = Path(__file__).parent / "redaction_corpus.txt"
HELD_OUT = Path(__file__).parent / "redaction_corpus_held_out.txt"
_MARK = re.compile(r"\[\[(\w+)\|(.*?)\]\]")


def lines(corpus: Path = CORPUS) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each line without its marks, and the (kind, text) that must go."""
    found = []
    for line in corpus.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            found.append((_MARK.sub(r"\2", line), _MARK.findall(line)))
    return found


def measure(corpus: Path = CORPUS) -> dict[str, Counter[str]]:
    """By kind: `expected` things, `found` of them (no trace is left), and `wrong` ones taken."""
    table = {kind: Counter() for kind in KINDS}
    for text, expected in lines(corpus):
        cleaned = redact(text)
        taken = Counter(cleaned.found)
        for kind, value in expected:
            table[kind]["expected"] += 1
            if value not in cleaned.text:
                table[kind]["found"] += 1
                # an address may be taken together with the words before it: one thing taken
                taken[kind] -= 1
        for kind, count in taken.items():
            table[kind]["wrong"] += max(0, count)
    return table


def misses() -> list[str]:
    """The lines on which the redactor is not right, cleaned, for whoever improves it."""
    wrong = []
    for text, expected in lines():
        cleaned = redact(text)
        left = any(value in cleaned.text for _, value in expected)
        if left or Counter(cleaned.found) != Counter(kind for kind, _ in expected):
            wrong.append(f"{text}\n    -> {cleaned.text}")
    return wrong


def report(corpus: Path = CORPUS) -> str:
    """The table as Markdown."""
    rows = [
        "| kind | in the corpus | found | recall | wrongly taken | precision |",
        "|---|---|---|---|---|---|",
    ]
    total: Counter[str] = Counter()
    for kind, counts in measure(corpus).items():
        total.update(counts)
        rows.append(_row(kind, counts))
    return "\n".join([*rows, _row("**all**", total)])


def _row(name: str, counts: Counter[str]) -> str:
    taken = counts["found"] + counts["wrong"]
    recall = f"{counts['found'] / counts['expected']:.1%}" if counts["expected"] else "—"
    precision = f"{counts['found'] / taken:.1%}" if taken else "—"
    return (
        f"| {name} | {counts['expected']} | {counts['found']} | {recall} | {counts['wrong']} "
        f"| {precision} |"
    )


if __name__ == "__main__":
    for corpus in (CORPUS, HELD_OUT):
        print(corpus.name, len(lines(corpus)), "lines")
        print(report(corpus))
    print(*misses(), sep="\n")
