"""Sealed answers: what matches, what does not, and what the file tells a curious reader."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LESSONS, ROOT
from course.checks import answer as answers
from course.checks import seal as seals

# A guess costs one scrypt digest, n = 2**13: about 15 to 20 ms of a core and 8 MB of memory. Ten million
# guesses, what a real number hides among at the least, take two days.

sizes = st.floats(min_value=1e-9, max_value=1e9)
ordinary_sizes = st.floats(min_value=1e-6, max_value=1e9)
signs = st.sampled_from([-1.0, 1.0])
slow = settings(max_examples=60, deadline=None)


def sealed(value, **options):
    return seals.seal(answers.read(value), "salt", **options)


def fits(seal, value):
    return seals.match(seal, answers.read(value), "salt") is not None


@slow
@given(sizes, signs, st.floats(min_value=-1, max_value=1))
def test_a_number_within_the_tolerance_always_matches(size, sign, part):
    value = sign * size
    assert fits(sealed(value), value * (1 + part * seals.TOLERANCE))


@slow
@given(sizes, signs, signs, st.floats(min_value=1, max_value=100))
def test_a_number_at_ten_tolerances_or_more_never_matches(size, sign, direction, further):
    value = sign * size
    assert not fits(sealed(value), value * (1 + direction * 10 * further * seals.TOLERANCE))


@pytest.mark.parametrize("salt", range(300))
def test_an_entry_whose_sign_is_turned_is_always_seen(salt):
    array = np.array([1.0, -0.25, 0.0, 3e5])
    seal = seals.seal(answers.read(array), str(salt))
    assert seals.entries_off(seal, answers.read(-array), str(salt)) == [0, 1, 3]


entries = st.lists(st.one_of(st.just(0.0), st.builds(lambda s, n: s * n, sizes, signs)), min_size=2, max_size=9)


@slow
@given(entries, st.data())
def test_an_array_matches_within_the_tolerance_of_each_entry_and_not_beyond(values, data):
    array = np.array(values)
    seal = sealed(array)
    parts = np.array(data.draw(st.lists(st.floats(-1, 1), min_size=len(values), max_size=len(values))))
    assert fits(seal, array * (1 + parts * seals.TOLERANCE))
    place = data.draw(st.integers(0, len(values) - 1))
    moved = array.copy()
    moved[place] = moved[place] * (1 + 10 * seals.TOLERANCE) if moved[place] else 10 * seals.ZERO
    assert not fits(seal, moved)


@pytest.mark.parametrize("almost", [0, 0.0, -0.0, 1e-17, -1e-13])
def test_rounding_noise_counts_as_zero(almost):
    assert fits(sealed(0.0), almost)


@pytest.mark.parametrize("other", [1e-11, -1e-11, 1e-6, 1.0])
def test_ten_times_the_size_of_a_zero_is_not_zero(other):
    assert not fits(sealed(0.0), other)


def test_tiny_numbers_are_told_from_zero_and_from_each_other():
    seal = sealed(1.07e-20)
    assert fits(seal, 1.07e-20 * (1 + 1e-6))
    assert not fits(seal, 0.0)
    assert not fits(seal, 1.07e-20 * (1 + 1e-5))


def test_noise_beside_large_entries_does_not_move_what_counts_as_zero():
    assert fits(sealed(np.array([1.0, 1e-17])), np.array([1.0, 0.0]))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_neither_sealed_nor_matched(value):
    with pytest.raises(ValueError, match="NaN or infinite"):
        sealed(value)
    assert not fits(sealed(1.0), value)


def test_the_message_opens_with_the_sealed_value_only():
    seal = sealed(2.5, message="The half is missing.")
    assert seals.match(seal, answers.read(2.5), "salt").message == "The half is missing."
    assert "half" not in json.dumps(seal.message)
    assert seals.match(seal, answers.read(2.6), "salt") is None


def test_tags_tell_which_entries_are_off():
    right = np.arange(1.0, 13.0).reshape(3, 4)
    wrong = right.copy()
    wrong[1, 2] *= -1
    assert seals.entries_off(sealed(right), answers.read(wrong), "salt") == [6]


def test_a_single_number_has_no_tag_and_a_mistake_none_at_all():
    assert sealed(1.5).tags == ""
    assert sealed(np.ones(3), with_tags=False).tags == ""


def test_seals_are_the_same_every_time():
    assert sealed(np.arange(6.0)) == sealed(np.arange(6.0))


@slow
@given(ordinary_sizes, ordinary_sizes)
def test_what_stands_beside_the_digest_is_the_same_for_numbers_of_any_size(first, second):
    one, other = sealed(first), sealed(second)
    assert (one.kind, one.shape, one.tolerance, one.zero) == (other.kind, other.shape, other.tolerance, other.zero)
    assert len(one.offsets) == len(other.offsets) == 1


def test_offsets_do_not_betray_the_number():
    values = 10.0 ** np.random.default_rng(0).uniform(-3, 3, size=4000)
    offsets = np.array([int(seals._offsets([v], "salt", seals.TOLERANCE, seals.ZERO)) for v in values])
    counts = np.bincount(offsets, minlength=8)
    assert abs(counts - 500).max() < 100  # 4.8 standard deviations of a fair die with eight sides
    assert abs(np.corrcoef(offsets, np.log(values))[0, 1]) < 0.08


def test_a_number_of_unknown_size_hides_among_ten_million_cells():
    width = seals._WIDTH_IN_TOLERANCES * seals.TOLERANCE
    assert 2 * math.log(1e12) / width > 1e7


@pytest.mark.parametrize("name", LESSONS)
def test_no_sealed_file_holds_an_answer_in_the_open(name, recorded_lessons):
    """Search the file for every recorded number that is no small whole number, in any usual spelling."""
    text = (ROOT / "release" / name / "sealed.json").read_text()
    texts = set(_texts(json.loads(text)))
    written = {float(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)}
    _, recorded = recorded_lessons[name]
    for one in recorded.values():
        for recording in [one.right, *one.mistakes]:
            for answer in recording.answers.values():
                for entry in answer.entries:
                    if isinstance(entry, str):
                        assert entry not in texts
                    elif math.isfinite(entry) and entry != round(entry):
                        assert all(abs(abs(entry) - abs(number)) > 1e-4 * abs(entry) for number in written)


def _texts(data):
    """Yield every text of JSON data that stands as a value, but for offsets, which are digits of their own."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, (dict, list)):
        items = [data[key] for key in data if key != "offsets"] if isinstance(data, dict) else data
        for item in items:
            yield from _texts(item)
