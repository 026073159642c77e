"""Taking in a large file (goal: within four times of pandas storing the same rows unchecked).

Usage: python -m benchmarks.intake [rows] [--profile]   (default 100,000; smoke: 2,000)

A made-up export of a hotline (Chinese summaries, four in ten with somebody's telephone, identity
number or name in them; the area by name, by code or by a point) is read, checked, placed, cleaned
of persons, sealed and stored by the way of `zaojie import`. Beside it, in the same run and into a
database opened by the same settings (write-ahead log, synchronous=FULL), pandas reads the same file
and writes it as it is (`read_csv`, `to_sql(index=False)`), once before and once after.

Told are the seconds on the clock on the wall, and those of the processor, in the process that looks
for persons as well. Steps overlap: that process works while rows are placed and judged, and tables
are stored in a thread while the texts are sealed, so that a step's processor time holds what went
on beside it. Not in it: receipts, which are made at the desk when somebody comes, not for an
export; and the columns that nobody reads, which are in the file and which pandas stores.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.db import Db, make_engine
from data.mapping_files import shipped_mappings
from data.scope import Scope
from service.takeover import Sent, read_mapping, set_up_county, take_over_export
from settings import ROOT, Settings

AREAS = ("北泉街道", "桂垟街道", "石坪镇", "银塘镇")
BODIES = ("人力资源和社会保障局", "住房和城乡建设局", "自然资源和规划局", "综合行政执法局")
TOPICS = ("欠薪", "物业", "供暖", "噪声扰民", "征地补偿", "逾期交房", "办证", "其他")
PLAIN = (
    "工地干了三个月，工资共计{n}元一直没有发，请督促用人单位按期支付。",
    "小区电梯停运{d}天，物业说等维修基金，老人上下楼不方便，希望尽快修好。",
    "室内温度只有{d}度，暖气片不热，供热公司说会派人来看，到现在没有来。",
    "楼下工地夜间{d}点以后还在施工，影响休息，希望有关部门管一管。",
    "2025年3月征地补偿款{n}元还没有到账，村里说已经上报，请核实发放时间。",
    "开发商承诺2024年底交房，现在已经逾期{d}个月，合同编号HT2023{n}，要求说明情况。",
)
PERSONS = (
    "联系人：{name}，电话{phone}，工地欠薪{n}元。",
    "业主{name}反映小区供暖不热，请回电{phone}。",
    "村民{name}等{d}人反映征地补偿款没有到账，{name}身份证号{id}。",
    "家住桂垟街道人民路{d}号3幢2单元501室，暖气不热，手机{phone}。",
)
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周", "建国秀英伟芳志强丽华文斌大勇桂兰"


def made_up(rows: int) -> pd.DataFrame:
    """A hotline's export with the columns of its shipped mapping, and points beside areas."""
    random = np.random.default_rng(2026)
    whole = random.integers(0, 10**9, rows)
    opened = pd.Timestamp("2025-01-01") + pd.to_timedelta(random.integers(0, 500_000, rows), "min")
    closed = opened + pd.to_timedelta(random.integers(600, 40_000, rows), "min")
    signed = opened + pd.Timedelta(minutes=200)
    is_closed = random.random(rows) < 0.7
    summaries = []
    for i in range(rows):
        number = int(whole[i])
        of = PERSONS if number % 10 < 4 else PLAIN
        name = SURNAMES[number % 10] + GIVEN[number % 7 * 2 : number % 7 * 2 + 2]
        summaries.append(
            of[number // 10 % len(of)].format(
                n=number % 90_000 + 1_000, d=number % 28 + 2, name=name,
                phone=f"13{number:09d}", id=f"330102199001{number % 28 + 1:02d}{number % 9999:04d}",
            )
        )  # fmt: skip
    area = random.integers(0, 4, rows)
    form = random.random(rows)
    names = np.array(AREAS)[area]
    codes = np.array([f"99010100{n + 1}" for n in area])
    return pd.DataFrame(
        {
            "工单编号": [f"GD{n:08d}" for n in range(rows)],
            "受理时间": opened.strftime("%Y-%m-%d %H:%M"),
            "来电人": "王建国",
            "联系电话": "13812345678",
            "诉求类型": np.array(TOPICS)[random.integers(0, len(TOPICS), rows)],
            "诉求内容": summaries,
            "承办单位": np.array(BODIES)[random.integers(0, len(BODIES), rows)],
            "事发区域": np.where(form < 0.4, names, np.where(form < 0.7, codes, "")),
            "经度": 113.0 + 0.1 * (area % 2) + 0.001 + random.random(rows) * 0.098,
            "纬度": 27.5 + 0.1 * (area // 2) + 0.001 + random.random(rows) * 0.098,
            "签收时间": signed.strftime("%Y-%m-%d %H:%M"),
            "办结时间": np.where(is_closed, closed.strftime("%Y-%m-%d %H:%M"), ""),
        }
    )


def as_mapping(folder: Path) -> Path:
    """The shipped mapping of a hotline, with the columns of points."""
    text = shipped_mappings()["hotline_12345"]
    text = text.replace("[also]", 'lon = "经度"\nlat = "纬度"\n\n[also]', 1)
    path = folder / "hotline.toml"
    path.write_text(text.replace("[area]", '[area]\nsystem = "wgs84"', 1), "utf-8")
    return path


class Spent(NamedTuple):
    """Seconds: on the wall, and of the processor, here and in processes that have ended."""

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Spent:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter(), time.process_time() + ended.ru_utime + ended.ru_stime)

    def since(self, start: Spent) -> Spent:
        return Spent(self.wall - start.wall, self.processor - start.processor)


