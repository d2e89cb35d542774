"""Runs the code cells of a notebook in order, as Jupyter would in its folder; prints what each prints, as JSON.

    python3 tests/python/run_notebook.py NOTEBOOK [--write]

--write: into the notebook itself. A cell that ends with an expression isn't shown: print it.
"""
import contextlib
import io
import json
import os
import sys
from pathlib import Path

path = Path(sys.argv[1]).resolve()
notebook = json.loads(path.read_text())
os.chdir(path.parent)
sys.path.insert(0, "")
names = {"__name__": "__main__"}
printed = []
for cell in notebook["cells"]:
    if cell["cell_type"] != "code":
        continue
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile("".join(cell["source"]), f"cell {len(printed) + 1}", "exec"), names)
    printed.append(out.getvalue())
    lines = out.getvalue().splitlines(keepends=True)
    cell["execution_count"] = len(printed)
    cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
if "--write" in sys.argv:
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
print(json.dumps(printed))
