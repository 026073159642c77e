"""Guessing is slowed down, and nobody is locked out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import ConfigError
from public.alone import make_app, processes_of
from public.throttle import (
    FORGET_AFTER_SECONDS,
    FREE_ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    MOST_ADDRESSES,
    MOST_PROCESSES,
    Throttle,
    network,
)  # fmt: skip
from settings import Settings


def test_the_wait_grows_after_a_few_slips_and_is_forgotten() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    waits = []
    for _ in range(FREE_ATTEMPTS + 3):
        throttle.failed("192.0.2.1")
        waits.append(throttle.wait_seconds("192.0.2.1"))
    assert waits == [0, 0, 0, 0.5, 1.0, 2.0]
    assert throttle.wait_seconds("192.0.2.2") == 0
    now = FORGET_AFTER_SECONDS + 1
    assert throttle.wait_seconds("192.0.2.1") == 0


@given(st.integers(min_value=0, max_value=5_000))
def test_nobody_is_ever_locked_out(attempts: int) -> None:
    throttle = Throttle(lambda: 0.0)
    for _ in range(attempts):
        throttle.failed("192.0.2.1")
    assert throttle.wait_seconds("192.0.2.1") <= LONGEST_WAIT_SECONDS


def test_the_memory_is_bounded() -> None:
    throttle = Throttle(lambda: 0.0)
    for number in range(MOST_ADDRESSES + 50):
        throttle.failed(f"host-{number}")
    assert len(throttle) == MOST_ADDRESSES


def test_a_subscribers_many_addresses_count_as_one() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::1") != network("2001:db8:1:3::1")
    assert network("192.0.2.1") != network("192.0.2.2")


def waited(processes: int, order: list[int]) -> float:
    """What guesses wait altogether, each sent to the process the order names; none is right."""
    now = 0.0
    doors = [Throttle(lambda: now, processes) for _ in range(processes)]
    for place in order:
        now += doors[place].wait_seconds("192.0.2.1")
        doors[place].failed("192.0.2.1")
    return now


@given(st.integers(2, MOST_PROCESSES), st.data())
def test_guesses_spread_over_processes_wait_no_less_than_at_one(
    processes: int, data: st.DataObject
) -> None:
    order = data.draw(st.lists(st.integers(0, processes - 1), max_size=60))
    assert waited(processes, order) >= waited(1, [0] * len(order))
    evenly = [number % processes for number in range(len(order))]
    assert waited(processes, evenly) >= waited(1, [0] * len(order))


@pytest.mark.parametrize("processes", range(1, MOST_PROCESSES + 1))
def test_a_first_attempt_never_waits_and_none_longer_than_the_longest(processes: int) -> None:
    throttle = Throttle(lambda: 0.0, processes)
    assert throttle.wait_seconds("192.0.2.1") == 0
    for _ in range(100):
        throttle.failed("192.0.2.1")
    assert throttle.wait_seconds("192.0.2.1") == LONGEST_WAIT_SECONDS


def test_the_number_of_processes_is_the_one_the_server_was_started_with() -> None:
    usual = ["--factory", "public.alone:from_env", "--port", "8502"]
    assert processes_of(usual, {}) == 1
    assert processes_of([*usual, "--workers", "2"], {}) == 2
    assert processes_of([*usual, "--workers=3"], {"WEB_CONCURRENCY": "2"}) == 3
    assert processes_of(usual, {"WEB_CONCURRENCY": "2"}) == 2
    assert processes_of(["-w", "4"], {}) == 4


@pytest.mark.parametrize("processes", [0, MOST_PROCESSES + 1])
def test_more_processes_than_can_share_the_guesses_are_refused(processes: int) -> None:
    with pytest.raises(ConfigError, match=str(MOST_PROCESSES)):
        make_app(Settings(), processes)