def plain(export: Path, folder: Path) -> Spent:
    """What pandas spends reading the csv and writing it to a database of its own, unchecked."""
    engine = make_engine(f"sqlite:///{folder}/plain.db")
    started = Spent.now()
    frame = pd.read_csv(export)
    frame.to_sql("export", engine, index=False, if_exists="replace")
    spent = Spent.now().since(started)
    engine.dispose()
    return spent


def main(rows: int, with_profile: bool = False) -> None:
    """Prints the seconds of both ways, the steps of ours and the ratio."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        export = folder / "export.csv.gz"
        made_up(rows).to_csv(export, index=False)
        db = Db.open(Settings(database=f"sqlite:///{folder}/b.db", keys=folder / "keys.json"))
        set_up_county(db, ROOT / "examples" / "ledger_cn" / "county.toml")
        mapping = read_mapping(db, as_mapping(folder))
        first = plain(export, folder)
        marks: dict[str, Spent] = {}
        profile = cProfile.Profile()
        if with_profile:
            profile.enable()
        started = Spent.now()

        def progress(what: str, done: int, of: int) -> None:
            marks[what] = Spent.now().since(started)

        done = take_over_export(db, Scope.operator(), Sent.of(export), mapping, progress)
        ours = Spent.now().since(started)
        profile.disable()
        second = plain(export, folder)
        print(f"{rows:,} rows: {done.added:,} stored, set aside {done.mapped.aside_counts}")
        at = Spent(0.0, 0.0)
        for what, when in {**marks, "committed": ours}.items():
            step = when.since(at)
            share = step.processor / ours.processor
            print(f"  {what:14s} {step.wall:7.2f} s {step.processor:7.2f} s CPU {share:4.0%}")
            at = when
        for i, what in enumerate(("on the wall", "of the processor")):
            baseline = (first[i] + second[i]) / 2
            print(
                f"{what}: taken in {ours[i]:.2f} s, pandas unchecked {baseline:.2f} s "
                f"({first[i]:.2f} and {second[i]:.2f}): {ours[i] / baseline:.1f}x"
            )
        if with_profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        db.engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="?", default="100,000")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    main(int(given.rows.replace(",", "")), given.profile)
