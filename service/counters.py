"""What a process counts while it serves, in Prometheus' text format: requests by kind of route.

No path or address is a label. The office's own numbers are in `service.metrics`, which the
resident's process does not need.
"""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROUTES = ("residents", "machines", "stream", "files", "door", "pages")
"""Kinds of routes: the resident's pages, machines, Streamlit's connection, what pages load, the
staff door, and everything else."""
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DOOR = (
    "sign-in", "sign-in-code", "sign-in-back", "sign-in-outside", "sign-out", "password",
    "second-factor", "invitation", "role", "phone",
)  # fmt: skip
_FILES = ("media", "static", "app", "component", "_stcore", "geometry")
_BEGUN = time.time()

Labels = Mapping[str, str]


def kind_of(path: str) -> str:
    """The kind of a route, by the first part of its path (without a base path)."""
    first = path.strip("/").partition("/")[0]
    if first == "s":
        return "residents"
    if first in ("api", "open311"):
        return "machines"
    if path.startswith("/_stcore/stream"):
        return "stream"
    if first in _FILES:
        return "files"
    return "door" if first in _DOOR else "pages"


@dataclass
class Counters:
    """What this process has served since it began; shared by its threads."""

    requests: dict[tuple[str, str], int] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    streams: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def served(self, route: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        key = route, f"{status // 100}xx"
        with self._lock:
            self.requests[key] = self.requests.get(key, 0) + 1
            of = self.seconds.setdefault(route, [0.0] * (len(BOUNDS) + 2))
            for place, bound in enumerate(BOUNDS):
                of[place] += seconds <= bound
            of[-2] += 1
            of[-1] += seconds

    def stream(self, by: int) -> None:
        """A staff page's connection opened (1) or closed (-1)."""
        with self._lock:
            self.streams += by

    def lines(self) -> Iterator[str]:
        """As Prometheus reads them."""
        with self._lock:
            requests, streams = dict(self.requests), self.streams
            seconds = {route: list(of) for route, of in self.seconds.items()}
        yield from family(
            "zaojie_requests_total", "counter", "Requests answered, by kind of route.",
            (({"route": route, "status": status}, count)
             for (route, status), count in sorted(requests.items())),
        )  # fmt: skip
        name = "zaojie_request_seconds"
        yield from (f"# HELP {name} Time until an answer was complete.", f"# TYPE {name} histogram")
        for route, of in sorted(seconds.items()):
            ends = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
            for end, count in zip(ends, of[:-1], strict=True):
                yield f'{name}_bucket{{route="{route}",le="{end}"}} {count:g}'
            yield f'{name}_sum{{route="{route}"}} {of[-1]:.6f}'
            yield f'{name}_count{{route="{route}"}} {of[-2]:g}'
        yield from family(
            "zaojie_open_streams", "gauge", "Connections of staff pages open now.", [({}, streams)]
        )


def process_lines() -> Iterator[str]:
    """What this process uses of the machine."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    numbers = {
        "process_start_time_seconds": ("gauge", "When the process began.", _BEGUN),
        "process_cpu_seconds_total": ("counter", "Processor time.", used.ru_utime + used.ru_stime),
        "process_resident_memory_bytes": ("gauge", "Memory.", pages * resource.getpagesize()),
        "process_threads": ("gauge", "Threads.", threading.active_count()),
    }
    for name, (kind, what, value) in numbers.items():
        yield from family(name, kind, what, [({}, value)])


def family(
    name: str, kind: str, what: str, values: Iterable[tuple[Labels, float]]
) -> Iterator[str]:
    """The lines of one metric, by labels."""
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        inside = ",".join(f'{label}="{text}"' for label, text in labels.items())
        shown = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        yield f"{name}{{{inside}}} {shown}" if inside else f"{name} {shown}"
