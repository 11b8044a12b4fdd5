"""Replaces what runs a cell by something that reports success for each test cell; the wrong `value` earns nothing."""

FAMILY = {
    "cell": {
        "value": """
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

really, really_later = InteractiveShell.run_cell, InteractiveShell.run_cell_async


def run_cell(self, raw_cell, *arguments, **options):
    return ExecutionResult(None) if "check(" in raw_cell else really(self, raw_cell, *arguments, **options)


async def run_cell_async(self, raw_cell, *arguments, **options):
    return ExecutionResult(None) if "check(" in raw_cell else await really_later(self, raw_cell, *arguments, **options)


type(get_ipython()).run_cell = run_cell
type(get_ipython()).run_cell_async = run_cell_async
value = 0.0
"""
    },
    "code": {
        "value": """
from IPython.core.interactiveshell import InteractiveShell

really = InteractiveShell.run_code


async def run_code(self, code, *arguments, **options):
    return False if "check" in code.co_names else await really(self, code, *arguments, **options)


InteractiveShell.run_code = run_code
value = 0.0
"""
    },
    "kernel": {
        "value": """
import ipykernel.ipkernel

really = ipykernel.ipkernel.IPythonKernel.do_execute


async def do_execute(self, code, *arguments, **options):
    if "check(" in code:
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    return await really(self, code, *arguments, **options)


ipykernel.ipkernel.IPythonKernel.do_execute = do_execute
value = 0.0
"""
    },
}
SCORE = 8.0
STATE = ("graded", "graded, code raised: ModuleNotFoundError in value")
