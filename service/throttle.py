"""Guessing is slowed down: a growing wait after failed attempts, and nobody is ever locked out.

The memory is this process's own, short and bounded; no address is written anywhere. A code has 80
random bits, so the wait is against wasting the server, not what keeps a case closed.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

FREE_ATTEMPTS = 3
"""Slips that cost nothing: a receipt read wrongly, a slip from another county."""
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 8.0
FORGET_AFTER_SECONDS = 900.0
MOST_PROCESSES = FREE_ATTEMPTS + 1
"""Processes that may share one address's guesses: each still looks at a first one at once."""
MOST_ADDRESSES = 10_000
"""Addresses remembered at a time; the one unseen for longest is forgotten first."""


def beside_one_another(processes: int) -> int:
    """How many processes a throttle counts with, of so many: 1 to `MOST_PROCESSES`."""
    return max(1, min(processes, MOST_PROCESSES))


class Throttle:
    """Failed attempts per address, forgotten after a quarter of an hour without one.

    Args:
        processes: how many serve the same pages, each with a memory of its own, at most
            `MOST_PROCESSES`. Each then counts as if every other had seen as many failures as it
            has, and one more: whoever spreads guesses over them waits no less than at one.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, processes: int = 1) -> None:
        self._now, self._processes = now, processes
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_seconds(self, address: str) -> float:
        """How long the next attempt of this address waits before it is looked at, in seconds.

        It waits whether it is right or wrong, or the wait would tell which.
        """
        count, at = self._failed.get(network(address), (0, 0.0))
        if self._now() - at > FORGET_AFTER_SECONDS:
            count = 0
        count = count * self._processes + self._processes - 1
        if count <= FREE_ATTEMPTS:
            return 0.0
        doublings = min(count - FREE_ATTEMPTS - 1, 10)
        return min(FIRST_WAIT_SECONDS * 2.0**doublings, LONGEST_WAIT_SECONDS)

    def failed(self, address: str) -> None:
        """Note an attempt that found nothing, or a wrong word."""
        key, now = network(address), self._now()
        count, at = self._failed.pop(key, (0, now))
        if now - at > FORGET_AFTER_SECONDS:
            count = 0
        self._failed[key] = (count + 1, now)
        while len(self._failed) > MOST_ADDRESSES:
            self._failed.popitem(last=False)

    def __len__(self) -> int:
        return len(self._failed)


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
