"""Prints far too much: 100 MB in lines, one line of 10 MB, thousands of displays; the record stays small."""

FAMILY = {
    "lines": [("data", "line = 'x' * 999 + '\\n'\nfor _ in range(100):\n    print(line * 1000)")],
    "line": [("data", "print('x' * 10_000_000)")],
    "displays": [("data", "from IPython.display import display\n\nfor number in range(3000):\n    display(number)")],
}
SCORE = 10.0
STATE = ("graded", "stopped")
