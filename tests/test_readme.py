"""The README says what is true: its picture, its table of lessons, its example, its links."""

import re
import runpy

import pytest

from conftest import LESSONS, ROOT
from course import check
from course.checks import CheckFailed
from course.lessons import load

README = (ROOT / "README.md").read_text()


def test_the_picture_is_the_one_that_the_course_draws(capsys):
    runpy.run_path(str(ROOT / "docs" / "worked.py"))
    assert (ROOT / "docs" / "worked.svg").read_text() == capsys.readouterr().out


@pytest.mark.parametrize("name", LESSONS)
def test_the_table_counts_the_exercises_and_points_of_each_lesson(name):
    lesson = load(ROOT, name)
    assert re.search(rf"\| \[{name}\].*\| {len(lesson.exercises)} \| {lesson.max_score} \|", README)


def test_every_link_to_a_file_leads_somewhere():
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_example_is_what_a_learner_is_told(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckFailed) as failed:
        check(
            "w2-22", -112.9982822 * 0.07 * 0.02454, error=-112.9982822, weight=0.07, gate=1, neuron=0.02454
        )
    shown = re.search(r"^> ✔(?:.*\n>)+.*$", README, re.MULTILINE).group()
    told = re.sub(r"\*\*|<br>|^> ?|\n> ?", lambda found: " " if "\n" in found.group() else "", shown)
    assert told.split() == str(failed.value).split()
