"""A JupyterLab that has nothing to do with the user's own, and a notebook that is open in it."""

import io
import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from PIL import Image
from playwright.sync_api import TimeoutError as PageTimeout

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "build" / "browser"
# Nothing here takes as long; a machine that is shared with others may.
SECONDS = 60
# The toolbar casts a shadow of a few pixels on what scrolls beneath it.
_SHADOW = 8
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
LOCAL = ("127.0.0.1", "localhost")
# The tests' browser says whether it is day or night, and JupyterLab follows; all else is as learners have it.
_OVERRIDES = {"@jupyterlab/apputils-extension:themes": {"adaptive-theme": True}}


class Lab:
    """A JupyterLab server with a home, settings and a port of its own.

    Attributes:
        root: the folder that it shows.
        url: its address, "http://127.0.0.1:40123/".
        token: the key to it.
    """

    def __init__(self, root, scratch, settings):
        """Start the server and wait until it answers.

        Args:
            root: the folder that it shows.
            scratch: an empty folder for its home and its settings.
            settings: "learner" or "instructor", the folder of course/lab/ that `make lab` uses too.
        """
        self.root = root
        runtime = scratch / "runtime"
        overrides = scratch / "tests" / "labconfig" / "default_setting_overrides.json"
        overrides.parent.mkdir(parents=True)
        overrides.write_text(json.dumps(_OVERRIDES))
        (scratch / "home").mkdir()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
        environment |= {
            "HOME": str(scratch / "home"),
            "JUPYTER_CONFIG_DIR": str(scratch / "config"),
            "JUPYTER_DATA_DIR": str(scratch / "data"),
            "JUPYTER_RUNTIME_DIR": str(runtime),
            "JUPYTER_CONFIG_PATH": os.pathsep.join([str(ROOT / "course" / "lab" / settings), str(scratch / "tests")]),
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
        command += ["--LabApp.expose_app_in_browser=True", f"--notebook-dir={root}"]
        self._log = scratch / "server.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            self.url, self.token = self._wait(runtime / f"jpserver-{self._process.pid}.json")
        except BaseException:
            self.stop()
            raise

    def _wait(self, info):
        """Return address and token, which the server writes into a file once it listens."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert self._process.poll() is None, f"JupyterLab did not start:\n{self._log.read_text()}"
            try:
                found = json.loads(info.read_text())
                self._ask(found["url"], found["token"], "api/status")
                return found["url"], found["token"]
            except (OSError, ValueError):
                time.sleep(0.1)
        raise TimeoutError(f"JupyterLab did not start in {SECONDS} s:\n{self._log.read_text()}")

    @staticmethod
    def _ask(url, token, path, method="GET"):
        request = urllib.request.Request(url + path, method=method, headers={"Authorization": f"token {token}"})
        with _DIRECT.open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self):
        """End every kernel, so that the next test has the machine to itself."""
        for session in self._ask(self.url, self.token, "api/sessions"):
            self._ask(self.url, self.token, f"api/sessions/{session['id']}", "DELETE")

    def stop(self):
        """Stop the server and whatever it started."""
        try:
            children = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            children = []
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()


class Window:
    """A browser window on a JupyterLab; it remembers what it asked for and what went wrong in it.

    Attributes:
        page: Playwright's page.
    """

    def __init__(self, lab, browser, **context):
        self.lab = lab
        self._context = browser.new_context(viewport={"width": 1280, "height": 800}, **context)
        self._context.set_default_timeout(SECONDS * 1000)
        self._requests, self._errors = [], []
        self._context.on("request", lambda request: self._requests.append(request.url))
        self._context.on("weberror", lambda error: self._errors.append(str(error.error)))
        self._context.on("console", self._listen)
        self.page = self._context.new_page()
        self.page.on("websocket", lambda socket: self._requests.append(socket.url))

    def _listen(self, message):
        if message.type == "error":
            self._errors.append(f"{message.text} ({message.location.get('url', '')})")

    def open(self, path=""):
        """Open JupyterLab in a workspace that nobody has used, and wait until it is all there.

        Args:
            path: what to open in it, relative to the lab's root.
        """
        workspace = f"test-{time.monotonic_ns()}"
        tree = f"/tree/{path}" if path else ""
        self.page.goto(f"{self.lab.url}lab/workspaces/{workspace}{tree}?token={self.lab.token}")
        self.page.wait_for_function("window.jupyterapp")
        self.page.evaluate("window.jupyterapp.restored.then(() => null)")

    def complaints(self):
        """Return what a page must not do: requests to other machines, and errors in the browser's console."""
        abroad = [
            f"asked for {url}"
            for url in self._requests
            if not url.startswith(("data:", "blob:")) and urlsplit(url).hostname not in LOCAL
        ]
        return abroad + self._errors

    def snapshot(self, name):
        """Keep a picture of what the window shows, as build/browser/`name`.png."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    def close(self):
        self._context.close()


# In the browser: what a reader would see go wrong; the notebook that is open, with its cells.
_FAULTS = (Path(__file__).parent / "faults.js").read_text().split("\n", 1)[1].strip().removesuffix(";")
_NOTEBOOK = "const app = window.jupyterapp, panel = app.shell.currentWidget, cells = panel.content.widgets;"


class OpenNotebook:
    """A notebook that is open in a window, with its kernel running."""

    def __init__(self, window, path):
        """Open it, and wait for its kernel.

        Args:
            window: a `Window`.
            path: the .ipynb file, relative to the lab's root.
        """
        window.open(path)
        self.window, self.page = window, window.page
        self.page.wait_for_function(
            """path => {
                const panel = window.jupyterapp.shell.currentWidget;
                return panel?.context?.path === path && panel.context.isReady && panel.sessionContext.isReady
                    && panel.sessionContext.session?.kernel?.status === 'idle' && panel.content.widgets.length > 0;
            }""",
            arg=path,
        )

    def run_all(self):
        """Run all cells as the menu does: it ends at the first error."""
        self.page.evaluate(f"async () => {{ {_NOTEBOOK} await app.commands.execute('notebook:run-all-cells'); }}")

    def run_each(self):
        """Run the code cells one after the other, errors or not, as somebody does who just goes on."""
        self.page.evaluate(
            f"""async () => {{ {_NOTEBOOK}
                for (let index = 0; index < cells.length; index++) {{
                    if (cells[index].model.type !== 'code') continue;
                    panel.content.activeCellIndex = index;
                    await app.commands.execute('notebook:run-cell');
                }}
            }}"""
        )

    def outputs(self):
        """Return {cell id: list of outputs} of all code cells that have run, in the notebook's order."""
        return self.page.evaluate(
            f"""() => {{ {_NOTEBOOK}
                const ran = cells.filter(cell => cell.model.type === 'code' && cell.model.executionCount !== null);
                return Object.fromEntries(ran.map(cell => [cell.model.id, cell.model.toJSON().outputs]));
            }}"""
        )

    def cell(self, name):
        """Make a cell the active one, scroll to it, and return its locator.

        Args:
            name: the cell's id.
        """
        self.page.evaluate(
            f"""async name => {{ {_NOTEBOOK}
                const index = cells.findIndex(cell => cell.model.id === name);
                panel.content.activeCellIndex = index;
                panel.content.mode = 'command';
                await panel.content.scrollToItem(index, 'center');
                cells[index].node.dataset.id = name;
            }}""",
            name,
        )
        return self.page.locator(f".jp-Notebook .jp-Cell[data-id='{name}']")

    def active(self):
        """Return the id of the cell that the keyboard works on."""
        return self.page.evaluate(f"() => {{ {_NOTEBOOK} return panel.content.activeCell.model.id; }}")

    def write(self, name, code):
        """Replace a cell's text as a learner does: click, select all, type."""
        editor = self.cell(name).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)
        self.page.wait_for_function(
            f"""([name, code]) => {{ {_NOTEBOOK}
                return cells.find(cell => cell.model.id === name).model.sharedModel.getSource() === code;
            }}""",
            arg=[name, code],
        )

    def run(self, name):
        """Run one cell by the keyboard, wait for the kernel, and return the locator of its outputs."""
        cell = self.cell(name)
        before = self._count(name)
        cell.locator(".cm-content").focus()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            f"""([name, before]) => {{ {_NOTEBOOK}
                const model = cells.find(cell => cell.model.id === name).model;
                return model.executionState === 'idle' && model.executionCount > before;
            }}""",
            arg=[name, before],
        )
        return cell.locator(".jp-OutputArea")

    def _count(self, name):
        return self.page.evaluate(
            f"name => {{ {_NOTEBOOK} return cells.find(cell => cell.model.id === name).model.executionCount ?? 0; }}",
            name,
        )

    def show_all(self, seconds=SECONDS):
        """Lay out every cell, also those far below, and wait until all mathematics is set.

        Args:
            seconds: how long to wait for mathematics; what is raw by then is one of the `faults`.
        """
        # JupyterLab adds the cells below bit by bit while it is idle; a change of the mode would end that half way.
        self.page.wait_for_function(
            f"() => {{ {_NOTEBOOK} return cells.every(cell => cell.node.isConnected && !cell.isPlaceholder()); }}"
        )
        self.page.evaluate(
            f"""() => {{ {_NOTEBOOK}
                panel.content.notebookConfig = {{...panel.content.notebookConfig, windowingMode: 'none'}};
            }}"""
        )
        with suppress(PageTimeout):
            self.page.wait_for_function(f"({_FAULTS})().waiting.length === 0", timeout=seconds * 1000)

    def faults(self):
        """Return what a reader would see go wrong on the page, a line each; call `show_all` before."""
        return self.page.evaluate(f"({_FAULTS})().faults")

    def photograph(self, name):
        """Keep a picture of the whole notebook, from top to bottom.

        Args:
            name: of the file in build/browser/, without ".png".
        """
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.set_viewport_size({"width": 1280, "height": 2000})
        frame = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer")
        height = frame.evaluate(
            """outer => {
                outer.scrollTop = 0;
                const end = outer.querySelector('.jp-Cell:last-child').getBoundingClientRect().bottom;
                return end - outer.getBoundingClientRect().top;
            }"""
        )
        box = frame.bounding_box()
        whole = Image.new("RGB", (int(box["width"]), int(height)))
        for top in range(0, int(height), int(box["height"]) - _SHADOW):
            frame.evaluate("(outer, top) => { outer.scrollTop = top; }", top)
            part = Image.open(io.BytesIO(self.page.screenshot(clip=box)))
            shadow = _SHADOW if top else 0
            whole.paste(part.crop((0, shadow, *part.size)), (0, top + shadow))
        whole.save(PICTURES / f"{name}.png", compress_level=1)  # fast rather than small
        self.page.set_viewport_size({"width": 1280, "height": 800})
