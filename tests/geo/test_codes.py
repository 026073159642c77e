import pytest

from geo.codes import CN


def test_a_grid_lies_in_its_village_township_and_county():
    assert CN.level("330102001003007") == "grid"
    assert CN.parent("330102001003007") == "330102001003"
    assert CN.at("330102001003007", "township") == "330102001"
    assert CN.at("330102", "grid") is None
    assert CN.parent("33") is None


@pytest.mark.parametrize(
    ("filled", "plain"),
    [
        ("330000000000", "33"),
        ("330100000000", "3301"),
        ("330102000000", "330102"),
        ("330102001000", "330102001"),
        ("330102001003", "330102001003"),
        ("330102010000", "330102010"),
    ],
)
def test_zeros_that_only_fill_up_name_the_wider_area(filled, plain):
    assert CN.plain(filled) == plain
    assert CN.padded(plain) == filled


@pytest.mark.parametrize("code", ["", "33010", "3301020010030", "33010２", "abc", "-30102"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(ValueError, match="is not a code of cn_division"):
        CN.plain(code)
