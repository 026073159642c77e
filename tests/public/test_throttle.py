"""Guessing is slowed down, and nobody is locked out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from public.throttle import (
    FORGET_AFTER_SECONDS,
    FREE_ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    MOST_ADDRESSES,
    Throttle,
    network,
)  # fmt: skip


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
