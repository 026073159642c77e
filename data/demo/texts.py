"""The made-up texts, from the catalogue's templates: no person, no address, no one's number."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from wording import t

SUMMARIES, FACTS, OPINIONS, EXTENSIONS = 2, 3, 3, 3
"""How many templates the catalogue holds of each."""
PARTS = ("request", "facts", "opinion", "basis", "review")
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
        """What the office wrote at each event that has words, of the cases `wanted`, else NA.

        Args:
            events: the events table of `DemoHistory`.
            category, wanted: per case.
        """
        texts = pd.Series([None] * len(events), dtype="str", index=events.index)
        speaks = events["event"].isin(["answered", *_PLAIN]).to_numpy()
        rows = np.flatnonzero(speaks & wanted[events["case"].to_numpy()])
        some = events.iloc[rows]
        variant = self._rng.integers(1, 4, (len(rows), 2))
        written = []
        for row, (first, second) in zip(some.itertuples(), variant, strict=True):
            name = category[row.case]
            if row.event == "answered":
                written.append(self._answer(name, row.body_id, int(first), int(second)))
            elif row.event == "extended":
                thing = self._say(f"category.{name}.thing")
                written.append(self._say(f"extended.{first}", thing=thing, days=row.days))
            elif row.event == "declined":
                written.append(self._say(f"declined.{row.code}"))
            else:
                column = _WITH_BODY.get(row.event, "body_id")
                body = self._names[getattr(row, column)]
                thing = self._say(f"category.{name}.thing")
                written.append(self._say(f"words.{row.event}", body=body, thing=thing))
        texts.iloc[rows] = written
        return texts

    def _answer(self, category: str, body: str, facts: int, opinion: int) -> str:
        thing = self._say(f"category.{category}.thing")
        parts = {
            "request": self._say("answer.request", thing=thing),
            "facts": self._say(f"answer.facts{facts}", thing=thing, body=self._names[body]),
            "opinion": self._say(f"answer.opinion{opinion}", thing=thing, body=self._names[body]),
            "basis": self._say(f"category.{category}.basis"),
            "review": self._say("answer.review"),
        }
        return json.dumps(parts, ensure_ascii=False)
