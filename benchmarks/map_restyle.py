"""How long a map takes from a click to the new colours, and what it sends, in a real browser.

Our map (`ui.map`) against `folium.GeoJson` in streamlit-folium, same county, same values, same
run: one server, one Chromium, a fresh page for each.

    python benchmarks/map_restyle.py                       # 3,000 and 20,000 grids
    python benchmarks/map_restyle.py --grids 60 --repeats 1   # a smoke run

Limits asked for (DESIGN.md §6): restyle within 0.3 s and 20 KB at 3,000 grids, 0.5 s and 40 KB at
20,000, on 2 cores.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
VARIANTS = ("ours", "folium")
CHROMIUM = "/usr/bin/chromium"
_APP = """
from streamlit.starlette import App
from benchmarks.map_restyle import routes
app = App("shell.py", routes=routes())
"""
# `streamlit run` recognises the call by reading the file, so it has to stand there itself
_SHELL = """
from benchmarks.map_restyle import page
page()
"""


# ---- the small application under test, run by Streamlit in a process of its own -----------------


@cache
def county() -> gpd.GeoDataFrame:
    """The made-up county of the size asked for in the environment."""
    from geo.outline import made_county

    return made_county(int(os.environ["BENCH_GRIDS"]), int(os.environ["BENCH_TOWNSHIPS"]))


@cache
def geometry():
    """The county as the browser gets it."""
    from geo.web import geometry_payload

    return geometry_payload(county())


def routes() -> list[object]:
    """The one route beside Streamlit's own: the geometry, compressed once."""
    from starlette.responses import Response
    from starlette.routing import Route

    packed = gzip.compress(geometry().body)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private"}

    def answer(_request: object) -> Response:
        return Response(packed, media_type="application/json", headers=headers)

    return [Route("/geometry/{name}.json", answer)]


def values(day: int) -> pd.DataFrame:
    """Figures in the shape of `reports.areas.area_figures`: every area its own, new every day."""
    layer = county()
    random = np.random.default_rng(day)
    return pd.DataFrame(
        {
            "level": layer["level"].to_numpy(),
            "shown_code": layer["code"].to_numpy(),
            "shown_level": layer["level"].to_numpy(),
            "value": random.uniform(0, 0.6, len(layer)).round(3),
            "amount": float("nan"),
            "is_band": False,
            "base": pd.array(random.integers(10, 60, len(layer)), dtype="Int64"),
            "state": pd.array(["shown"] * len(layer), dtype="str"),
        },
        index=pd.Index(layer["code"], name="code"),
    )


def page() -> None:
    """One button, one map; the query says which."""
    import streamlit as st

    from reports.area_classes import classify

    if st.button("restyle"):
        st.session_state["day"] = st.session_state.get("day", 0) + 1
    figures = values(st.session_state.get("day", 0))
    classes = classify(figures, "overdue_share")
    if st.query_params.get("variant") == "folium":
        _plain_folium(classes.digits)
    else:
        from ui.map import area_map

        area_map(geometry(), figures, classes, "overdue_share", "zh", key="map")


def _plain_folium(digits: pd.Series) -> None:
    """The ordinary way: every polygon, with its style, on every rerun."""
    import folium
    from streamlit_folium import st_folium

    from reports.area_classes import COLOURS
    from ui.map import LeanMap

    grids = county()
    grids = grids[grids["level"] == "grid"][["code", "name_zh", "geometry"]]
    (south, west), (north, east) = geometry().bounds
    drawn = LeanMap(location=[(south + north) / 2, (west + east) / 2], zoom_start=10)
    colours = digits.map(COLOURS).to_dict()
    folium.GeoJson(
        grids,
        style_function=lambda area: {
            "fillColor": colours[area["properties"]["code"]],
            "fillOpacity": 1,
            "weight": 0.5,
        },
        tooltip=folium.GeoJsonTooltip(["name_zh"]),
    ).add_to(drawn)
    st_folium(drawn, key="map", height=560, use_container_width=True, returned_objects=[])


# ---- the browser's side --------------------------------------------------------------------------


@dataclass
class Result:
    """What one variant took at one size. Seconds from click to painted; bytes over the wire.

    first_paint_s: of a first visit, again_s: of a second one, what is kept in the browser's cache.
    work_s: processor time of one restyle, the page's main thread and the server together: what a
    busy machine does not stretch.
    """

    grids: int
    variant: str
    first_paint_s: float
    again_s: float = 0.0
    restyle_s: list[float] = field(default_factory=list)
    work_s: list[float] = field(default_factory=list)
    restyle_bytes: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(self.restyle_s)

    @property
    def size(self) -> float:
        return statistics.median(self.restyle_bytes)


