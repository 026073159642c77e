"""The journeys by name: who walks, in both languages, and how long it should take at most."""

from __future__ import annotations

from typing import NamedTuple


class Named(NamedTuple):
    """Title and goal of a journey; an empty goal: none was set."""

    zh: str
    en: str
    goal_zh: str = ""
    goal_en: str = ""


JOURNEYS = {
    "zero-filing": Named(
        "窗口人员登录并报送当日零报告", "A clerk signs in and files a zero report",
        "20 秒", "20 s",
    ),
    "register": Named(
        "网格员（窗口人员）为提出诉求的人登记并出示回执",
        "A grid worker (on a desktop: a clerk) registers a case for somebody who asks",
    ),
    "workbook": Named(
        "窗口人员改正批注后的表格并再次上传",
        "A clerk corrects the annotated workbook and uploads it again",
    ),
    "likely-late": Named(
        "督办员从登录到交办一件可能逾期件",
        "A supervisor goes from signing in to an assigned likely-late case",
        "2 分钟", "2 min",
    ),
    "answer": Named(
        "部门人员签收、答复并记录送达", "A department clerk acknowledges, answers, records delivery"
    ),
    "resident": Named(
        "群众凭回执看到答复，并提出“没有解决”",
        "The one who asked reads the answer and says “not solved”",
        "拿到回执后 30 秒内看到答复", "answer on the screen within 30 s",
    ),
    "leader": Named(
        "领导看情况、作批示、下载 Word", "A leader reads, instructs, downloads the Word file"
    ),
    "administrator": Named(
        "管理员按表开立一个乡镇的账号，并载入下一年日历",
        "An administrator makes a township's accounts and loads next year's calendar",
    ),
}  # fmt: skip

KEPT = frozenset(
    {
        ("zero-filing", "sign-in", "desktop"), ("zero-filing", "filing", "phone"),
        ("register", "matter", "desktop"), ("register", "matter", "phone"),
        ("register", "slip", "phone"), ("workbook", "refused", "desktop"),
        ("likely-late", "why", "desktop"), ("likely-late", "confirmed", "desktop"),
        ("answer", "assigned", "desktop"), ("answer", "answer", "desktop"),
        ("resident", "case", "phone"), ("resident", "answer", "phone"),
        ("resident", "say", "phone"),
        ("leader", "sign-in", "desktop"), ("leader", "instruct", "desktop"),
        ("administrator", "accounts", "desktop"), ("administrator", "checked", "desktop"),
    }
)  # fmt: skip
"""Journey, step and size whose pictures, in the languages walked, are part of the project: shown in
docs/tour.md, the README and the guides; all others are in var/tour/ only."""
