"""Run a learner's cells in a warm, caged child, and hand back what they showed; nothing here judges."""

from course.grading.run.cage import CageError
from course.grading.run.sandbox import CellRun, Sandbox, Session, Stopped

__all__ = ["CageError", "CellRun", "Sandbox", "Session", "Stopped"]
