"""Hands in a folder that is a link to another's folder; nobody follows it."""


def submission(released, folder):
    folder.rmdir()
    folder.symlink_to(folder.parents[1] / "00_honest" / folder.name)


SCORE = None
STATE = ("refused: ", "unreadable: ", "missing: ")
