"""The checks: right answers in every style pass, each mistake is called by its name, all else gets fitting words."""

import shutil

import numpy as np
import pytest
import torch

from conftest import LESSONS, ROOT
from course import check, unpack
from course.checks import CheckError, CheckFailed, sealed_file
from course.checks.answer import describe, read
from course.checks.report import Report
from course.checks.seal import know
from course.checks.verdict import SealedAnswer, SealedExercise, judge
from course.lessons import load

ANSWERS = [
    pytest.param(name, exercise, answer, id=f"{name}:{answer}")
    for name in LESSONS
    for exercise, sealed in sealed_file.load(ROOT / "release" / name / "sealed.json").exercises.items()
    for answer in sealed.answers
]
MISTAKES = [
    pytest.param(name, exercise.name, number, id=f"{name}:{exercise.name}:{mistake.name}")
    for name in LESSONS
    for exercise in load(ROOT, name).exercises
    for number, mistake in enumerate(exercise.mistakes)
]


def value_of(answer):
    """Return a recorded answer as the value that a learner would hand in."""
    if answer.kind in ("number", "text"):
        return answer.entries[0]
    if answer.kind == "names":
        return list(answer.entries)
    return np.array(answer.entries).reshape(answer.shape)


def styles(answer):
    """Return a right answer as learners write it."""
    value = value_of(answer)
    if answer.kind == "number":
        whole = [int(value)] if value == int(value) else []
        return [value, np.float64(value), np.array(value), torch.tensor(value, dtype=torch.float64), *whole]
    if answer.kind == "array":
        return [value, value.tolist(), tuple(value.tolist()), torch.tensor(value), value + 0.0, value * (1 + 5e-7)]
    if answer.kind == "text":
        return [value, value.upper(), f" {value} "]
    return [value, set(value), tuple(reversed(value)), value + value[:1]]


def verdict(lesson, answer, value):
    """Return the one verdict on a value."""
    (found,) = sealed_file.load(ROOT / "release" / lesson / "sealed.json").judge({answer: value})
    return found


@pytest.mark.parametrize("lesson, exercise, answer", ANSWERS)
def test_the_right_answer_passes_in_every_style(lesson, exercise, answer, recorded_lessons):
    right = recorded_lessons[lesson][1][exercise].right.answers[answer]
    for value in styles(right):
        assert verdict(lesson, answer, value).is_right, repr(value)


@pytest.mark.parametrize("lesson, exercise, number", MISTAKES)
def test_each_mistake_fails_with_its_own_message(lesson, exercise, number, recorded_lessons):
    source, recorded = recorded_lessons[lesson]
    mistake = next(e for e in source.exercises if e.name == exercise).mistakes[number]
    book = sealed_file.load(ROOT / "release" / lesson / "sealed.json")
    verdicts = []
    for call in recorded[exercise].mistakes[number].calls:
        verdicts += book.judge({name: value_of(answer) for name, answer in call.items()})
        if not all(v.is_right for v in verdicts):
            break  # the check raises here
    told = [v for v in verdicts if v.mistake == mistake.name]
    assert told, [v.words for v in verdicts]
    assert any(mistake.says in v.words for v in told)
    assert not any(v.is_right for v in told)


@pytest.mark.parametrize("lesson, exercise, answer", ANSWERS)
def test_what_is_no_answer_fails_with_fitting_words(lesson, exercise, answer, recorded_lessons):
    right = recorded_lessons[lesson][1][exercise].right.answers[answer]

    def words(value):
        found = verdict(lesson, answer, value)
        assert not found.is_right, repr(value)
        return found.words

    for nothing in (None, ..., [..., ...]):
        assert "not answered yet" in words(nothing)
    for text in () if right.kind in ("text", "names") else ("a text",):
        assert "a text" in words(text) and "expected" in words(text)
    assert "function" in words(len)
    assert "`dict`" in words({"a": 1})
    if right.kind == "number":
        assert "NaN" in words(float("nan")) and "NaN" in words(float("-inf"))
        assert "number inside it" in words(np.array([[right.entries[0]]]))
    if right.kind == "array":
        value = value_of(right)
        broken = value.copy()
        broken.flat[0] = np.nan
        assert "NaN" in words(broken)
        assert str(right.shape) in words(np.ones((7, 11, 2)))
        if value.ndim == 2 and value.shape[0] != value.shape[1]:
            assert "transposed?" in words(value.T)
        elif value.ndim == 2 and not np.array_equal(value, value.T):
            words(value.T)
    if right.kind in ("number", "array") and any(right.entries):
        words(np.zeros(right.shape) if right.shape else 0)


