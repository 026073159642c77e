"""Every category names the service that is owed and the clock that runs."""

import pytest

from data.categories import load_categories, parse_categories
from data.errors import ConfigError
from data.vocabulary import DOMAINS
from settings import ROOT

ENTRY = {
    "id": "heating", "domain": "daily_life", "zh": "供暖", "en": "Heating",
    "service_zh": "检修", "service_en": "Repairs", "pack": "cn_xinfang_2022",
    "procedure": "simple",
}  # fmt: skip


def text(**changes):
    entry = {k: v for k, v in (ENTRY | changes).items() if v is not None}
    return "[[category]]\n" + "\n".join(f'{k} = "{v}"' for k, v in entry.items())


def test_the_shipped_categories_cover_every_domain_and_protect_families():
    categories = load_categories()
    assert {c.domain for c in categories} == set(DOMAINS)
    assert [c.category_id for c in categories if c.is_place_protected] == ["family"]
    named = "欠薪 征地补偿 逾期交房 办证 宅基地 土地流转 社保待遇 邻里 家庭 物业 供暖 涉法涉诉"
    for name in named.split():
        assert categories.find(name), name


def test_the_chicago_categories_are_taken():
    path = ROOT / "examples" / "chicago_311" / "categories.toml"
    assert {c.pack for c in load_categories(path)} == {"us_311"}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"service_zh": None, "service_en": None}, "no_service"),
        ({"service_en": ""}, "no_service"),
        ({"pack": None}, "no_clock"),
        ({"procedure": None}, "no_clock"),
        ({"procedure": "never"}, "no_clock"),
        ({"domain": "stability"}, "bad_domain"),
        ({"id": "a b"}, "bad_id"),
        ({"en": None}, "no_name"),
        ({"watch": "daily"}, "unknown_key"),
    ],
)
def test_a_category_without_service_or_clock_is_refused(changes, key):
    with pytest.raises(ConfigError) as refused:
        parse_categories(text(**changes))
    assert refused.value.key == f"intake.config.{key}"


def test_an_id_twice_an_empty_and_a_broken_file_are_refused():
    for bad in (text() + "\n" + text(), "", "[[category"):
        with pytest.raises(ConfigError):
            parse_categories(bad)


def test_a_category_is_found_by_id_and_by_either_name():
    categories = parse_categories(text())
    assert all(categories.find(said) for said in ("heating", "供暖", " heating ", "HEATING"))
    assert categories.find("取暖") is None


@pytest.mark.parametrize(
    "given", ['"工资"', '["工资", "工资"]', '["工"]', "[1]", '["  "]', f'["{"字" * 41}"]',
              str([f"词{n}" for n in range(41)]).replace("'", '"')],
)  # fmt: skip
def test_keywords_are_a_list_of_short_different_words(given):
    assert parse_categories(text())["heating"].keywords == ()
    with pytest.raises(ConfigError) as refused:
        parse_categories(f"{text()}\nkeywords = {given}")
    assert refused.value.key == "intake.config.bad_keywords"
    assert parse_categories(f'{text()}\nkeywords = ["暖气"]').like("家里暖气不热")
