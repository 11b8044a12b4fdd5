"""Reads every file that the grader left open for it, and every folder that its processes stand in; nothing is there."""

EXTRA = [
    (
        "data",
        """
import glob
import os
import re
import stat

for number in range(3, 256):
    try:
        if stat.S_ISREG(os.fstat(number).st_mode):
            print(number, re.findall(rb"CANARY-[a-z]+", os.pread(number, 1 << 24, 0)))
        elif stat.S_ISDIR(os.fstat(number).st_mode):
            print("HOSTILE folder", os.listdir(number))
    except OSError:
        pass
for path in glob.glob("/proc/[0-9]*/cwd") + glob.glob("/proc/[0-9]*/fd/*"):
    try:
        if "@COURSE@" in os.readlink(path):
            print("HOSTILE", path, os.readlink(path))
    except OSError:
        pass
""",
    )
]
SCORE = 10.0
STATE = "graded"
ABSENT = "HOSTILE"
