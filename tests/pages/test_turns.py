"""A few pages run at once; who waits for another's figures gives the turn on."""

from __future__ import annotations

from threading import Event, Lock, Thread

from ui import turns

SOON = 20.0
"""Seconds after which a test gives up; nothing here takes any."""


def test_no_more_run_at_once_than_is_said():
    running, most = 0, 0
    lock, go = Lock(), Event()

    def page() -> None:
        nonlocal running, most
        with turns.turn():
            with lock:
                running += 1
                most = max(most, running)
            go.wait(SOON)
            with lock:
                running -= 1

    pages = [Thread(target=page) for _ in range(turns.AT_ONCE + 4)]
    for one in pages:
        one.start()
    go.set()
    for one in pages:
        one.join(SOON)
    assert 1 <= most <= turns.AT_ONCE
    assert not any(one.is_alive() for one in pages)


def test_who_waits_for_anothers_figures_holds_nobody_up():
    figures, done = Lock(), Event()
    waiting: list[Thread] = []
    figures.acquire()

    def waits(begun: Event) -> None:
        with turns.turn():
            begun.set()
            with turns.held(figures):
                pass

    for _ in range(turns.AT_ONCE):
        begun = Event()
        waiting.append(Thread(target=waits, args=(begun,)))
        waiting[-1].start()
        assert begun.wait(SOON)

    def runs() -> None:
        with turns.turn():
            done.set()

    other = Thread(target=runs)
    other.start()
    assert done.wait(SOON)
    figures.release()
    for one in [other, *waiting]:
        one.join(SOON)
    assert not any(one.is_alive() for one in waiting)


def test_a_page_that_fails_gives_its_turn_back():
    for _ in range(turns.AT_ONCE + 1):
        try:
            with turns.turn():
                raise ValueError
        except ValueError:
            pass
    with turns.turn():
        pass
