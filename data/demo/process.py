"""The made-up county's constants: what is asked, of whom, and how hard it is to answer.

Every figure of the process stands here and is explained in docs/demo.md; the other modules of
this package only compute with them. None of them describes a real place.
"""

from __future__ import annotations

from typing import NamedTuple

DEPARTMENTS = tuple(f"b{number:02d}" for number in range(1, 13))
"""Ids of the 12 departments; their names are `demo.body.<id>` in the catalogue."""
OVERSIGHT = "b01"
"""The department that settles objections and does the reviews."""


class Category(NamedTuple):
    """One kind of request.

    domain: of vocabulary.DOMAINS. share: of all requests. owner: the department that owes most of
    the answers, or "desk" = the township office. peak: name in `PEAKS`, or "".
    work: mean work a case brings to its body's line (1 = a case of mean difficulty).
    scale: working days of the case's own handling after its turn has come, at which 63 % are
    answered by a body of usual pace. simple: share under the simple procedure: most of the requests
    of a category that the categories file gives that procedure, few of the others.
    step: the service step typical of it. places: whether it has a place below the township.
    """

    domain: str
    share: float
    owner: str
    peak: str
    work: float
    scale: float
    simple: float
    step: str = ""
    money: bool = False
    places: bool = True


CATEGORIES: dict[str, Category] = {
    "unpaid_wages": Category("labour", 0.135, "b02", "wages", 1.1, 39, 0.03, "mediated", True),
    "pension": Category("labour", 0.045, "b02", "", 0.8, 33, 0.03, "", True),
    "work_injury": Category("labour", 0.020, "b02", "", 1.4, 54, 0.03, "aided", True),
    "late_handover": Category("construction", 0.070, "b03", "", 1.3, 59, 0.03, "met", True),
    "house_quality": Category("construction", 0.040, "b03", "", 1.2, 51, 0.03, "met"),
    "illegal_building": Category("construction", 0.050, "b08", "", 1.1, 47, 0.03),
    "property_management": Category("daily_life", 0.090, "b03", "", 0.8, 37, 0.03, "mediated"),
    "heating": Category("daily_life", 0.050, "b08", "heating", 0.6, 20, 0.62),
    "noise": Category("daily_life", 0.035, "b08", "", 0.6, 25, 0.62),
    "title_deed": Category("natural_resources", 0.075, "b04", "", 1.3, 58, 0.03, "met"),
    "land_compensation": Category(
        "natural_resources", 0.070, "b04", "", 1.6, 64, 0.03, "received", True
    ),
    "homestead": Category("rural", 0.050, "desk", "", 1.2, 46, 0.03, "mediated"),
    "land_transfer": Category("rural", 0.055, "desk", "", 1.1, 43, 0.03, "mediated", True),
    "village_affairs": Category("rural", 0.030, "b05", "", 1.1, 46, 0.03),
    "prepaid_cards": Category("economic", 0.050, "b06", "", 0.9, 34, 0.03, "mediated", True),
    "consumer": Category("economic", 0.030, "b06", "", 0.7, 25, 0.62, "mediated", True),
    "school_entry": Category("daily_life", 0.035, "b07", "school_entry", 0.8, 29, 0.03),
    "roads": Category("daily_life", 0.030, "b10", "", 0.9, 38, 0.62),
    "pollution": Category("daily_life", 0.030, "b11", "", 1.1, 39, 0.03),
    "drainage": Category("daily_life", 0.015, "b12", "flood", 0.9, 30, 0.62),
    "neighbours": Category("daily_life", 0.040, "desk", "", 0.9, 33, 0.62, "mediated"),
    "family": Category("daily_life", 0.020, "desk", "", 0.9, 30, 0.62, "mediated", places=False),
    "hardship": Category("other", 0.030, "b09", "", 0.8, 29, 0.03, "funded"),
    "other": Category("other", 0.015, "b01", "", 0.8, 29, 0.03),
}
SHAPE = 1.8
"""Weibull shape of the case's own handling: answers grow likelier with time, none is certain."""
TOWNSHIP_SHARE = 0.10
"""Share of a department's categories that the township office answers itself."""

PEAKS: dict[str, tuple[tuple[int, int], tuple[int, int], float]] = {
    "wages": ((12, 10), (2, 5), 2.4),
    "heating": ((11, 5), (1, 20), 5.0),
    "school_entry": ((6, 15), (8, 31), 3.0),
    "flood": ((6, 10), (7, 31), 4.0),
}
"""The closed list of service peaks: first and last day (month, day), and how many times as many
requests of the categories concerned come in between as outside."""

CHANNELS = {
    "online": 0.22, "hotline": 0.26, "desk": 0.17, "on_behalf": 0.19,
    "phone": 0.08, "letter": 0.04, "one_stop": 0.04,
}  # fmt: skip
"""Share of the requests by channel; the first two are the asker's own."""
WEEKDAY = (1.15, 1.08, 1.0, 1.0, 1.0, 0.35, 0.30)
"""Requests by weekday, Monday first; channels that need an open office move to a working day."""
GROWTH = 0.08
"""How much the number of requests grows in a year; bodies' staff grows alike."""
SUGGESTION_SHARE = 0.06

LINE_USE = {"department": (0.84, 0.97), "township_office": (0.64, 0.84)}
"""Work that comes in ÷ work a body can do, over the whole span: drawn per body, evenly. A small
office with few cases needs more room for the same line."""
LINE_START_DAYS = 4.0
"""Working days of work already lying with every body on the first day."""
PACE = (1.0, 0.12)
"""A body's pace: log-normal factor (median, sigma) on the scale of the categories it answers."""
HURRY_DAYS = {"ordinary": 10, "simple": 3}
"""Working days before the limit in which a body hurries what is not answered yet."""
HURRY = (0.12, 0.42)
"""Extra chance (hazard) a working day of an answer in those days: drawn per body, evenly; divided
by 1 + line/10, because a body with a long line has less time to hurry."""
PUSH = 0.006
"""Extra hazard a working day past the limit, when the next level has seen the case."""
SIMPLE_SCALE = 0.17
"""Scale of a case under the simple procedure, as a part of its category's; it waits in no line."""
SIMPLE_LINE = 0.025
"""How much a working day of line lengthens the handling under the simple procedure."""
EXTENDS = (0.08, 0.30)
"""Share of ordinary cases a body extends when they run into their last days, per body, evenly."""
EXTENSION_DAYS = (15, 20, 30)

DECLINED = 0.035
REFERRED = 0.012
NO_REMEDY = 0.010
WITHDRAWN = 0.015
UNDONE = 0.2
"""Share of withdrawals asked for that are undone within their 15 days."""
FORWARDED = 0.45
"""Of a department's ordinary cases: those that lie with the desk first and are passed on."""
MISSENT = 0.05
"""Of those passed on: sent to the wrong department, which objects within five working days."""
CODE_USED = {
    "online": 0.93, "hotline": 0.58, "desk": 0.72, "on_behalf": 0.61,
    "phone": 0.60, "letter": 0.55, "one_stop": 0.75,
}  # fmt: skip
"""Share of the receipts whose code is used, by channel; a desk's habit moves it by up to 0.2."""
DISOWNED = 0.004
"""Of the codes first used for a case typed in at a desk: those disowned."""
RATED = 0.42
NOT_SOLVED = 0.07
NOT_SOLVED_HURRIED = 0.17
"""Added to `NOT_SOLVED` when the answer was given in the hurry before the limit."""
NOT_SOLVED_LATE = 0.04
REVIEW = 0.025
RECHECK = 0.2
