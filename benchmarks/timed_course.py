"""The `course` command with a clock on its recorder: when each grade was recorded, and how long that took.

The times go to the file that the environment names, as a list of pairs [begun, done] of `time.time()`.
"""

import json
import os
import time
from pathlib import Path

CLOCK = "BENCH_CLOCK"


def main():
    from course.cli import app
    from course.grading.record import Recorder

    times, record = [], Recorder.record

    def timed(recorder, graded):
        begun = time.time()
        attempt = record(recorder, graded)
        times.append((begun, time.time()))
        return attempt

    Recorder.record = timed
    try:
        app(prog_name="course")
    finally:
        Path(os.environ[CLOCK]).write_text(json.dumps(times))


if __name__ == "__main__":
    main()