def test_wrong_entries_are_counted_and_placed(in_lesson, recorded_lessons):
    in_lesson("03-forward-pass")
    value = value_of(recorded_lessons["03-forward-pass"][1]["all-rows"].right.answers["all-rows/Z1"])
    value[2, 1] += 0.25
    with pytest.raises(CheckFailed, match=r"Entry \[2, 1\] is off; the other 29 look right"):
        check("all-rows/Z1", value)


def test_a_chain_inherits_what_is_wrong_above_it(in_lesson, capsys):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckFailed):
        check("w2-22", 1.0, error=-112.9982822, weight=0.07, gate=1, neuron=0.02454)
    said = capsys.readouterr().out
    assert "✔ w2-22/error: right." in said
    assert "✘ w2-22/neuron: not yet. You have 0.02454. That is the neuron where the weight ends." in said
    assert "✘ w2-22: not yet. You have 1. It inherits what is wrong above (neuron): mend that first." in said


def exercise_of(name, **parts):
    """Return an exercise whose parts are (right value, {what a mistake says: value that it leads to})."""
    answers, numbers = {}, {}
    for part, (right, mistakes) in parts.items():
        sealed = {}
        for says, value in mistakes.items():
            number = numbers.setdefault(says, len(numbers))
            sealed[number] = know(read(value), f"{part}|mistake {number}", message=f"{says}\n{says}")
        answers[f"{name}/{part}"] = SealedAnswer(know(read(right), part), sealed, part)
    return SealedExercise(name, answers, {}, "all")


def told(exercise, **parts):
    verdicts = judge(exercise, {f"{exercise.name}/{part}": value for part, value in parts.items()})
    return [verdict.words for verdict in verdicts]


def test_what_is_wrong_beside_another_wrong_part_is_told_for_itself():
    exercise = exercise_of("e", first=(1.0, {}), second=(np.array([1.0, 2.0, 3.0]), {}), third=(5.0, {}))
    said = told(exercise, first=9.0, second=[1.0, 2.0, 4.0], third=6.0)
    assert "Entry [2] is off; the other 2 look right. If it rests on something above" in said[1]
    assert said[2].startswith("not yet. You have 6. It is no slip that this check knows.")
    assert "If it rests on" not in told(exercise, first=1.0, second=[1.0, 2.0, 4.0], third=5.0)[1]


def test_each_known_slip_is_named_however_many_there_are():
    names = [f"slip {i}" for i in range(5)]
    exercise = exercise_of("e", **{f"part{i}": (float(i), {name: 10.0 + i}) for i, name in enumerate(names)})
    said = told(exercise, **{f"part{i}": 10.0 + i for i in range(5)})
    assert [words.rpartition(". ")[2] for words in said] == names


def test_after_a_long_search_in_vain_there_is_no_other():
    first = {f"first {i}": 10.0 + i for i in range(20)}
    second = {f"second {i}": 50.0 + i for i in range(20)}
    exercise = exercise_of("e", first=(1.0, first), second=(2.0, second))
    assert told(exercise, first=29.0, second=2.0)[0].endswith("first 19")
    assert told(exercise, first=1.0, second=69.0)[1].endswith("second 19")
    assert told(exercise, first=29.0, second=69.0)[1].endswith("second 19")
    assert told(exercise, first=30.0, second=69.0)[1].startswith("not yet. You have 69. It is no slip")


def test_a_changed_argument_is_called_that_and_nothing_inherits_it():
    exercise = exercise_of("e", z_afterwards=(np.array([1.0, -2.0]), {}))
    exercise.answers["e"] = SealedAnswer(
        know(read(3.0), "e"), {0: know(read(4.0), "e|mistake 0", message="m\nMine.")}, "e"
    )
    changed, value = judge(exercise, {"e/z_afterwards": np.array([1.0, 0.0]), "e": 4.0})
    assert "What you were given has changed" in changed.words and "off" not in changed.words
    assert value.words == "not yet. You have 4. Mine."


def test_the_summary_names_the_call():
    exercise = exercise_of("e", **{"case/one": (1.0, {}), "case/two": (2.0, {})})
    report = Report(judge(exercise, {"e/case/one": 1.0, "e/case/two": 3.0}))
    assert report.summary == "e/case: 1 of 2 right so far; what to look at stands above."


