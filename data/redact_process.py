"""Looks for persons in a part of many texts, in a process of its own (`data.redact_many`).

Texts come in on standard input as one JSON list; what was found goes out on standard output as one
JSON list: for each text its stretches as [kind, start, end]. Nothing is written anywhere else, and
nothing is said of a failure but that there was one: an exception could hold a text.
"""

from __future__ import annotations

import json
import sys

from .redact import found_in


def main() -> int:
    """0 when every text was looked at, else 1."""
    try:
        texts = json.loads(sys.stdin.buffer.read().decode("utf-8", "surrogatepass"))
        found = json.dumps([found_in(text) for text in texts])
    except Exception:  # what it says may hold a text
        return 1
    sys.stdout.buffer.write(found.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
