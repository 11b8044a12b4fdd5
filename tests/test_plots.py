"""The plots of functions and of training: everything stands where its axes say, and no words cover others."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from conftest import ROOT
from course import plots
from course.diagram import Frame, logarithmic_ticks, text_width, tick_text
from course.plots.names import LINE, _spread
from course.plots.panel import CURVES, curve, level

BLUE = CURVES[0].colour
SVG = "{http://www.w3.org/2000/svg}"
rng = np.random.default_rng(9)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def leaky(z):
    return np.where(z > 0, z, z / 9)


def failing(z):
    raise TypeError("not callable")


PLOTS = {
    "functions": lambda: plots.functions({"ReLU": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
                                          "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
                                          "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)}),
    "long names": lambda: plots.functions({"the leaky rectified linear unit of 2013": (leaky, failing),
                                           "the rectified linear unit of 2010 and before": (failing, failing),
                                           "WWWWWWWWWWWWWWWWW": (lambda z: z**3, lambda z: z[:3])}),
    "steep": lambda: plots.functions({"log": (np.log, lambda z: 1 / z), "exp": (lambda z: np.exp(z**4), np.exp)}),
    "far": lambda: plots.functions({"cube": (lambda z: z**3, lambda z: 3 * z**2)}, low=-123456.5, high=-123455.5),
    "alone": lambda: plots.functions({"sigmoid": sigmoid}, low=-6, high=6),
    "two alone": lambda: plots.functions({"the rectified linear unit of 2010 and before": failing, "tanh": np.tanh}),
    "seeds": lambda: plots.loss_curve({f"seed {i}": [317.3] * 900 if i in (0, 3, 7) else
                                       np.geomspace(400, 10.0 ** -i, 900) for i in range(8)}),
    "sixty": lambda: plots.loss_curve({f"seed {i}": np.geomspace(400, 1 + i % 30 / 10, 90) for i in range(60)},
                                      title="J of sixty networks that differ in nothing but the seed of their weights, "
                                            "each of them trained with a rate of 0.001 on the very same data"),
    "words": lambda: plots.loss_curve({f"a rate of {i} that is not like the others": [1, 2 + i] for i in range(24)}),
    "infinite": lambda: plots.loss_curve({"up": [1e-300, 1.0, 1e300, np.inf, np.nan], "none": [np.nan], "flat": [0.0]}),
    "epochs": lambda: plots.learning_curves({"J": np.geomspace(2, 0.01, 40), "training": np.linspace(0.2, 1, 40),
                                             "held_out": np.linspace(0.2, 0.99, 40)}),
    "one epoch": lambda: plots.learning_curves({"J": [0.3], "training": [0.9], "held_out": [0.87]}),
    "per cent": lambda: plots.learning_curves({"J": np.geomspace(2, 0.01, 1000), "training": [97.0], "all": [1.0] * 9}),
}


def root_of(picture):
    return ElementTree.fromstring(picture.svg)


def texts_of(root):
    """Return (words, x, y, anchor) of each text."""
    return [(t.text, float(t.get("x")), float(t.get("y")), t.get("text-anchor")) for t in root.iter(f"{SVG}text")]


def number(words):
    """Return the number that a tick's text says."""
    return float(words.replace("\u2212", "-"))


def upright(root, x):
    """Return {number: y} of the ticks to the left of an x; their texts stand 4 pixels below the ticks."""
    return {number(words): y - 4 for words, at, y, anchor in texts_of(root)
            if anchor == "end" and 0 < x - at < 10 and re.fullmatch("[\u2212\\d.e]+", words)}


def lines_of(root, colour=BLUE):
    """Return for each clipped path of a colour the points of its lines, arrays of shape (n, 2)."""
    return [[np.array(piece.split(), dtype=float).reshape(-1, 2) for piece in path.get("d").split("M")[1:]]
            for frame in root.iter(f"{SVG}svg") if frame is not root
            for path in frame.iter(f"{SVG}path") if path.get("stroke") == colour]