@pytest.mark.parametrize("came, given", [
    ((1, 2), (1, 2)), ([1, 2], (1, 2)), (None, (None, None)), (3, (3, None)), ((1, 2, 3), (1, 2, 3)),
])  # fmt: skip
def test_what_did_not_come_is_none(came, given):
    assert unpack(came, 2) == given


def test_an_array_is_one_thing():
    first, second = unpack(np.ones(2), 2)
    assert first.shape == (2,) and second is None


def test_a_right_check_says_so_and_raises_nothing(in_lesson, capsys):
    in_lesson("04-chain-rule")
    check("w2-22/gate", True)
    assert capsys.readouterr().out == "✔ w2-22/gate: right.\n"


def test_a_failed_check_is_an_assertion_with_all_verdicts_in_words(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(AssertionError, match="w2-22/weight: not yet"):
        check("w2-22", ..., weight=0.5)


def test_in_a_notebook_the_verdict_is_a_card_of_words_and_signs(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckFailed) as failed:
        check("w2-22/weight", 0.03)
    card = failed.value.report._repr_html_()
    assert "✘" in card and "That is w2_22 itself." in card and "<script" not in card
    assert failed.value.report.metadata() == {
        "course": [{"name": "w2-22/weight", "state": "mistake", "mistake": "this layer's weight for the next one's"}]
    }


def test_what_a_learner_typed_cannot_become_markup(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckFailed) as failed:
        check("w2-21/decided_by", "<img src=x onerror=alert(1)>")
    assert "<img" not in failed.value.report._repr_html_()


def test_a_word_in_a_list_is_not_the_word(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckFailed, match=r"this is a collection of names \(texts\); expected a text \(a string\)"):
        check("w2-21/decided_by", ["gate"])


def test_an_unknown_name_is_answered_with_the_nearest(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckError, match="no exercise called 'w2-2'. Did you mean 'w2-21'|'w2-22'"):
        check("w2-2", 1.0)


def test_a_check_without_a_value_says_what_is_missing(in_lesson):
    in_lesson("04-chain-rule")
    with pytest.raises(CheckError, match="nothing to check"):
        check("w2-22")


def test_a_missing_sealed_file_says_where_it_belongs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckError, match=r"no sealed\.json in .*copy it from the lesson's folder in release/"):
        check("w2-22", 1.0)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_damaged_sealed_file_says_so(damage, tmp_path, monkeypatch):
    (tmp_path / "sealed.json").write_text(damage)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckError, match="damaged or of another version"):
        check("w2-22", 1.0)


def test_inside_a_course_a_submitted_sealed_file_is_never_asked(own_course, monkeypatch):
    released = own_course / "release" / "04-chain-rule"
    shutil.copytree(ROOT / "release" / "04-chain-rule", released)
    submission = own_course / "autograded" / "mallory" / "04-chain-rule"
    submission.mkdir(parents=True)
    (submission / "sealed.json").write_text("{}")
    monkeypatch.chdir(submission)
    assert sealed_file.find(submission) == released / "sealed.json"
    check("w2-22/gate", 1)


def test_seals_survive_the_way_through_the_file():
    book = sealed_file.load(ROOT / "release" / "04-chain-rule" / "sealed.json")
    text = sealed_file.dumps(book.lesson, book.exercises.values())
    assert text == (ROOT / "release" / "04-chain-rule" / "sealed.json").read_text()


@pytest.mark.parametrize(
    "value, kind, shape",
    [
        (True, "number", ()),
        (np.array(3), "number", ()),
        (10**400, "number", ()),
        ([[1, 2], [3, 4]], "array", (2, 2)),
        ((3, 2), "array", (2,)),
        ([], "array", (0,)),
        (["b", "a", "a"], "names", (2,)),
        (set(), "names", (0,)),
        ("Row", "text", ()),
    ],
)
def test_values_are_read_by_their_kind(value, kind, shape):
    found = read(value)
    assert (found.kind, found.shape) == (kind, shape)


def test_a_learners_words_are_shown_as_they_were_written():
    assert describe(read("W3 = None")) == "'W3 = None'"
    assert describe(read(["b1", "W1"])) == "'b1', 'W1'"
    assert read("W3") == read(" w3 ")


def test_numbers_of_an_array_have_no_empty_digits():
    assert describe(read(np.array([21.085537, 2.0, -0.0, 1e-9]))) == "[21.08554, 2, 0, 1e-09]"


def test_a_long_array_is_not_spelled_out():
    assert describe(read(np.ones(13))) == ""
    assert describe(read(-0.0)) == "0"
    assert describe(read("y" * 500)).endswith("...")
