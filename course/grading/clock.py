"""A limit on the time of what runs in the trusted process: a test may loop as long as a learner's number says."""

import ctypes
import os
import threading
import time

_PAUSE = 0.05  # seconds between two looks at the clock
_AGAIN = 1.0  # an interrupt that is raised in a finalizer is lost


class TooLong(BaseException):
    """The time is over; no `except Exception` of a test or a callback stops it."""


def limited(seconds, work):
    """Call a function, and interrupt it if it takes too long; only Python code can be interrupted.

    Args:
        seconds: how long it may take.
        work: function of no arguments.

    Returns:
        What it returns.

    Raises:
        TooLong: if the time is over.
    """
    watch, thread = _watch(), threading.get_ident()
    try:
        # An interrupt that comes before the end is noted is raised while it is noted: none gets past the outer `try`.
        try:
            watch.begin(thread, seconds)
            return work()
        finally:
            watch.end(thread)
    except TooLong:
        watch.end(thread)
        raise


class _Watch:
    """One thread that interrupts all others in this process; starting one for each test would cost more than most."""

    def __init__(self):
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self._ends = {}  # thread: when to interrupt it
        threading.Thread(target=self._look, daemon=True, name="course-clock").start()

    def begin(self, thread, seconds):
        with self._lock:
            self._ends[thread] = time.monotonic() + seconds

    def end(self, thread):
        with self._lock:
            self._ends.pop(thread, None)

    def _look(self):
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                now = time.monotonic()
                for thread, end in self._ends.items():
                    if now >= end:
                        self._ends[thread] = now + _AGAIN
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooLong))


def _watch(made=[]):  # noqa: B006, the list remembers
    """Return this process's watch; a forked process needs one of its own."""
    if not made or made[0].pid != os.getpid():
        made[:] = [_Watch()]
    return made[0]
