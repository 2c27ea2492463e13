"""What became of the mutants of ``make mutate``, of the folder ``build/mutate/mutants``.

mutants.py FOLDER            a table of all modules
mutants.py FOLDER 100        the same of a random hundred of each module, the same every time
mutants.py FOLDER names 100  the names of those that are not run yet: for ARGS of make mutate
mutants.py FOLDER loans      what differs in each survivor of a module
"""

import ast
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import ndiff
from pathlib import Path

# mutmut's exit codes: of pytest, of a mutant that no test touches; others took too long.
_FATES = {0: "survived", 1: "killed", 3: "killed", 5: "survived", 33: "survived", None: "not run"}
_SEED = 6


def fates(meta: Path, size: int = 0) -> dict[str, str]:
    """What became of each mutant of a module, or of ``size`` of them. One that does not come to an
    end is killed; one that no test touches survives."""
    codes = json.loads(meta.read_text())["exit_code_by_key"]
    names = sorted(codes)
    if 0 < size < len(names):
        names = random.Random(_SEED).sample(names, size)  # noqa: S311
    return {name: _FATES.get(codes[name], "killed") for name in names}


def by_module(folder: Path, size: int) -> dict[str, dict[str, str]]:
    """The fates of each module with mutants."""
    metas = sorted((folder / "plugins").glob("*/*.meta"), key=lambda meta: meta.name)
    found = {meta.name.removesuffix(".py.meta"): fates(meta, size) for meta in metas}
    return {module: each for module, each in found.items() if each}


def table(modules: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """A row for each module, and their sum."""
    yield "| module | mutants | not run | survived | killed | killed % |"
    yield "|---|---:|---:|---:|---:|---:|"
    counts = {module: Counter(each.values()) for module, each in modules.items()}
    for module, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        numbers = [count.total(), count["not run"], count["survived"], count["killed"]]
        percent = 100 * count["killed"] / max(1, count["killed"] + count["survived"])
        yield f"| {module} | {' | '.join(map(str, numbers))} | {percent:.1f} |"


def survivors(folder: Path, module: str) -> Iterator[str]:
    """Each survivor of a module: its name, and what differs."""
    (path,) = (folder / "plugins").glob(f"*/{module}.py")
    functions = dict(_functions(path.read_text()))
    for name, fate in fates(path.with_name(f"{path.name}.meta")).items():
        mutant = name.rpartition(".")[2]
        original = re.sub(r"_\d+$", "_orig", mutant)
        if fate == "survived" and {mutant, original} <= functions.keys():
            both = functions[original][1:], functions[mutant][1:]
            different = [line for line in ndiff(*both) if line.startswith(("- ", "+ "))]
            yield "\n".join([name, *different])


def _functions(text: str) -> Iterator[tuple[str, list[str]]]:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node.name, lines[node.lineno - 1 : node.end_lineno]


def main(folder: str, what: str = "0", size: str = "0") -> None:
    """Prints what is asked for."""
    if what == "names":
        modules = by_module(Path(folder), int(size))
        lines = (n for each in modules.values() for n, fate in each.items() if fate == "not run")
    elif what.isdigit():
        lines = table(by_module(Path(folder), int(what)))
    else:
        lines = survivors(Path(folder), what)
    print("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
