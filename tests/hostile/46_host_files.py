"""Prints files of the machine: a secret beside the course, the list of users; none is to be seen."""

EXTRA = [
    (
        "data",
        """
for path in ["@COURSE@/../outside/secret.txt", "/etc/passwd", "/proc/1/root/etc/passwd", "@COURSE@/nbgrader_config.py"]:
    try:
        print(open(path).read())
    except OSError as error:
        print(error.strerror)
""",
    )
]
SCORE = 10.0
STATE = "graded"
ABSENT = "root:x:0"
