"""A clerk's file from another system: its rows in our own columns, for the checks of any upload.

Unlike a take-over (`data.mapped`), nothing is judged here that `data.rows` judges: a text the
mapping does not know stays as it was written, so that the checks say what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wording import LANGUAGES, t

from .errors import RowProblem
from .fields import by_header, normal
from .mapped_columns import body_ids, body_texts, places, read_columns, times, unread, words
from .mapped_table import Names
from .mapping import Mapping
from .vocabulary import CONFIRMED_CHANNELS

CONSENT = ("asked", "asked_how")
"""Read under our own names where the mapping has no column for them; nothing else fills them."""
BEGINNING = ("acknowledged", "accepted")
"""Steps of an order that is still open: it can be registered, and the step is taken here."""
TAKE_OVER, LEFT_OUT, BAD_STATUS = (
    f"intake.row.{name}" for name in ("has_steps", "left_out", "bad_status")
)
NO_DESKS = (TAKE_OVER, LEFT_OUT, BAD_STATUS)
"""Rows that are no desk's to register or to mend: answered, closed or worked on in the other
system; left out by the mapping (repeats by its status, other years); nobody knows whether open."""
_AS_TOLD = r"\d{4}-\d{2}-\d{2}(?: \d{1,2}:\d{2}(?::\d{2})?)?"
"""How a sentence about a date tells people to write it: read whatever formats a mapping names."""


@dataclass(frozen=True)
class OwnRows:
    """frame: texts named by our fields, index = the sender's rows (`rows.check_rows`).

    channels: channel by row where it is an asker's own (online, hotline); the frame's cell is then
        empty. columns: the sender's column by field. problems: what the checks cannot see, of
        fields. notes: columns that were not read.
    """

    frame: pd.DataFrame
    channels: dict[int, str]
    columns: dict[str, str]
    problems: list[RowProblem]
    notes: list[RowProblem]

    def as_sent(self, problem: RowProblem) -> RowProblem:
        """A problem under the sender's own names of the columns."""
        values = tuple(
            (k, self.columns.get(str(v), v) if k == "field" else v) for k, v in problem.values
        )
        column = self.columns.get(problem.column, problem.column)
        return RowProblem(problem.row, column, problem.key, values)


def fits_sheet(mapping: Mapping) -> bool:
    """Whether a clerk's single sheet can be read by it: one that needs a second file cannot, nor
    one without a text of the case; one that sets limits of its own is the administrator's."""
    has_lines = mapping.events is not None and mapping.events.lines is not None
    return "summary" in mapping.columns and not has_lines and not mapping.limit_days


def is_column(name: str, mapping: Mapping) -> bool:
    """Whether a text is the name of a column that is read; finds the header under title rows."""
    found = by_header(name)
    return name in mapping.known_names or (found is not None and found.name in CONSENT)