@contextmanager
def server(grids: int) -> Iterator[tuple[str, int]]:
    """The application on a free port, from a folder that is gone afterwards: address, process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "app.py").write_text(_APP)
        (home / "shell.py").write_text(_SHELL)
        (home / "static").symlink_to(ROOT / "ui" / "static")
        options = {
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.enableStaticServing": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += [f"--{name}={value}" for name, value in options.items()]
        townships = min(400 if grids >= 20000 else 30, max(1, grids // 12))
        sizes = {"BENCH_GRIDS": str(grids), "BENCH_TOWNSHIPS": str(townships)}
        log = home / "log"
        with log.open("w") as out:
            process = subprocess.Popen(
                command,
                cwd=home,
                env=os.environ | sizes | {"PYTHONPATH": str(ROOT)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(lambda: _healthy(address) or process.poll() is not None, 120)
            if process.poll() is not None:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}")
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait(done: Callable[[], bool], seconds: float) -> None:
    end = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError(f"nothing within {seconds} s")
        time.sleep(0.005)


_PAINTED = {
    # colours of the last message are on the canvas
    "ours": "before => window.zaojieMap && window.zaojieMap.painted > before",
    # a new frame that holds all polygons (folium remounts it on every rerun)
    "folium": "grids => !window.seen && window.map && window.L"
    " && Object.keys(window.map._layers).length >= grids",
}
_TWO_FRAMES = "() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))"


def _server_work(pid: int) -> float:
    """Processor seconds of a process so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(browser, address: str, pid: int, grids: int, variant: str, repeats: int) -> Result:
    """First paint and `repeats` restyles of one variant on a page of its own."""
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 1280, "height": 800})
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
    received = [0]

    def work() -> float:
        found = metrics.send("Performance.getMetrics")["metrics"]
        spent = next(one["value"] for one in found if one["name"] == "TaskDuration")
        return float(spent) + _server_work(pid)

    def count(payload: bytes | str) -> None:
        received[0] += len(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", count))

    def frame():
        return next((f for f in page.frames if "streamlit_folium" in f.url), None)

    def painted(argument: int) -> bool:
        try:
            page.wait_for_timeout(5)  # lets the driver take in what the browser tells
            found = frame()
            if found is None or not found.evaluate(_PAINTED[variant], argument):
                return False
            found.evaluate(_TWO_FRAMES)
        except Error:  # the frame went away while being asked: a new one comes
            return False
        return True

    before = 0 if variant == "ours" else grids
    start = time.perf_counter()
    page.goto(f"{address}/?variant={variant}")
    _wait(lambda: painted(before), 90)
    result = Result(grids, variant, time.perf_counter() - start)
    start = time.perf_counter()
    page.goto(f"{address}/?variant={variant}&again=1")
    _wait(lambda: painted(before), 90)
    result.again_s = time.perf_counter() - start
    for _ in range(repeats):
        page.wait_for_timeout(700)
        if variant == "ours":
            before = frame().evaluate("window.zaojieMap.painted")
        else:
            frame().evaluate("() => { window.seen = true; }")
        received[0], spent = 0, work()
        start = time.perf_counter()
        page.get_by_role("button", name="restyle").click()
        _wait(lambda argument=before: painted(argument), 90)
        result.restyle_s.append(time.perf_counter() - start)
        page.wait_for_timeout(300)
        result.work_s.append(work() - spent)
        result.restyle_bytes.append(received[0])
    page.close()
    return result


def run(sizes: list[int], repeats: int, chromium: str) -> list[Result]:
    """All variants at all sizes, in one browser."""
    from playwright.sync_api import sync_playwright

    results = []
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        for grids in sizes:
            with server(grids) as (address, pid):
                # one visit that is not measured: the server makes the county on it
                measure(browser, address, pid, grids, "ours", 0)
                for variant in VARIANTS:
                    results.append(measure(browser, address, pid, grids, variant, repeats))
                    _say(results[-1])
            ours, folium = results[-2:]
            print(
                f"{grids:>6} grids: folium.GeoJson takes {folium.seconds / ours.seconds:.0f} times"
                f" as long and sends {folium.size / ours.size:.0f} times as much",
                flush=True,
            )
        browser.close()
    return results


def _say(result: Result) -> None:
    each = " ".join(f"{seconds:.2f}" for seconds in result.restyle_s)
    print(
        f"{result.grids:>6} grids {result.variant:<7} first paint {result.first_paint_s:6.2f} s,"
        f" again {result.again_s:5.2f} s, restyle {result.seconds:6.2f} s ({each}), work"
        f" {statistics.median(result.work_s or [0.0]):5.2f} s, {result.size / 1000:9.1f} KB each",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--grids", type=int, nargs="+", default=[3000, 20000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--chromium", default=CHROMIUM)
    parser.add_argument("--json", type=Path, help="write the results there as well")
    options = parser.parse_args()
    results = run(options.grids, options.repeats, options.chromium)
    if options.json:
        rows = [
            result.__dict__ | {"seconds": result.seconds, "bytes": result.size}
            for result in results
        ]
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
