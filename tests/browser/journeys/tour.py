"""The journeys walked through a fresh demo county, their pictures kept: `make tour`.

All pictures go to var/tour/, with an index.html to leaf through; those of `names.KEPT`, made small,
to docs/screenshots/tour/, and every step with its presses and times to docs/tour.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

from PIL import Image

from tests.conftest import ROOT

from .frame import KEY_SECONDS, KEYS_PER_HANZI, PRESS_SECONDS, Journey, Step
from .names import JOURNEYS, KEPT

OUT, KEPT_IN, PAGE = ROOT / "var" / "tour", ROOT / "docs/screenshots/tour", ROOT / "docs/tour.md"
WIDEST, MOST_BYTES = 1200, 110_000
LANGUAGES = "zh en"
"""Walked unless ZAOJIE_TOUR_LANGUAGES says otherwise."""
SIZE = {
    "desktop": ("桌面 1440×900", "desktop 1440×900"),
    "phone": ("手机 390 像素", "phone 390 px"),
}
LANGUAGE = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}

HEAD = """\
# 走一遍 · A walk through

`make tour` 重新生成本页和图片：浏览器测试（`tests/browser/journeys/`）在新建的演示县里逐步走完。
所有步骤的图片在 `var/tour/index.html` 里逐张翻看；这里只放其中一些。
时间是实际等待加手上动作：一次点按 {press} 秒，一个按键 {key} 秒，一个汉字按 {hanzi} 个按键计
（按键级模型，Card、Moran、Newell，1980）；阅读和填写表格的时间不计。
等待是在 {cores} 核、系统负载 {load} 的机器上测得的。括号内：点按次数，秒。

`make tour` makes this page and its pictures anew: browser tests walk through a fresh demo county.
The pictures of all steps are in `var/tour/index.html` to leaf through; some of them stand here.
Time is waiting as measured and the hand at work: one press {press} s, one key {key} s, a Chinese
character {hanzi} keys (keystroke-level model, Card, Moran and Newell 1980); reading, and filling in
a sheet, are not counted. Waiting was measured on {cores} cores under a load of {load}. In brackets:
presses, seconds.
"""


def main() -> int:
    """Walk, keep, write; the number of pytest when a journey did not come to its end."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    # the county takes its time to make, which is the first walk's
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=1800"]
    command += [str(Path(__file__).parent)]
    chosen = {"ZAOJIE_TOUR_LANGUAGES": LANGUAGES} | dict(os.environ) | {"ZAOJIE_TOUR": str(OUT)}
    walking = subprocess.run(command, cwd=ROOT, env=chosen, check=False)
    walks = read(OUT)
    (OUT / "index.html").write_text(leaves(walks), "utf-8")
    if walking.returncode:
        return walking.returncode
    shutil.rmtree(KEPT_IN, ignore_errors=True)
    KEPT_IN.mkdir(parents=True)
    for name in kept_names(walks):
        shrink(OUT / name, KEPT_IN / name)
    PAGE.write_text(page(walks), "utf-8")
    return 0


def read(folder: Path) -> list[Journey]:
    """The walks that came to their end, in the order of `JOURNEYS`, Chinese and desktop first."""
    walks = []
    for path in folder.glob("*.json"):
        said = json.loads(path.read_text("utf-8"))
        walks.append(Journey(**(said | {"steps": [Step(**one) for one in said["steps"]]})))
    order = list(JOURNEYS)
    return sorted(walks, key=lambda w: (order.index(w.name), w.language != "zh", w.size))


def kept_names(walks: list[Journey]) -> list[str]:
    """The pictures that are part of the project."""
    return [
        step.picture
        for walk in walks
        for step in walk.steps
        if (walk.name, step.slug, walk.size) in KEPT
    ]


def shrink(source: Path, target: Path) -> None:
    """A picture with fewer pixels and colours, so that the project stays small."""
    picture = Image.open(source).convert("RGB")
    if picture.width > WIDEST:
        height = round(picture.height * WIDEST / picture.width)
        picture = picture.resize((WIDEST, height), Image.Resampling.LANCZOS)
    for colours in (128, 64, 32, 16):
        picture.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= MOST_BYTES:
            return


def page(walks: list[Journey]) -> str:
    """docs/tour.md: every journey with its pictures, steps, presses and times."""
    numbers = {
        "press": f"{PRESS_SECONDS:.2f}", "key": KEY_SECONDS, "hanzi": KEYS_PER_HANZI,
        "cores": os.cpu_count(), "load": f"{os.getloadavg()[1]:.0f}",
    }  # fmt: skip
    lines = HEAD.format(**numbers).splitlines()
    for name, named in JOURNEYS.items():
        mine = [walk for walk in walks if walk.name == name]
        if not mine:
            continue
        lines += ["", f"## {named.zh}", "", f"{named.en}."]
        if named.goal_zh:
            lines += ["", f"目标 · goal: {named.goal_zh} · {named.goal_en}"]
        lines += [
            "",
            "| | 点按 presses | 按键 keys | 等待 waiting | 合计 in all |",
            "|---|--:|--:|--:|--:|",
        ]
        lines += [_row(walk) for walk in mine]
        for size in SIZE:
            lines += _steps([walk for walk in mine if walk.size == size])
    return "\n".join(lines) + "\n"


def _row(walk: Journey) -> str:
    keys, waited = sum(s.keys for s in walk.steps), sum(s.waited for s in walk.steps)
    where = " · ".join((*SIZE[walk.size], *LANGUAGE[walk.language]))
    return f"| {where} | {walk.presses} | {keys} | {waited:.1f} s | {walk.seconds:.1f} s |"


def _steps(walks: list[Journey]) -> list[str]:
    """The steps at one size; pictures in the languages walked under the step they show."""
    if not walks:
        return []
    first = walks[0]
    lines = ["", f"**{' · '.join(SIZE[first.size])}**", ""]
    width = 480 if first.size == "desktop" else 230
    for at, step in enumerate(first.steps):
        lines.append(f"{at + 1}. {step.zh} · {step.en} ({step.presses}, {step.seconds:.1f} s)")
        if (first.name, step.slug, first.size) in KEPT:
            pictures = " ".join(
                f'<img src="screenshots/tour/{walk.steps[at].picture}" width="{width}" '
                f'alt="{escape(step.zh)}">'
                for walk in walks
            )
            lines += ["", f"   {pictures}", ""]
    return lines


def leaves(walks: list[Journey]) -> str:
    """index.html: all pictures in order, to leaf through with the browser alone."""
    parts = [
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>早解 · tour</title>',
        "<style>body{font:15px/1.5 sans-serif;margin:1rem}figure{display:inline-block;margin:0 "
        "1rem 1rem 0;vertical-align:top}img{border:1px solid #999;max-height:80vh;display:block}"
        "</style>",
    ]
    for walk in walks:
        head = f"{JOURNEYS[walk.name].zh} · {walk.language} · {walk.size}"
        parts.append(f"<h2>{escape(head)} · {walk.presses} · {walk.seconds:.1f} s</h2>")
        parts += [
            f'<figure><img src="{escape(step.picture)}" alt="{escape(step.zh)}" loading="lazy">'
            f"<figcaption>{escape(step.zh)}<br>{escape(step.en)}<br>"
            f"{step.presses} · {step.seconds:.1f} s</figcaption></figure>"
            for step in walk.steps
        ]
    return "\n".join(parts) + "</html>\n"


if __name__ == "__main__":
    sys.exit(main())
