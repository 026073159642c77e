"""The receipt: what it says, and what it must never carry."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re

import pypdf
import pytest
import segno

from reports import slip
from reports.slip import SlipFacts, groups, slip_fragment, slips_pdf
from wording import t

FACTS = SlipFacts(
    county="试县", is_demo=False, registered_at=dt.datetime(2026, 3, 5, 2, 0, tzinfo=dt.UTC),
    zone="Asia/Shanghai", case_id="7SDH-JTJX-75WD", code="4XP3SGAGTCEL9ZTSB", tag="RW829QD8",
    category="欠薪", service="核实欠薪", body="人社局", forward_by=dt.date(2026, 3, 20),
    decided_by=dt.date(2026, 4, 7), answer_by=dt.date(2026, 6, 8), limit=60, unit="calendar_days",
    source="Art. 34", provisional=False, median_days=41.6, nine_in_ten_days=75.2, review_days=30,
    address="https://zaojie.example/s",
)  # fmt: skip


def changed(**values: object) -> SlipFacts:
    return dataclasses.replace(FACTS, **values)


def test_the_slip_says_everything_the_asker_needs():
    html = slip_fragment(FACTS, "zh")
    for said in (
        "4XP3-SGAG-TCEL-9ZTS-B", "RW829QD8", "7SDH-JTJX-75WD", "人社局", "核实欠薪",
        "2026年3月20日", "2026年4月7日", "60日内", "2026年6月8日", "42 天", "75 天", "30 日内",
        "https://zaojie.example/s",
    ):  # fmt: skip
        assert said in html
    assert "2026年3月5日 10:00" in html, "local time"


def test_both_languages_are_complete():
    html = slip_fragment(FACTS, "en")
    assert "8 June 2026" in html
    assert "nine in ten within 75 days" in html


def test_the_qr_code_holds_the_address_and_never_the_code(monkeypatch):
    drawn = []
    real = segno.make_qr
    monkeypatch.setattr(segno, "make_qr", lambda text, **kw: drawn.append(text) or real(text, **kw))
    slip.qr_picture.cache_clear()
    slip._qr_svg.cache_clear()
    slips_pdf([FACTS, changed(code="AAAABBBBCCCCDDDDE")], "zh")
    slip_fragment(FACTS, "zh")
    assert drawn == [FACTS.address]


def test_the_page_asks_nothing_of_any_host_and_runs_nothing():
    html = slip_fragment(FACTS, "zh")
    assert "<script" not in html
    assert "<link" not in html
    assert 'src="http' not in html


def test_names_from_a_file_are_escaped():
    html = slip_fragment(changed(body="<b>x</b>", category='"><img src=x>'), "zh")
    assert "<b>x</b>" not in html
    assert "<img src=x>" not in html


def test_what_cannot_be_said_is_said_so_and_is_no_number():
    html = slip_fragment(changed(median_days=None, nine_in_ten_days=None), "zh")
    assert "同类事项太少" in html
    assert "0天" not in html
    assert "现在还不能说" in slip_fragment(changed(nine_in_ten_days=None), "zh")


def test_a_case_without_a_limit_is_an_error_and_never_silent():
    html = slip_fragment(changed(answer_by=None, limit=None, unit=None), "zh")
    assert "没有适用的答复期限" in html


def test_a_limit_given_with_the_case_names_its_day_only():
    html = slip_fragment(
        changed(forward_by=None, decided_by=None, limit=None, unit="per_case"), "zh"
    )
    assert "最迟2026年6月8日答复" in html


def test_a_demo_slip_is_marked():
    assert "演示数据" in slip_fragment(changed(is_demo=True), "zh")
    assert "演示数据" not in slip_fragment(FACTS, "zh")


def pages_of(pdf: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def millimetres(page: pypdf.PageObject) -> tuple[int, int]:
    return round(float(page.mediabox.width) / 72 * 25.4), round(
        float(page.mediabox.height) / 72 * 25.4
    )


def test_one_slip_is_a6_and_several_are_a_sheet():
    (one,) = pages_of(slips_pdf([FACTS], "zh"))
    assert millimetres(one) == (105, 148)
    sheet = pages_of(slips_pdf([FACTS] * 5, "zh"))
    assert [millimetres(page) for page in sheet] == [(210, 297)] * 2
    with pytest.raises(ValueError, match="no slip"):
        slips_pdf([], "zh")


LONG = changed(
    county="新疆维吾尔自治区巴音郭楞蒙古自治州和静县", category="拖欠农民工工资和工程款",
    body="巴音布鲁克镇人民政府综合行政执法办公室", service="核实欠薪并督促用人单位支付工资",
    is_demo=True, is_reissued=True, provisional=True, address="https://zaojie.example.county/zaojie/s",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_slip_stays_on_its_page_with_everything_said(language):
    (page,) = pages_of(slips_pdf([LONG], language))
    text = re.sub(r"\s", "", page.extract_text())
    for said in (groups(FACTS.code), FACTS.tag, FACTS.case_id, LONG.body, t("slip.keep", language)):
        assert re.sub(r"\s", "", said) in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_paper_carries_the_projects_own_font(language):
    (page,) = pages_of(slips_pdf([FACTS], language))
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "NotoSansCJKsc" in font["/BaseFont"]
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor), "embedded, not only named"


def test_what_somebody_wrote_is_set_as_text_and_never_run():
    hostile = '#read("/etc/passwd") $x$ *b* \\" ] }'
    (page,) = pages_of(slips_pdf([changed(body=hostile)], "zh"))
    assert 'read("/etc/passwd")' in page.extract_text()
    assert slips_pdf([FACTS], "zh") == slips_pdf([FACTS], "zh"), "the same slip, the same bytes"


def test_a_slip_of_an_answered_case_names_no_limit():
    html = slip_fragment(changed(answered_on=dt.date(2026, 5, 4)), "zh")
    assert "已于2026年5月4日答复" in html
    assert "2026年6月8日" not in html


def test_the_screen_gets_the_slip_alone():
    assert "<html" not in slip_fragment(FACTS, "zh")


def test_a_code_is_grouped_in_fours():
    assert groups("ABCDEFGHJKLMNPQRS") == "ABCD-EFGH-JKLM-NPQR-S"
