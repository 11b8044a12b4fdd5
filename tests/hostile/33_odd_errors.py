"""Raises errors whose names or words would garble a state, a table, or the one who prints them."""

FAMILY = {
    "name": {"value": "raise type('graded\\nscore: 10 of 10 <b>|' * 3, (Exception,), {})('graded')"},
    "text": {"value": "class Mute(Exception):\n    def __str__(self):\n        raise self\n\n\nraise Mute"},
    "length": {"value": "raise ValueError('graded ' * 2_000_000)"},
}
SCORE = 8.0
STATE = "graded, code raised"
