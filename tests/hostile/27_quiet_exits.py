"""Leaves the test by an exception that some runners take for success or silence; earns nothing."""


def plain(error):
    return {"plain": f"import unittest\n\n\ndef plain(x, centre):\n    raise {error}"}


FAMILY = {
    "exit": plain("SystemExit(0)"),
    "interrupt": plain("KeyboardInterrupt"),
    "skip": plain("unittest.SkipTest('all is well')"),
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
