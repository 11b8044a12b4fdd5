"""Three small explorers that move in JupyterLab: an activation and its slope, the loss over two weights, a region."""

from course.explore.region import decision_region
from course.explore.slope import activation
from course.explore.surface import loss_surface

__all__ = ["activation", "decision_region", "loss_surface"]
