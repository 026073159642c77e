"""A whole file worked on behind a page: how far it is, what came of it, whose session it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
SWEEP_SECONDS = 30.0


@dataclass
class Job(Generic[T]):
    """One file on its way in, in a thread of its own: the page stays usable meanwhile.

    file: its name. shares: what share of the work lies behind when a step ends, in their order.
    step, done, of: what goes on now. share: of the whole work, 0-1. outcome: after the commit,
    never before. error: what broke, where it did.
    """

    file: str
    shares: Mapping[str, float]
    started: float = field(default_factory=time.monotonic)
    seen: float = field(default_factory=time.monotonic)
    step: str = ""
    done: int = 0
    of: int = 0
    share: float = 0.0
    outcome: T | None = None
    error: Exception | None = None
    is_over: bool = False

    def progress(self, step: str, done: int, of: int) -> None:
        """Called from the work itself."""
        steps = list(self.shares)
        at = steps.index(step)
        before = self.shares[steps[at - 1]] if at else 0.0
        part = done / of if of else 1.0
        self.share = before + (self.shares[step] - before) * part
        self.step, self.done, self.of = step, done, of

    @property
    def seconds_left(self) -> float | None:
        """By the pace so far; None before the first step is behind."""
        if not self.share:
            return None
        return (time.monotonic() - self.started) * (1 - self.share) / self.share


class Jobs(Generic[T]):
    """The files on their way in, by whose session they are; one at a time each.

    An outcome stays until it is fetched, its session ends, or nobody of the session has done
    anything for `kept_seconds`. It lies in memory only, and so does the file, as long as the
    thread that reads it lives.
    """

    def __init__(self, shares: Mapping[str, float], kept_seconds: float) -> None:
        self._shares, self._kept_seconds = shares, kept_seconds
        self._jobs: dict[str, Job[T]] = {}
        self._lock = threading.Lock()
        self._sweeps = False

    def of(self, session: str) -> Job[T] | None:
        """The job of a session, running or over; who asks is there."""
        with self._lock:
            self._expire()
            job = self._jobs.get(session)
            if job is not None:
                job.seen = time.monotonic()
            return job

    def start(
        self, session: str, file: str, work: Callable[[Job[T]], T], wait_seconds: float = 0.0
    ) -> Job[T]:
        """Begin; while one of this session runs, that one stays and nothing new begins.

        Args:
            wait_seconds: how long to wait for it at most, so that a small file is done at once.
        """
        with self._lock:
            running = self._jobs.get(session)
            if running is not None and not running.is_over:
                return running
            job = self._jobs[session] = Job(file, self._shares)
            if not self._sweeps:
                self._sweeps = True
                self._sweep_later()
        thread = threading.Thread(target=_run, args=(job, work), name="job", daemon=True)
        thread.start()
        if wait_seconds:
            thread.join(wait_seconds)
        return job

    def forget(self, session: str) -> None:
        """Let go of an outcome that was read; a running one goes on."""
        with self._lock:
            job = self._jobs.get(session)
            if job is not None and job.is_over:
                del self._jobs[session]

    def end(self, session: str) -> None:
        """The session ended: what it had is gone; work that runs goes on, and nobody reads it."""
        with self._lock:
            self._jobs.pop(session, None)

    def _expire(self) -> None:
        now = time.monotonic()
        for key, job in list(self._jobs.items()):
            if job.is_over and now - job.seen > self._kept_seconds:
                del self._jobs[key]

    def _sweep_later(self) -> None:
        timer = threading.Timer(SWEEP_SECONDS, self._sweep)
        timer.daemon = True
        timer.start()

    def _sweep(self) -> None:
        """Nothing stays because nobody asks any more."""
        with self._lock:
            self._expire()
            self._sweeps = bool(self._jobs)
            if self._sweeps:
                self._sweep_later()


def _run(job: Job[T], work: Callable[[Job[T]], T]) -> None:
    try:
        job.outcome = work(job)
    except Exception as err:  # a thread has nobody above it: the page says it, the log has it
        job.error = err
    finally:
        job.seen = time.monotonic()
        job.is_over = True
