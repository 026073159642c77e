"""Looks for persons in a part of many texts, in a process of its own (`data.redact_many`).

Texts come in as one JSON list, the language of the marks as the argument. One JSON list goes out:
how many were looked at, and [place in the list, cleaned text] of each that changed. Nothing is
written anywhere else, and nothing is said of a failure but that there was one: an exception could
hold a text.
"""

from __future__ import annotations

import json
import sys

from .redact import redact


def main() -> int:
    """0 when every text was looked at, else 1."""
    try:
        texts = json.loads(sys.stdin.buffer.read().decode("utf-8", "surrogatepass"))
        done = [redact(text, sys.argv[1]) for text in texts]
        changed = [(at, one.text) for at, one in enumerate(done) if one.is_changed]
        found = json.dumps([len(done), changed], ensure_ascii=False)
    except Exception:  # what it says may hold a text
        return 1
    sys.stdout.buffer.write(found.encode("utf-8", "surrogatepass"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
