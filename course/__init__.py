"""What a lesson imports: the two networks, the checks, the data sets, the pictures."""

from course import datasets, diagram, explore, graph
from course.checks import check, unpack
from course.networks import PRACTICE, WORKED

__all__ = ["PRACTICE", "WORKED", "check", "datasets", "diagram", "explore", "graph", "unpack"]
