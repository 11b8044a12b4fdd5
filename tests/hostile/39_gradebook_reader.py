"""Reads the hidden tests, which nbgrader keeps in the gradebook, and prints them; it cannot reach it."""

ANSWERS = {
    "value": """
import sqlite3

value = 0.0
try:
    gradebook = sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True, timeout=1)
    for row in gradebook.execute("SELECT source FROM source_cell"):
        print(*row)
    for row in gradebook.execute("SELECT * FROM student"):
        print(*row)
except sqlite3.Error as error:
    print(error)
"""
}
SCORE = 8.0
STATE = "graded"
