"""The closed lists of the record: what may stand in a column that has a fixed set of words.

Frozen on purpose (DOMAIN.md §2.6, §2.14): no configuration adds to them, and the golden list in
tests/rules/ fails when one changes.
"""

from __future__ import annotations

OFFICE_EVENTS = (
    "registered", "acknowledged", "accepted", "declined", "transferred", "objected", "extended",
    "paused", "resumed", "contacted", "mediated", "met", "received", "aided", "funded",
    "policy_changed", "hearing_opened", "hearing_closed", "answered", "no_remedy", "referred",
    "delivered", "notified", "reviewed", "rechecked", "erased",
)  # fmt: skip
"""What an office records of what it did."""

ASKER_EVENTS = (
    "confirmed", "disowned", "rated", "not_solved", "not_told", "review_requested",
    "recheck_requested", "withdrawal_asked", "withdrawn", "withdrawal_undone",
)  # fmt: skip
"""What the one who asked records, by the code on the receipt."""

EVENTS = OFFICE_EVENTS + ASKER_EVENTS
ACTORS = ("office", "asker", "system")

DOMAINS = (
    "construction",
    "labour",
    "rural",
    "economic",
    "natural_resources",
    "daily_life",
    "other",
)
"""城乡建设, 劳动社保, 农村农业, 经济管理, 自然资源, 民生服务, 其他."""
KINDS = ("redress", "suggestion")
CHANNELS = ("letter", "desk", "online", "phone", "hotline", "on_behalf", "one_stop")
CONFIRMED_CHANNELS = ("online", "hotline")
"""Channels that are the asker's own: a case from them needs no opening to be confirmed. A hotline
case counts only when it came in through the hotline's own export; a letter only when scanned."""
ASKED_HOW = ("in_person", "phone", "message", "writing")
"""By which way somebody asked to have a case registered for them (代办): a way, never a name."""
PROCEDURES = ("ordinary", "simple")
AMOUNT_BANDS = ("under_5k", "5k_50k", "50k_500k", "over_500k")
"""Amounts are kept in bands (yuan), never as figures (DOMAIN.md §2.10)."""
RATINGS = ("satisfied", "fairly", "not")
FILING_KINDS = ("report", "zero")
FILING_REASONS = (
    "system_down", "power_cut", "clerk_absent", "office_moved", "training", "late_by_oversight",
)  # fmt: skip
"""Why a filing came late or a day was excused: a list, because filings carry no free text."""
CORRECTION_REASONS = ("case_added", "filed_by_mistake", "case_of_other_desk")
"""Why a desk's day was filed again as the other kind."""
EXCUSE_REASONS = ("system_down", "power_cut", "office_moved", "training")
"""Why the county excuses a desk's day: of `FILING_REASONS`, what is no omission of the desk's."""

ROLES = (
    "grid_worker", "township_clerk", "department_clerk", "supervisor", "leader", "administrator",
)  # fmt: skip
"""Staff roles (DOMAIN.md §1), a closed list; the resident is no account."""

FLAG_LEVELS = ("overdue", "likely_late", "due_soon", "on_course")
"""How pressing an open case is, most urgent first (DOMAIN.md §8)."""
FLAG_EVENTS = ("proposed", "confirmed", "dismissed", "assigned")
"""What becomes of a flag: the model proposes, a person decides and may assign (DOMAIN.md §2.8)."""
CONFIRM_REASONS = (
    "no_step_yet", "long_without_step", "body_overloaded", "often_late_there", "limit_near",
)  # fmt: skip
DISMISS_REASONS = (
    "answer_in_hand", "being_handled", "waiting_for_report", "extended", "pushed_already",
    "recorded_wrongly",
)  # fmt: skip
"""Why a supervisor confirms or dismisses a flag: lists, so that reasons can be counted."""

