"""Names no kernel, a kernel of another language, or a later minor format; the right answers count."""

import json

from hostile.corpus import FILE, filled_in


def changed(**changes):
    def submission(released, folder):
        (folder / FILE).write_text(json.dumps({**filled_in(released), **changes}))

    return submission


BASH = {
    "kernelspec": {"name": "../../bash", "display_name": "Bash", "language": "bash"},
    "language_info": {"name": "bash"},
}
FAMILY = {"none": changed(metadata={}), "bash": changed(metadata=BASH), "minor": changed(nbformat_minor=99)}
SCORE = 10.0
STATE = "graded"
