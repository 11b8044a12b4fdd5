"""Writes points for itself and for others into the gradebook; it cannot reach it."""

ANSWERS = {
    "value": """
import sqlite3

try:
    with sqlite3.connect("file:@COURSE@/gradebook.db?mode=rw", uri=True, timeout=1) as gradebook:
        gradebook.execute("UPDATE grade SET manual_score = 2, extra_credit = 90")
        print("HOSTILE grades written")
except sqlite3.Error as error:
    print(error)
value = 0.0
"""
}
SCORE = 8.0
STATE = "graded"
ABSENT = "HOSTILE grades written"