ASSIGNMENT_ORIGINS = ("flag", "case", "instruction", "notice", "reception")
"""What an assignment (交办) comes from: a confirmed flag, a case, a leader's instruction (批示), a
supervision notice (督办函), what was promised at a reception (接访)."""
ASSIGNMENT_SUBJECTS = (
    "this_case", "overdue_answers", "very_late_answers", "not_solved_answers",
    "undelivered_answers", "untold_askers", "undecided_cases", "backlog_cases", "missing_filings",
)  # fmt: skip
"""What an assignment is about: one case, or a kind of owed work of the body (no case is named)."""
ASSIGNMENT_STEPS = (
    "accept", "transfer", "contact", "answer", "deliver", "tell", "mediate", "joint_meeting",
    "reception", "legal_aid", "hardship_fund", "review", "recheck", "report",
)  # fmt: skip
"""The service steps of DOMAIN.md §2.6 a body can be asked for; `report`: an account of its work."""
ASSIGNMENT_EVENTS = ("acknowledged", "answered", "returned", "verified", "ended")
ASSIGNMENT_ANSWERS = (
    "done", "within_week", "within_month", "waits_for_other_body", "waits_for_report", "no_means",
    "not_ours",
)  # fmt: skip
"""What a body answers: done, done by when, or why not; words stand beside it for a case only."""
ASSIGNMENT_RETURN_REASONS = ("no_facts", "not_the_step_asked", "no_date", "asker_not_told")
"""Why an answer to an assignment does not answer."""
ASSIGNMENT_END_REASONS = ("done_otherwise", "made_in_error", "replaced")
"""Why an assignment is ended by hand."""
CORRECTION_FIELDS = ("category", "place")
CORRECTION_EVENTS = ("asked", "made", "declined")
CORRECTION_DECLINE_REASONS = ("entered_as_asked", "place_elsewhere", "category_fits")
"""Why a desk does not correct category or place: a list, shown to the asker."""
WITHDRAWAL_REASONS = (
    "settled_otherwise", "asked_elsewhere", "asked_twice", "entered_wrongly", "not_said",
)  # fmt: skip
"""Why an asker withdraws, if they want to say so: for totals, never a text."""
NOT_TOLD_OF = (
    "accepted", "declined", "transferred", "extended", "paused", "answered", "no_remedy",
    "referred", "reviewed", "rechecked",
)  # fmt: skip
"""What an asker may say they were not told of, if they want to say so: the office's own steps."""
ROW_DISMISS_REASONS = (
    "registered_otherwise", "sent_twice", "test_row", "for_other_body", "cannot_be_completed",
    "mended_in_ledger", "not_asked",
)  # fmt: skip
"""Why a desk lets go of a row that was refused, without registering it: a list, for the log."""
LINKED_STEPS = {
    "mediated": ("arranged", "settled", "unsettled", "called_off"),
    "met": ("arranged", "held", "called_off"),
    "aided": ("arranged", "granted", "not_granted", "called_off"),
    "funded": ("arranged", "granted", "not_granted", "called_off"),
}
"""Steps that go alongside the answer at the asker's wish, and how far they are."""
DELIVERY_WAYS = ("in_hand", "post", "electronic", "refused_left")
"""How a written answer reached the asker: 当面, 邮寄, 电子 (or the asker's own page), 拒收留置."""

GRANT_REASONS = ("quality_check", "remedy_check", "redactor_check", "handover_check")
"""Why texts are read county-wide for some days: a list; the asker of each case that is read sees
it."""
EVENT_LOG_REASONS = ("process_study", "outside_evaluation")
"""Why the coarsened event log leaves the office: a list."""
ROSTER_POSTS = (
    "county_secretary", "county_head", "deputy_county_head", "county_leader", "office_head",
    "department_head", "department_leader", "township_secretary", "township_head",
    "township_leader", "duty_officer",
)  # fmt: skip
"""Who receives people, as a post (岗位) and never as a name: 县委书记, 县长, 副县长, 其他县级领导,
信访局局长, 部门主要负责人, 部门班子成员, 乡镇党委书记, 乡镇长, 乡镇班子成员, 值班接访人员."""

PLAN_STEPS = (
    "accept", "transfer", "contact", "mediate", "joint_meeting", "reception", "legal_aid",
    "hardship_fund", "policy_change", "answer", "deliver",
)  # fmt: skip
"""The service steps of DOMAIN.md §2.6 a plan for a backlog case (积案) may hold: what an office can
set a day for. A hearing, a review and a withdrawal are the asker's."""
PLAN_LEVELS = ("county", "department", "township")
"""At which level the post responsible for a backlog case stands."""
PLAN_CHANGE_REASONS = (
    "other_body", "other_post", "step_added", "waits_for_other_body", "waits_for_report",
    "waits_for_rules", "date_not_kept", "entered_wrongly",
)  # fmt: skip
"""Why a plan is replaced by another one: about the office's own work, shown to the asker."""
ANSWER_HANDLED = (
    "in_full", "facts_not_checked", "not_all_answered", "promise_not_done", "partly_done",
    "law_only", "passed_around", "asker_not_told",
)  # fmt: skip
"""How a case was handled whose answer did not hold: the office says it of its own work."""
CAME_BACK_BECAUSE = (
    "facts_wrong", "promised_day_passed", "rest_left_open", "cause_elsewhere", "not_explained",
    "came_up_again", "no_means", "rules_lacking",
)  # fmt: skip
"""Why an answer did not hold: what in answer, means or rules was wanting, never who asked."""
ANSWER_REVIEWS = ("first", "second")
"""The two looks at an answer that did not hold: the body's that gave it, then the supervisor's."""

APPOINTMENT_EVENTS = ("booked", "cancelled")
"""What an asker does with a place of a reception; that somebody came or stayed away is no event."""

