"""Puts links and odd names where the grader may write, or read, after it; nobody follows them."""

FAMILY = {
    "symbolic": [
        (
            "data",
            """
import os

targets = {"target.ipynb": "gradebook.db", "sealed.json": "release/60-target/sealed.json", "autograded": "submitted"}
for name, target in targets.items():
    try:
        if os.path.lexists(name):
            os.remove(name)
        os.symlink(f"@COURSE@/{target}", name)
        open(name, "a").write("HOSTILE")
    except OSError:
        pass
""",
        )
    ],
    "hard": [
        (
            "data",
            """
import os

for path in ["@COURSE@/gradebook.db", "@COURSE@/source/60-target/target.ipynb", check.__code__.co_filename]:
    try:
        os.link(path, "HOSTILE-link")
        print("HOSTILE linked", path)
        os.remove("HOSTILE-link")
    except OSError:
        pass
""",
        )
    ],
    "names": [
        (
            "data",
            r"""
names = ["a\nb", "-rf", "$(touch HOSTILE)", "x" * 255, "\udcff", "..\\HOSTILE", "../HOSTILE", "../../HOSTILE"]
for name in names:
    try:
        open(name, "w").close()
    except (OSError, UnicodeError):
        pass
""",
        )
    ],
}
SCORE = 10.0
STATE = "graded"
ABSENT = "HOSTILE linked"