def test_plots_are_drawn_without_matplotlib():
    code = """if True:
        import sys
        from course import plots
        plots.functions({"a": (abs, abs)})
        plots.loss_curve([1.0, 0.5])
        plots.learning_curves({"J": [1.0, 0.5], "training": [0.5, 1.0]})
        plots.digits([[0.0, 1.0, 0.0, 0.0]], [3])
        plots.confusion([[1, 2], [0, 3]])
        assert "matplotlib" not in sys.modules
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# Where things stand

def test_a_curve_stands_where_its_axes_say():
    root = root_of(plots.functions({"sigmoid": (sigmoid, lambda z: 3 * z)}))
    for (line,), f in zip(lines_of(root), (sigmoid, lambda z: 3 * z), strict=True):
        at = {number(words): x for words, x, _, anchor in texts_of(root)
              if anchor is None and re.fullmatch("\u2212?\\d", words) and line[0, 0] - 1 < x < line[-1, 0] + 1}
        assert set(at) == set(range(-4, 5))
        z = np.interp(line[:, 0], [at[-4], at[4]], [-4, 4])
        heights = upright(root, line[0, 0])
        low, high = min(heights), max(heights)
        expected = heights[low] + (f(z) - low) / (high - low) * (heights[high] - heights[low])
        np.testing.assert_allclose(line[:, 1], expected, atol=0.2)


def test_ten_times_as_much_is_equally_far_up():
    root = root_of(plots.loss_curve([1.0, 10.0, 100.0, 2000.0]))
    ((line,),) = lines_of(root)
    heights = upright(root, line[0, 0])
    assert heights[1] - heights[10] == pytest.approx(heights[10] - heights[100], abs=0.15)
    np.testing.assert_allclose(line[:3, 1], [heights[1], heights[10], heights[100]], atol=0.15)


def test_a_long_zigzag_keeps_its_width_and_the_picture_its_size():
    steps = np.arange(5000)
    J = 100 * 0.9998**steps * np.where(steps % 2, 1.5, 1 / 1.5)
    root = root_of(plots.loss_curve(J))
    ((line,),) = lines_of(root)
    heights = upright(root, line[0, 0])
    low, high = min(heights), max(heights)
    drawn = low * (high / low) ** ((heights[low] - line[:, 1]) / (heights[low] - heights[high]))
    at = (line[:, 0] - line[0, 0]) / (line[-1, 0] - line[0, 0]) * steps[-1]
    bins = np.array_split(steps, 100)
    for of_bin in bins:
        inside = drawn[(at >= of_bin[0] - 1) & (at <= of_bin[-1] + 1)]
        assert inside.min() == pytest.approx(J[of_bin].min(), rel=0.02)
        assert inside.max() == pytest.approx(J[of_bin].max(), rel=0.02)
    assert len(line) < 500


def test_a_gap_in_a_long_course_stays_a_gap():
    J = np.geomspace(100, 1, 5000)
    J[2500:2520] = np.nan
    assert len(lines_of(root_of(plots.loss_curve(J)))[0]) == 2


def test_where_a_function_jumps_there_is_a_gap():
    root = root_of(plots.functions({"step": (np.sign, lambda z: 0 * z)}))
    jumping, flat = lines_of(root)
    assert [len(set(piece[:, 1])) for piece in jumping] == [1, 1] and jumping[0][0, 1] > jumping[1][0, 1]
    assert [len(set(piece[:, 1])) for piece in flat] == [1]
    dots = [p for p in root.iter(f"{SVG}path") if p.get("stroke-linecap") == "round"]
    assert len(dots) == 1 and dots[0].get("d").endswith("h0"), "sign is 0 at 0 alone"


def test_nan_is_a_gap_and_a_point_alone_a_dot():
    frame = Frame(0, 0, 100, 100, (0, 6), (0, 10))
    shapes = "".join(curve(frame, np.arange(7), np.array([1, 2, np.nan, 3, np.nan, 4, 5.0]), CURVES[0]))
    assert shapes.count("M") == 3 and 'd="M50 70h0"' in shapes
    one = root_of(PLOTS["one epoch"]())
    assert len([p for p in one.iter(f"{SVG}path") if p.get("stroke-linecap") == "round"]) == 3


@pytest.mark.parametrize("y", [np.linspace(0, 1, 401), np.tanh(np.linspace(-9, 9, 401)),
                               np.sin(np.linspace(0, 40, 401)), np.maximum(0, np.linspace(-1, 1, 401))])
def test_a_thinned_curve_is_the_curve(y):
    x, frame = np.arange(401), Frame(40, 30, 380, 240, (0, 400), (-1, 1))
    (shape,) = curve(frame, x, y, CURVES[0])
    points = np.array(re.search(r'd="M([^"]*)"', shape)[1].split(), dtype=float).reshape(-1, 2)
    np.testing.assert_allclose(np.interp(frame.across(x), *points.T), frame.down(y), atol=0.8)  # x is rounded


def test_a_curve_of_noise_keeps_every_point_and_stays_small():
    x, frame = np.arange(401), Frame(40, 30, 380, 240, (0, 400), (-1, 2))
    y = x % 2 + 0.4 * rng.random(401)
    (shape,) = curve(frame, x, y, CURVES[0])
    points = np.array(re.search(r'd="M([^"]*)"', shape)[1].split(), dtype=float).reshape(-1, 2)
    np.testing.assert_allclose(points, np.column_stack([frame.across(x), frame.down(y)]), atol=0.051)
    assert len(shape) < 5000


def test_a_straight_run_takes_few_points():
    frame = Frame(40, 30, 380, 240, (0, 400), (-1, 1))
    (shape,) = curve(frame, np.arange(401), np.linspace(0, 1, 401), CURVES[0])
    assert len(shape) < 300


# Ticks

@pytest.mark.parametrize("tick, words", [(0.0, "0"), (-0.5, "−0.5"), (200000.0, "200000"), (1e6, "1e6"), (0.05, "0.05"),
                                         (1e-5, "1e−5"), (-2.5e111, "−2.5e111"), (1000.25, "1000.25")])
def test_ticks_are_written_in_full(tick, words):
    assert tick_text(tick) == words


@pytest.mark.parametrize("interval, expected", [
    ((0.5, 30), [0.5, 1, 2, 5, 10, 20]), ((0.9, 11), [1, 2, 5, 10]), ((5e-6, 2000), [10.0**k for k in range(-5, 4)]),
])
def test_a_logarithmic_axis_has_1_2_5_or_powers_of_ten(interval, expected):
    assert logarithmic_ticks(interval, 10) == expected


def test_a_logarithmic_axis_of_hundreds_of_decades_has_few_ticks():
    assert 2 <= len(logarithmic_ticks((1e-250, 1e250), 9)) <= 10


@pytest.mark.parametrize("last", [2, 3, 7, 8, 9, 30, 40, 1000, 123456])
def test_epochs_are_whole_and_few(last):
    found = level((1, last), 340, whole=True).ticks
    assert 2 <= len(found) <= 9 and all(tick == int(tick) for tick in found)


@pytest.mark.parametrize("interval", [(-4, 4), (1e6, 1e6 + 0.5), (-1e-7, 1e-7), (0, 4999), (-123456.5, -123455.5)])
def test_numbers_of_an_axis_do_not_touch(interval):
    axis = level(interval, 380)
    at = np.interp(axis.ticks, interval, (0, 380))
    sizes = np.array([text_width(label, 11) for label in axis.labels])
    assert len(at) and np.all(np.diff(at) > (sizes[1:] + sizes[:-1]) / 2)


# Names

@pytest.mark.parametrize("heights", [[5.0, 6, 7], [0, 0, 0, 90, 91], [100, 100], [50], [], rng.random(12) * 400])
def test_names_are_spread_and_stay_inside(heights):
    heights = sorted(heights)
    bottom = 400.0
    found = np.array(_spread(heights, LINE, 0.0, bottom))
    assert len(found) == len(heights) and np.all((found >= 0) & (found <= bottom))
    assert np.all(np.diff(found) >= LINE - 1e-9)


def test_names_that_have_room_stand_at_the_ends():
    assert _spread([20.0, 90.0, 300.0], LINE, 0, 400) == [20, 90, 300]
    assert _spread([100.0, 100.0], LINE, 0, 400) == pytest.approx([100 - LINE / 2, 100 + LINE / 2])


def test_what_is_missing_is_said_above_and_nothing_is_hidden_by_it():
    root = root_of(plots.functions({"f": (failing, failing), "g": (lambda z: z * np.nan, np.tanh)}))
    words = [words for words, *_ in texts_of(root)]
    assert {"f: raises TypeError", "f′: raises TypeError", "g: is nowhere a finite number"} <= set(words)


def test_a_function_may_be_drawn_without_its_slope():
    def unwritten(z):
        raise NotImplementedError

    def width(root):
        return float(root.get("viewBox").split()[2])

    alone, beside = root_of(PLOTS["alone"]()), root_of(PLOTS["functions"]())
    assert len(lines_of(alone)) == 1 and width(alone) < 0.6 * width(beside)
    assert "their slopes" not in {words for words, *_ in texts_of(alone)}
    assert plots.functions({"sigmoid": unwritten}).description == "sigmoid: not written yet."


@pytest.fixture(scope="module")
def seen(browser):
    """Return {plot: (box, [(words, box)])} as Chromium draws it, each box (left, top, right, bottom)."""
    tab = browser.new_page(viewport={"width": 1000, "height": 600})
    tab.set_content("".join(f'<div style="width:880px">{make().svg}</div>' for make in PLOTS.values()))
    found = tab.evaluate("""() => [...document.querySelectorAll("div > svg")].map((svg) => {
        const box = (each) => { const b = each.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
        return [box(svg), [...svg.querySelectorAll("text")].map((each) => [each.textContent, box(each)])];
    })""")
    tab.close()
    return dict(zip(PLOTS, found, strict=True))


@pytest.mark.parametrize("name", PLOTS)
def test_no_words_are_cut_off_or_covered(seen, name):
    (left, top, right, bottom), texts = seen[name]
    assert len(texts) > 5
    outside = [words for words, box in texts
               if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom]
    covered = [(one, other) for i, (one, a) in enumerate(texts) for other, b in texts[i + 1:]
               if min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) - max(a[1], b[1]) > 4]  # lines may touch
    assert (outside, covered) == ([], [])
