"""What runs too long in the trusted process is interrupted, whatever it catches; what is in time never is."""

import threading
import time

import pytest

from course.grading.clock import TooLong, limited


def forever():
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            pass


def test_what_is_in_time_returns_its_value():
    assert limited(5, lambda: 7) == 7


def test_a_loop_that_catches_every_exception_ends():
    started = time.monotonic()
    with pytest.raises(TooLong):
        limited(0.2, forever)
    assert 0.2 <= time.monotonic() - started < 2


def test_an_error_comes_through_and_ends_the_limit():
    with pytest.raises(ZeroDivisionError):
        limited(0.1, lambda: 1 / 0)
    time.sleep(0.3)  # nothing interrupts this


def test_what_ends_just_in_time_is_either_done_or_interrupted():
    for number in range(60):
        until = time.monotonic() + 0.02 + 0.001 * number
        try:
            limited(0.05, lambda until=until: [None for _ in iter(lambda: time.monotonic() < until, False)])
        except TooLong:
            pass
    time.sleep(0.2)  # an interrupt that came late would be raised here


def test_each_thread_has_a_limit_of_its_own():
    came = []

    def run(seconds):
        try:
            limited(seconds, forever)
        except TooLong:
            came.append(seconds)

    threads = [threading.Thread(target=run, args=(seconds,)) for seconds in (0.6, 0.2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [0.2, 0.6]
