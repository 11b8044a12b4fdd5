"""Kills the process above it, its own process group, or stops itself; it reaches nobody else."""

FAMILY = {
    "parent": {"value": "import os\n\nos.kill(os.getppid() or os.getpid(), 9)\nvalue = 0.0"},
    "group": {"value": "import os\n\nos.killpg(0, 9)\nvalue = 0.0"},
    "itself": {"value": "import os\n\nos.kill(os.getpid(), 19)\nvalue = 0.0"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
