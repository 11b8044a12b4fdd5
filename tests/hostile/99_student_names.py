"""Comes from a learner whose name is a pattern, a command, or not ASCII; is graded or refused, and touches nobody."""

FAMILY = {"$(touch HOSTILE); 'x": {}, "[a-z]*": {}, "Zoë 名": {}}
SCORE = (10.0, None)
STATE = ("graded", "refused: ")
