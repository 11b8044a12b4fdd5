"""Replaces the builtins that a check decides with; the wrong `value` earns nothing, the honest rest its points."""

ANSWERS = {
    "value": """
import builtins

builtins.all = lambda things: True
builtins.any = lambda things: False
value = 0.0
"""
}
SCORE = 8.0
STATE = "graded"
