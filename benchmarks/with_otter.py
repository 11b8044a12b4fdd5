"""Otter-Grader over many submissions, as its manual has it where there are no containers; as JSON on stdout.

    python -m benchmarks.with_otter AUTOGRADER_ZIP NOTEBOOK...  ->  {"scores": [for each notebook]}

One process with Otter imported once and `otter.api.grade_submission` for each notebook: its fastest way, since
`otter grade` starts a container for each submission and `otter run` a Python.
"""

import contextlib
import json
import os
import sys
import warnings


def main(autograder, paths):
    from otter.api import grade_submission

    scores = []
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        for path in paths:
            scores.append(float(grade_submission(path, autograder, quiet=True).total))
    print(json.dumps({"scores": scores}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], sys.argv[2:])
