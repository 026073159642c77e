"""The case table of DESIGN.md §7: read, checked, cleaned by counted rules, ready for a backtest.

Times are the county's local times, naive. Only six columns are ever read into memory beyond a
sample: what else stands in the file (channel, area, text) can be no feature.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.errors import DataError, RowProblem

COLUMNS = ("case_id", "opened_at", "due_at", "closed_at", "category", "body")
NOT_STATED = "—"
"""Category or body of a case whose table leaves it empty: a group of its own."""

_SAMPLE_ROWS = 5_000
_SUSPECT_SHARE = 0.05
_DATE_ONLY = r"\d{4}-\d{2}-\d{2}"
_END_OF_DAY = pd.Timedelta(hours=23, minutes=59, seconds=59)
_PERSONAL_NAMES = re.compile(
    r"身份证|证件号|手机|电话|联系方式|姓名|住址|"
    r"(^|_)(phone|telephone|tel|mobile|cellphone|id_?card|id_?number|identity_?number|"
    r"national_?id|passport|ssn|e?mail)($|_(number|no|address)$)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7,8}|"
    r"(?:\+?1[-. ])?\(?[2-9]\d{2}\)?[-. ]\d{3}[-. ]\d{4}"
)
_CHINESE_ID = re.compile(
    r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
)
_US_ID = re.compile(r"\d{3}-\d{2}-\d{4}")


@dataclass(frozen=True)
class CaseList:
    """A case table after reading.

    cases: one row per case kept, index 0..n-1, sorted by opening; columns `COLUMNS`, the times
        `datetime64[us]` naive local; NaT in `due_at` = no limit (counts as load only), in
        `closed_at` = still open at the end of the extract.
    extract_end: the last moment the table knows of.
    left_out: why rows were left out -> how many (zero counts are listed too).
    """

    cases: pd.DataFrame
    extract_end: pd.Timestamp
    left_out: dict[str, int]


def read(path: str | Path, extract_end: str | None = None) -> CaseList:
    """Reads a case table from CSV, plain or gzip-compressed.

    Raises:
        DataError: the file cannot be read, a column is missing, a column looks like identity
            numbers or telephones, or no row is left.
    """
    path = Path(path)
    try:
        sample = pd.read_csv(
            path, dtype="str", keep_default_na=False, nrows=_SAMPLE_ROWS, encoding="utf-8-sig"
        )
        missing = [name for name in COLUMNS if name not in sample.columns]
        if missing:
            raise _refusal("risk.table.columns_missing", path, columns=", ".join(missing))
        _refuse_personal_columns(sample, path)
        table = pd.read_csv(
            path,
            dtype="str",
            keep_default_na=False,
            usecols=list(COLUMNS),
            encoding="utf-8-sig",
        )
    except FileNotFoundError:
        raise _refusal("risk.table.no_file", path) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError, EOFError, zlib.error) as err:
        raise _refusal("risk.table.not_csv", path, reason=str(err).strip()) from err
    except UnicodeDecodeError as err:
        raise _refusal("risk.table.not_utf8", path) from err
    return clean(table, extract_end, path.name)


def clean(table: pd.DataFrame, extract_end: str | None = None, name: str = "table") -> CaseList:
    """Applies the contract's rules to a table of texts, counting what is left out.

    Args:
        table: `COLUMNS` as texts, empty = missing.
        extract_end: local ISO time of the end of the extract; a date only means its end.
            None = the latest opening or closing in the table.
        name: what to call the table in a message.

    Raises:
        DataError: the extract's end is no time, or no usable row is left.
    """
    opened, _ = _times(table["opened_at"], end_of_day=False)
    due, due_bad = _times(table["due_at"], end_of_day=True)
    closed, closed_bad = _times(table["closed_at"], end_of_day=True)
    end = _extract_end(extract_end, opened, closed, name)

    text = {key: table[key].str.strip() for key in ("case_id", "category", "body")}
    rules = {
        "without_id": text["case_id"] == "",
        "opening_missing_or_unreadable": opened.isna(),
        "limit_unreadable": due_bad,
        "closing_unreadable": closed_bad,
        "closed_before_opened": closed < opened,
        "due_not_after_opened": due <= opened,
        "opened_after_extract_end": opened > end,
    }
    keep = pd.Series(True, index=table.index)
    left_out: dict[str, int] = {}
    repeated = text["case_id"].duplicated() & (text["case_id"] != "")
    for rule, broken in {"repeated_id": repeated, **rules}.items():
        left_out[rule] = int((keep & broken).sum())
        keep &= ~broken
    if not keep.any():
        problems = [
            RowProblem(0, "", f"risk.left_out.{rule}", (("count", count),))
            for rule, count in left_out.items()
            if count
        ]
        raise DataError("risk.table.no_rows", problems, name=name)

    cases = pd.DataFrame(
        {
            "case_id": text["case_id"],
            "opened_at": opened,
            "due_at": due,
            "closed_at": closed.where(closed <= end),
            "category": text["category"].replace("", NOT_STATED),
            "body": text["body"].replace("", NOT_STATED),
        }
    )[keep]
    cases = cases.sort_values(["opened_at", "case_id"], kind="stable").reset_index(drop=True)
    return CaseList(cases, end, left_out)


def _times(texts: pd.Series, end_of_day: bool) -> tuple[pd.Series, pd.Series]:
    """Times of ISO texts, and which non-empty texts are no local time (an offset is none)."""
    texts = texts.str.strip()
    values = pd.to_datetime(
        texts.where(texts.str.match(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$")),
        format="ISO8601",
        errors="coerce",
    ).astype("datetime64[us]")
    if end_of_day:
        values = values.where(~texts.str.fullmatch(_DATE_ONLY), values + _END_OF_DAY)
    return values, values.isna() & (texts != "")


def _extract_end(text: str | None, opened: pd.Series, closed: pd.Series, name: str) -> pd.Timestamp:
    if text is not None:
        value = _times(pd.Series([text], dtype="str"), end_of_day=True)[0].iloc[0]
        if pd.isna(value):
            raise DataError("risk.table.extract_end", [], name=name, value=text)
        return value
    latest = pd.concat([opened, closed]).max()
    return latest if pd.notna(latest) else pd.Timestamp(0)


def _refuse_personal_columns(sample: pd.DataFrame, path: Path) -> None:
    """Refuses a table that holds what looks like numbers of persons (DOMAIN.md §2.2)."""
    problems = []
    for column in sample.columns:
        values = sample[column].str.strip()
        values = values[values != ""]
        kind = ""
        if _PERSONAL_NAMES.search(str(column).strip()):
            kind = "named_so"
        elif len(values):
            limit = max(1, _SUSPECT_SHARE * len(values))
            if values.map(_is_identity_number).sum() >= limit:
                kind = "identity"
            elif values.str.fullmatch(_PHONE.pattern).sum() >= limit:
                kind = "phone"
        if kind:
            problems.append(
                RowProblem(0, str(column), f"risk.table.personal_{kind}", (("column", column),))
            )
    if problems:
        columns = ", ".join(problem.column for problem in problems)
        raise DataError("risk.table.personal", problems, name=path.name, columns=columns)


def _is_identity_number(value: str) -> bool:
    """A Chinese identity number with a right check digit (GB 11643), or a US number's shape."""
    if _US_ID.fullmatch(value):
        return True
    if not _CHINESE_ID.fullmatch(value):
        return False
    weights = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
    total = int((weights * np.array([int(digit) for digit in value[:17]])).sum())
    return "10X98765432"[total % 11] == value[17].upper()


def _refusal(key: str, path: Path, /, **values: object) -> DataError:
    return DataError(key, [], name=path.name, **values)
