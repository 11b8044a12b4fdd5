"""Plots for the lessons, drawn as inline SVG with a text alternative: functions, trainings, images and what is said."""

from course.plots.curves import functions
from course.plots.images import digits
from course.plots.matrix import confusion
from course.plots.training import learning_curves, loss_curve

__all__ = ["confusion", "digits", "functions", "learning_curves", "loss_curve"]
