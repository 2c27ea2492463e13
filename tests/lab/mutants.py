"""What became of the mutants of each module, as a table: ``mutants.py build/mutate/mutants``.

With the name of a module after it, the lines that differ in each of its survivors.
"""

import ast
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from difflib import ndiff
from pathlib import Path

# mutmut's exit codes: of pytest, of a run without tests, of one that took too long.
_FATES = {0: "survived", 1: "killed", 3: "killed", 5: "no test", 33: "no test", None: "not run"}


def fates(meta: Path) -> dict[str, str]:
    """What became of each mutant of a module. One that does not come to an end is killed."""
    codes = json.loads(meta.read_text())["exit_code_by_key"]
    return {name: _FATES.get(code, "killed") for name, code in codes.items()}


def table(folder: Path) -> str:
    """A row for each module with mutants, and their sum."""
    metas = sorted((folder / "plugins" / "veil").glob("*.meta"))
    counts = {meta.name.removesuffix(".py.meta"): Counter(fates(meta).values()) for meta in metas}
    counts = {module: count for module, count in counts.items() if count}
    counts["all"] = sum(counts.values(), Counter())
    lines = ["| module | mutants | killed | survived | no test | killed % |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    for module, count in counts.items():
        whole = count.total()
        row = [whole, count["killed"], count["survived"], count["no test"] + count["not run"]]
        cells = " | ".join(map(str, row))
        lines.append(f"| {module} | {cells} | {100 * count['killed'] / whole:.1f} |")
    return "\n".join(lines)


def survivors(folder: Path, module: str) -> Iterator[str]:
    """Each survivor of a module: its name, and what differs."""
    path = folder / "plugins" / "veil" / f"{module}.py"
    functions = dict(_functions(path.read_text()))
    for name, fate in fates(path.with_name(f"{path.name}.meta")).items():
        mutant = name.rpartition(".")[2]
        original = re.sub(r"_\d+$", "_orig", mutant)
        if fate != "killed" and {mutant, original} <= functions.keys():
            both = functions[original][1:], functions[mutant][1:]
            different = [line for line in ndiff(*both) if line.startswith(("- ", "+ "))]
            yield "\n".join([f"{name} ({fate})", *different])


def _functions(text: str) -> Iterator[tuple[str, list[str]]]:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node.name, lines[node.lineno - 1 : node.end_lineno]


def main(folder: str, module: str = "") -> None:
    """Prints the table, or a module's survivors."""
    said = "\n\n".join(survivors(Path(folder), module)) if module else table(Path(folder))
    print(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
