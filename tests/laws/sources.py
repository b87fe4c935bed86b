"""The house's own files, by path from its root."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Folders of the roof that have rooms of their own.
FLATS = {"demo", "bench", "doctor"}
APPS = ("accounts", "appointments", "billing", "chat", "forms_app", "portal", "uploads")


def files(*patterns, under=APPS):
    """{path: text} of every file below the given folders that matches one of the patterns."""
    found = {}
    for folder in under:
        for pattern in patterns:
            for path in sorted((ROOT / folder).rglob(pattern)):
                if path.is_file() and "__pycache__" not in path.parts:
                    found[path.relative_to(ROOT).as_posix()] = path.read_text()
    return found


def python_files():
    return {path: text for path, text in files("*.py").items() if "/migrations/" not in path}


def room(path):
    """`accounts/views/join.py` is in the room `views`, `portal/views.py` and `portal/demo/views.py` too."""
    parts = path.removesuffix(".py").split("/")
    return parts[2] if parts[1] in FLATS and len(parts) > 2 else parts[1]


def module(path):
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def functions(tree):
    """Every function of a module as (name, node); a method is named `Class.method`."""
    for node in tree.body:
        yield from _functions(node, "")


def _functions(node, prefix):
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield prefix + node.name, node
    elif isinstance(node, ast.ClassDef):
        for child in node.body:
            yield from _functions(child, f"{prefix}{node.name}.")


def dotted(node):
    """`transaction.atomic` of an attribute, a name, or a call of either; "" of anything else."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""
