"""How the two fonts in this folder were made; run by hand, never by the program.

    python reports/fonts/make_subset.py NotoSansCJK-Regular.ttc Unihan_Readings.txt.bz2 \
        NotoSansSC-Subset.otf

The sources are in Debian: the fonts in `fonts-noto-cjk`, the list of characters in
`unicode-data` (property kTGHZ2013: the 8,105 characters of the general standard list
通用规范汉字表).
fontTools comes with matplotlib. The licence of the fonts is OFL.txt beside them.
"""

from __future__ import annotations

import argparse
import bz2
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

FAMILY_ENDING = "CJK SC"
"""The face of the collection whose forms are those of mainland China."""

OTHER_RANGES = (
    (0x0020, 0x007E), (0x00A0, 0x017F), (0x01CD, 0x01DC), (0x0391, 0x03C9),
    (0x2010, 0x205E), (0x2070, 0x208E), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218B),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x259F), (0x25A0, 0x25FF),
    (0x2600, 0x2612), (0x2713, 0x2718), (0x3000, 0x303F), (0x3220, 0x3243), (0x3280, 0x32B0),
    (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)  # fmt: skip
"""Latin, pinyin, Greek, punctuation, figures in circles, arrows, signs, box drawing, full width."""

MORE_HAN = "〇"
"""No member of the list, yet written in dates."""


def standard_characters(unihan: Path) -> list[int]:
    """The code points of the general standard list, from a `Unihan_Readings.txt[.bz2]`."""
    raw = unihan.read_bytes()
    lines = (bz2.decompress(raw) if unihan.suffix == ".bz2" else raw).decode("utf-8").splitlines()
    return [
        int(line.split("\t")[0][2:], 16)
        for line in lines
        if not line.startswith("#") and "\tkTGHZ2013\t" in line
    ]


def main() -> None:
    """Cut one face of a collection down to what the program writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collection", type=Path)
    parser.add_argument("unihan", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()

    characters = standard_characters(args.unihan)
    if len(characters) != 8105:
        raise SystemExit(f"expected the 8,105 characters of the list, found {len(characters)}")
    fonts = TTCollection(args.collection).fonts
    font = next(f for f in fonts if f["name"].getDebugName(1).endswith(FAMILY_ENDING))
    options = subset.Options(
        layout_features=["kern", "locl", "vert"],
        name_IDs=["*"],
        notdef_outline=True,
        hinting=False,
        desubroutinize=False,
    )
    worker = subset.Subsetter(options)
    wanted = set(characters) | set(map(ord, MORE_HAN))
    wanted |= {code for first, last in OTHER_RANGES for code in range(first, last + 1)}
    worker.populate(unicodes=wanted)
    worker.subset(font)
    font.save(args.out)
    print(
        f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB, {len(font.getBestCmap())} characters"
    )


if __name__ == "__main__":
    main()
