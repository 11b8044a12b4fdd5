"""Hands in modules, sealed answers, settings beside the notebook; they are ignored; the wrong `value` earns nothing."""

from course.checks import answer, seal, sealed_file
from course.checks.verdict import SealedAnswer, SealedExercise
from hostile.corpus import LESSON, write

WRONG = {"value": "from course import check\n\nvalue = 0.0"}


def with_modules(released, folder):
    for name in ("course", "numpy", "matplotlib", "sitecustomize", "IPython"):
        (folder / f"{name}.py").write_text("def check(*arguments, **parts):\n    pass\n")
    write(released, folder, WRONG)


def with_sealed_answers(released, folder):
    salt = sealed_file.salt(LESSON, "value")
    sealed = {"value": SealedAnswer(seal.seal(answer.read(0.0), salt), {}, salt)}
    (folder / "sealed.json").write_text(sealed_file.dumps(LESSON, [SealedExercise("value", sealed, {}, "")]))
    write(released, folder, WRONG)


def with_config(released, folder):
    harm = "import pathlib\npathlib.Path('@COURSE@/HOSTILE-config').touch()\n"
    for name in ("nbgrader_config.py", "conftest.py", "jupyter_config.py", "ipython_config.py"):
        (folder / name).write_text(harm)
    write(released, folder, WRONG)


FAMILY = {"modules": with_modules, "sealed": with_sealed_answers, "config": with_config}
SCORE = 8.0
STATE = "graded"
