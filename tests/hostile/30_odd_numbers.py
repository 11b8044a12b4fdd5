"""Answers with numbers that are none, or that nobody can print; they are wrong, and no more than that."""

FAMILY = {
    "infinite": {"value": "value = float('inf')"},
    "nan": {"value": "value = float('nan')"},
    "big": {"value": "value = 10**100_000"},
}
SCORE = 8.0
STATE = "graded"
