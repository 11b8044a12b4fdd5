"""Answers with cell magics: a shell, a file in the place of the notebook, JavaScript. None of them is an answer."""

FAMILY = {
    "shell": {"value": "%%bash\nvalue=2\necho 2.0"},
    "file": {"value": "%%writefile target.ipynb\n{}"},
    "script": {"value": "%%javascript\nelement.textContent = '2.0'"},
}
SCORE = 8.0
STATE = ("graded", "graded, code raised")
