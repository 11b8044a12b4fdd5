"""Has matplotlib raise, or hang, where the instructor's plot is drawn; all exercises count."""


def patching(body):
    code = f"from matplotlib.figure import Figure\n\n\ndef draw(*arguments, **options):\n    {body}\n\n\n"
    return [("value-check", f"{code}Figure.savefig = Figure.draw = Figure.add_axes = Figure.add_subplot = draw")]


FAMILY = {"raising": patching("raise RuntimeError('no plots today')"), "hanging": patching("while True: pass")}
SCORE = 10.0
STATE = ("graded", "graded, code raised", "stopped: timed out in")
