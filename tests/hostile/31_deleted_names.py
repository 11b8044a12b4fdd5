"""Deletes `check` and a helper that the tests use; they are the instructor's, so right answers keep their points."""

EXTRA = [("data", "del check, norm")]
SCORE = 10.0
STATE = "graded"