def own_rows(sent: pd.DataFrame, mapping: Mapping, zone: str) -> OwnRows:
    """The rows of a file in our own columns.

    Args:
        sent: texts; index = row numbers (`sheets.read_sheet`).
        zone: IANA zone of the county, in which the times are written.

    Raises:
        DataError: a column the mapping reads is missing, or stands there twice.
    """
    hints = {normal(t("intake.template.how", language)) for language in LANGUAGES}
    sent = sent.loc[:, [normal(str(name)) not in hints for name in sent.columns]]
    named = mapping.named(sent)
    own = dict(zip(map(str, named.columns), map(str, sent.columns), strict=True))
    work = read_columns(named, mapping)
    work.index = named.index
    times(work, mapping)
    words(work, mapping)
    # names and codes are found by the checks, points as well
    places(work, mapping, frozenset(), None, Names({}, {}))
    is_own = work["channel_id"].isin(CONFIRMED_CHANNELS)
    opened = work["opened_utc"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M:%S")
    category = _or(work["category"].map(dict(mapping.categories)), work["category"])
    none = pd.Series("", index=work.index)
    texts = {
        "source_id": work["source_id"],
        "opened_at": _or(opened, work["opened_at"]),
        "township": _or(work["stated"], none),
        "category": category,
        "kind": pd.Series(mapping.constants["kind"], index=work.index),
        "channel": _or(work["channel_id"], work.get("channel", none)).mask(is_own, ""),
        "procedure": _or(work["procedure_id"], work.get("procedure", none)),
        "body": _or(
            body_ids(work["body"], mapping, Names({}, {})), body_texts(work["body"], mapping)
        ),
        "summary": work["summary"],
    }
    if mapping.area.system is not None:
        has_point = (work["lon"] != "") & (work["lat"] != "")
        texts |= {"lon": work["lon"], "lat": work["lat"]}
        texts["coordinate_system"] = has_point.map({True: mapping.area.system, False: ""})
    columns = {("township" if f == "area" else f): own[c] for f, c in mapping.columns.items()}
    if "asked" in work:
        texts["asked"] = work["asked"]
    for place, name in enumerate(map(str, named.columns)):
        found = by_header(name)
        if found is not None and found.name in CONSENT and found.name not in texts:
            texts[found.name], columns[found.name] = named.iloc[:, place].fillna(""), own[name]
    notes = [n for n in unread(named, mapping) if n.column not in columns.values()]
    rows = OwnRows(pd.DataFrame(texts).astype("str"), {}, columns, [], notes)
    rows.channels.update({int(str(row)): c for row, c in work.loc[is_own, "channel_id"].items()})
    _left_out(rows, work, mapping)
    _steps(rows, named, own, mapping)
    return rows


def _or(read: pd.Series, text: pd.Series) -> pd.Series:
    """What a text means; where it means nothing, the text itself."""
    return read.astype("object").where(read.notna(), text)


def _wrong(rows: OwnRows, which: pd.Series, column: str, key: str) -> None:
    """The rows that are so, each told once."""
    told = {problem.row for problem in rows.problems if problem.key == key}
    for row in which.index[which.to_numpy(dtype=bool)]:
        if int(row) not in told:
            rows.problems.append(RowProblem(int(row), column, key, (("field", column),)))


def _left_out(rows: OwnRows, work: pd.DataFrame, mapping: Mapping) -> None:
    """Rows the mapping itself leaves out or cannot read, whatever our own checks would say."""
    opened = work["opened_local"]
    if mapping.formats:
        is_odd = ~work["opened_at"].str.fullmatch(_AS_TOLD) & (work["opened_at"] != "")
        _wrong(rows, opened.isna() & is_odd, "opened_at", "intake.row.bad_moment")
    if mapping.first_day is not None:
        _wrong(rows, opened < mapping.first_day, "opened_at", LEFT_OUT)
    if mapping.last_day is not None:
        _wrong(rows, opened >= mapping.last_day + pd.Timedelta(days=1), "opened_at", LEFT_OUT)
    status, end = work["status_text"], work["end"]
    if mapping.duplicate_ends:
        is_repeat = status.str.endswith(mapping.duplicate_ends)
        _wrong(rows, is_repeat, "status", LEFT_OUT)
        end = end.mask(is_repeat, "")
    _wrong(rows, end.fillna("") != "", "status", TAKE_OVER)
    _wrong(rows, end.isna(), "status", BAD_STATUS)
    _wrong(rows, work["closed_text"] != "", "closed_at", TAKE_OVER)


def _steps(rows: OwnRows, named: pd.DataFrame, own: dict[str, str], mapping: Mapping) -> None:
    """What an order has behind it: acceptance is told and not taken, anything later refused."""
    for step in mapping.events.steps if mapping.events else ():
        is_there, column = named[step.at].fillna("").str.strip() != "", own[step.at]
        if step.event not in BEGINNING:
            _wrong(rows, is_there, column, TAKE_OVER)
        elif is_there.any():
            rows.notes.append(RowProblem(0, column, "intake.note.step", (("column", column),)))
