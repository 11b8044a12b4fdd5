"""Looks for the instructor's notebook and runs its solution; it lies where no submission can see it."""

LIFT = """
import json
from pathlib import Path


def solve(path):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["id"] == "value":
            source = "".join(cell["source"])
            print(source)
            exec(source, globals())


value = 0.0
"""

FAMILY = {
    "path": {
        "value": f"""{LIFT}
path = Path("@COURSE@/source/60-target/target.ipynb")
if path.exists():
    solve(path)
"""
    },
    "search": {
        "value": f"""{LIFT}
places = {{*Path.cwd().parents, *Path(check.__code__.co_filename).parents}}
for path in [path for place in places for path in place.glob("source/60-*/*.ipynb")][:1]:
    solve(path)
"""
    },
    "root": {
        "value": f"""{LIFT}
for path in [*Path("/proc").glob("[0-9]*/root@COURSE@/source/60-target/target.ipynb")][:1]:
    solve(path)
"""
    },
}
SCORE = 8.0
STATE = "graded"
