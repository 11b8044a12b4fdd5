"""Dies a moment after its cell has ended, in the midst of another; it comes to an end, and harms nobody else."""

EXTRA = [("data", "import os\nimport threading\n\nthreading.Timer(0.2, os._exit, [0]).start()")]
SCORE = tuple(range(11))
STATE = ("graded", "graded, code raised", "stopped")
