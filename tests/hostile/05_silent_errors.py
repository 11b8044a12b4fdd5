"""Has IPython swallow every error before it is shown; the wrong `value` earns nothing."""

ANSWERS = {
    "value": """
import sys

shell = get_ipython()
sys.excepthook = lambda *details: None
shell.showtraceback = lambda *arguments, **options: None
shell._showtraceback = lambda *arguments, **options: None
shell.set_custom_exc((Exception,), lambda *details, **options: None)
value = 0.0
"""
}
SCORE = 8.0
STATE = "graded"