REPORT_KINDS = ("daily", "week", "half_month", "month")
"""Spans a service report is issued for: 日报, 周报, 半月报, 月报. None is shorter than a day."""
REPORT_COMMENTS = (
    "late_first", "very_late_first", "due_soon", "not_solved", "backlog", "assignments_late",
    "file_daily", "contact_first", "data_partial", "steady",
)  # fmt: skip
"""What a supervisor may say in a report: sentences about its figures, never about a case."""

SWEEP_KINDS = ("open", "extended", "not_solved")
"""What a body's own sweep (自查) looks at, wholly: open, extended, called not solved."""
SWEEP_FINDINGS = (
    "in_order", "tell_asker", "step_due", "limit_passed", "wrong_body", "deliver_answer",
    "redo_answer", "ended_since",
)  # fmt: skip
"""What a body finds of its own handling of a case; shown to the one who asked."""
CAMPAIGN_FIGURES = (
    "decided_in_time", "on_time", "extended", "with_body", "first_step", "told",
)  # fmt: skip
"""Which figure of the service is the problem a campaign (专项治理) mends."""
CAMPAIGN_MEASURES = (
    "same_day_transfer", "told_at_once", "answer_model", "policy_public", "joint_meeting_fixed",
    "reception_days", "legal_aid_on_site", "post_named", "training", "policy_proposed",
)  # fmt: skip
"""What a body does about its service in a campaign; nothing is done about anybody who asks."""
CAMPAIGN_RESULTS = ("done", "partly", "not_done")
INSPECTION_MARKS = ("met", "partly", "not_met", "not_applicable")
INSPECTION_EVIDENCE = (
    "receipt_book", "service_record", "posted_notice", "roster_page", "filing_record",
    "answer_letters", "delivery_proof", "erasure_record", "audit_log", "training_record",
)  # fmt: skip
"""What an item of the yearly inspection rests on: records of the office's own work."""
EVALUATORS = (
    "statistics_office", "university", "research_institute", "survey_firm", "bar_association",
    "higher_office",
)  # fmt: skip
"""Who evaluates from outside (第三方评估), as a kind of office and never as a name."""
EVALUATION_MEASURES = (
    "satisfaction", "on_time", "told", "ease", "clarity", "politeness",
)  # fmt: skip
EVALUATION_METHODS = ("phone_survey", "paper_survey", "online_survey", "desk_survey", "file_review")

CONSULTATION_KINDS = (
    "plan", "project", "price", "land", "demolition", "school", "transport", "budget", "rules",
)  # fmt: skip
"""What is decided after a consultation: 规划, 公共建设项目, 价格和收费, 土地征收, 房屋征收补偿,
学校布局和招生, 公交和道路, 财政资金使用, 规范性文件."""
CONSULTATION_THEMES = (
    "cost", "compensation", "resettlement", "access", "environment", "safety", "quality", "timing",
    "whom", "clarity", "procedure", "other",
)  # fmt: skip
"""What comments are about: never what one of them says."""
THEMES_OF = {
    "plan": ("environment", "access", "safety", "timing", "procedure", "other"),
    "project": ("environment", "access", "safety", "cost", "timing", "procedure", "other"),
    "price": ("cost", "whom", "quality", "timing", "procedure", "other"),
    "land": ("compensation", "resettlement", "whom", "timing", "procedure", "other"),
    "demolition": ("compensation", "resettlement", "whom", "timing", "procedure", "other"),
    "school": ("access", "safety", "quality", "whom", "timing", "procedure", "other"),
    "transport": ("access", "safety", "cost", "environment", "timing", "procedure", "other"),
    "budget": ("cost", "whom", "quality", "timing", "procedure", "other"),
    "rules": ("whom", "cost", "clarity", "timing", "procedure", "other"),
}
"""The themes of each kind of decision."""
CONSULTATION_OUTCOMES = ("as_drafted", "changed", "postponed", "dropped")
"""What was decided: 按草案, 修改后, 暂缓, 不再实施."""
SHORT_PERIOD_REASONS = ("urgent", "law_sets_shorter", "second_round", "draft_little_changed")
"""Why comments are taken for fewer days than usual; it is published."""
SUGGESTION_OUTCOMES = ("taken_up", "taken_in_part", "already_so", "not_taken_up", "passed_on")
"""What became of a suggestion (人民建议): 采纳, 部分采纳, 已有相应做法, 未采纳, 转有权机关研究."""
SUGGESTION_REASONS = (
    "against_law", "no_funds_now", "other_plan", "harms_others", "not_feasible_now",
)  # fmt: skip
"""Why a suggestion was not taken up, or in part only: a list, shown to the asker."""

RUN_STEPS = ("import", "score", "escalate", "report", "publish", "remind", "texts")
"""The steps of the nightly run in their order (`service.cycle`)."""
RUN_EVENTS = ("begun", "done", "failed")
NOTICE_KINDS = ("night", "failed", "test")
"""What is told outside: the night's numbers, that steps failed, a trial."""
NOTICE_CHANNELS = ("webhook", "smtp", "wecom")
NOTICE_OUTCOMES = ("sent", "unreachable", "refused")
