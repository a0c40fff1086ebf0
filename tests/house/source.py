"""The project's own files, as the house rules read them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGES = ("field", "geo", "notifications")
CODE = (*PACKAGES, "migrations", "tests")
# Not the project's: what tools make, and the licence, which is word for word somebody else's.
OUTSIDE = {".git", ".uv", ".venv", ".hypothesis", "var", "build", "dist", "__pycache__", "LICENSE"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: where it is, relative to the project, and what is in it."""

    path: Path
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree; the same object each time."""
        return _tree(self.text)

    @property
    def lines(self) -> list[str]:
        """The lines of the file."""
        return self.text.splitlines()

    def excused(self, line: int) -> bool:
        """Say whether this line (from 1) gives the reason for its exception: `# house: because …`."""
        _, found, reason = self.lines[line - 1].partition("# house:") if self.lines else ("", "", "")
        return bool(found) and len(reason.split()) > 1

    def at(self, node: ast.expr | ast.stmt) -> str:
        """Return where a node is, for people and editors."""
        return f"{self.path}:{node.lineno}"

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, also nested ones."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Yield each call that its line does not excuse, with the last word of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and not self.excused(node.lineno):
                yield node, last_name(node.func)


def last_name(node: ast.expr) -> str:
    """Return `c` for `a.b.c`, `c` for `c`, and nothing for what has no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def first_name(node: ast.expr) -> str:
    """Return `a` for `a.b.c`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def first_text(call: ast.Call) -> str | None:
    """Return the first argument of a call where it is written out as text."""
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        return call.args[0].value
    return None


def sources(root: Path, *folders: str) -> Iterator[Source]:
    """Yield every Python file under these folders of a project."""
    for path in files(root):
        if path.suffix == ".py" and path.parts[0] in folders:
            yield Source(path, (root / path).read_text())


def files(root: Path) -> Iterator[Path]:
    """Yield every file of the project that people write, relative to it."""
    for folder, names, found in os.walk(root):
        names[:] = sorted(name for name in names if name not in OUTSIDE and not name.endswith("_cache"))
        yield from ((Path(folder) / name).relative_to(root) for name in sorted(found) if name not in OUTSIDE)


def text_of(path: Path) -> str:
    """Return what people can read in a file: nothing for an image or a database."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


@cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)
