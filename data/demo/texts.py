"""The made-up texts, from the catalogue's templates: no person, no address, no one's number."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from wording import t

SUMMARIES, VARIANTS = 2, 3
"""How many templates the catalogue holds of a category's summary, and of an answer's parts."""
_WITH_BODY = {"transferred": "to_body_id", "objected": "body_id"}
_PLAIN = ("extended", "transferred", "objected", "declined", "referred", "no_remedy")


class Writer:
    """Writes texts in one language; the same random numbers give the same texts."""

    def __init__(self, language: str, bodies: pd.DataFrame, rng: np.random.Generator) -> None:
        self._language = language
        self._rng = rng
        names = bodies[f"name_{language}"]
        self._names = dict(zip(bodies["body_id"], names, strict=True))

    def _say(self, key: str, **values: object) -> str:
        return t(f"demo.{key}", self._language, **values)

    def summaries(self, category: np.ndarray, wanted: np.ndarray) -> pd.Series:
        """A summary for each case where `wanted`, else NA."""
        which = np.flatnonzero(wanted)
        variant = self._rng.integers(1, SUMMARIES + 1, len(which))
        number = self._rng.integers(2, 9, len(which))
        texts = pd.Series([None] * len(category), dtype="str")
        texts.iloc[which] = [
            self._say(f"category.{category[case]}.summary{v}", n=n)
            for case, v, n in zip(which, variant, number, strict=True)
        ]
        return texts

    def words(self, events: pd.DataFrame, category: np.ndarray, wanted: np.ndarray) -> pd.Series:
        """What the office wrote at each event that has words, of the cases `wanted`, else NA:
        a JSON object, of the five parts for an answer, of a `reason` for other steps.

        Args:
            events: the events table of `DemoHistory`.
            category, wanted: per case.
        """
        texts = pd.Series([None] * len(events), dtype="str", index=events.index)
        speaks = events["event"].isin(["answered", *_PLAIN]).to_numpy()
        rows = np.flatnonzero(speaks & wanted[events["case"].to_numpy()])
        some = events.iloc[rows]
        variant = self._rng.integers(1, VARIANTS + 1, (len(rows), 2))
        written = []
        for row, (facts, opinion) in zip(some.itertuples(), variant, strict=True):
            name = category[row.case]
            if row.event == "answered":
                parts = self._answer(name, row.body_id, facts, opinion)
            else:
                parts = {"reason": self._reason(row, name)}
            written.append(json.dumps(parts, ensure_ascii=False))
        texts.iloc[rows] = written
        return texts

    def _reason(self, row: Any, category: str) -> str:
        thing = self._say(f"category.{category}.thing")
        if row.event in ("extended", "declined"):
            return self._say(f"{row.event}.{row.code}", thing=thing, days=row.days)
        body = self._names[getattr(row, _WITH_BODY.get(row.event, "body_id"))]
        return self._say(f"words.{row.event}", body=body, thing=thing)

    def _answer(self, category: str, body: str, facts: int, opinion: int) -> dict[str, str]:
        """The five parts of `data.history.ANSWER_PARTS`."""
        names = {"thing": self._say(f"category.{category}.thing"), "body": self._names[body]}
        return {
            "request": self._say("answer.request", **names),
            "facts": self._say(f"answer.facts{facts}", **names),
            "opinion": self._say(f"answer.opinion{opinion}", **names),
            "basis": self._say(f"category.{category}.basis"),
            "remedy": self._say("answer.remedy"),
        }
