"""What a lesson imports: the two networks, the checks, the pictures."""

from course import diagram, graph
from course.checks import check
from course.networks import PRACTICE, WORKED

__all__ = ["PRACTICE", "WORKED", "check", "diagram", "graph"]
