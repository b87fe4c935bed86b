"""The shape of the files: how long, how named, where imports stand, what a template may not hold."""

import ast
import re

from tests.laws.sources import APPS, dotted, functions, room

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TEMPLATE = 400, 50, 200
BROAD = {"Exception", "BaseException"}
NO_ROOMS = {"utils", "util", "common", "core", "lib", "helpers", "misc"}
# What a comment may not speak of: a machine's folders, work left undone, who or what typed the text.
GOSSIP = re.compile(
    r"/(?:home|Users|root|work|tmp)/\w|\b(?:TODO|FIXME|XXX|HACK)\b|\b(?:generated|written) (?:by|with) (?!hand)",
    re.ASCII,
)


def too_long(files):
    found = []
    for path, text in files.items():
        lines = text.count("\n")
        limit = LONGEST_TEMPLATE if path.endswith((".html", ".txt")) else LONGEST_FILE
        if lines >= limit:
            found.append(f"{path}: {lines} lines, fewer than {limit} allowed")
        if path.endswith(".py"):
            found += _long_functions(path, text)
    return found


def _long_functions(path, text):
    for name, node in functions(ast.parse(text)):
        lines = (node.end_lineno or 0) - node.lineno + 1
        if lines > LONGEST_FUNCTION:
            yield f"{path}::{name}: {lines} lines, at most {LONGEST_FUNCTION} allowed"


def deferred_imports(files):
    """Imports stand at the top, where cycles show; only an app's `ready` has to wait for all models."""
    found = []
    for path, text in files.items():
        for name, node in functions(ast.parse(text)):
            if name.endswith("Config.ready"):
                continue
            found += [f"{path}:{part.lineno}: import inside {name}" for part in ast.walk(node) if _imports(part)]
    return found


def _imports(part):
    if isinstance(part, ast.Call):
        return dotted(part.func) in {"__import__", "import_module", "importlib.import_module"}
    return isinstance(part, ast.Import | ast.ImportFrom)


def nameless_rooms(paths):
    """A folder or module named for nothing in particular gathers everything."""
    return [path for path in paths if NO_ROOMS & {part.removesuffix(".py") for part in path.split("/")}]


def strangers(top_level):
    """Directories at the top with Python in them that are not in the plan (deploy/ holds a web server's settings)."""
    return sorted(set(top_level) - {*APPS, "tests", "deploy"})


def class_views(files):
    """Views are functions: read from top to bottom, no order of inherited methods to know."""
    found = []
    for path, text in files.items():
        tree = ast.parse(text)
        if room(path) == "views":
            found += [f"{path}: class {node.name}" for node in tree.body if isinstance(node, ast.ClassDef)]
        found += [
            f"{path}:{node.lineno}: as_view"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr == "as_view" and dotted(node.value) != "RedirectView"
        ]
    return found


def broad_excepts(files):
    """A broad except swallows refusals too, and a swallowed refusal is an open door."""
    found = []
    for path, text in files.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or dotted(node.type) in BROAD):
                found += [f"{path}:{node.lineno}: broad except"]
    return found


def gossip(files):
    """Comments say why; not where somebody's files were, nor what is still to do."""
    found = []
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            comment = line if path.endswith((".html", ".css", ".js", ".md")) else line.partition("#")[2]
            if match := GOSSIP.search(comment):
                found.append(f"{path}:{number}: {match[0]}")
    return found


# Templates and static files --------------------------------------------------------------------

INLINE = (
    (re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE), "inline script"),
    (re.compile(r"<style\b", re.IGNORECASE), "inline style sheet"),
    (re.compile(r"\sstyle\s*=", re.IGNORECASE), "style attribute"),
    (re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE), "event attribute"),
    (re.compile(r"javascript:", re.IGNORECASE), "javascript: address"),
    (re.compile(r"\bhx-on\b|\bhx-vals\s*=\s*['\"]js:", re.IGNORECASE), "script in an hx attribute"),
    (
        re.compile(
            r"<(?:script|link|img|iframe|source|video|audio|use)\b[^>]*\b(?:src|href|srcset)=[\"'](?:https?:)?//",
            re.IGNORECASE,
        ),
        "foreign host",
    ),
)
UNESCAPED = re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off")


def inline(templates):
    """Nothing that a strict Content-Security-Policy would have to allow. Text parts of mails are no markup."""
    found = []
    for path, text in templates.items():
        if path.endswith(".html"):
            said = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", text, flags=re.DOTALL)
            markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "x", said, flags=re.DOTALL)
            found += [f"{path}: {what}" for pattern, what in INLINE if pattern.search(markup)]
            found += [f"{path}: unescaped output"] * bool(UNESCAPED.search(said))
    return found


IMPORT = re.compile(r"""(?:^|[;\n])\s*(?:import|export)\s[^'"`;=(]*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']""")
URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


def broken_imports(scripts, exists):
    """Every import of a script is a relative path to a file that is there: hashed names cannot be guessed."""
    found = []
    for path, text in scripts.items():
        folder = path.rsplit("/", 1)[0]
        for match in IMPORT.finditer(text):
            target = match[1] or match[2]
            if not target.startswith(("./", "../")) or not exists(_join(folder, target)):
                found.append(f"{path}: imports {target}")
    return found


def script_cycles(scripts):
    """ES modules that import each other in a ring load in an order that nobody wrote down."""
    edges = {
        path: {_join(path.rsplit("/", 1)[0], match[1] or match[2]) for match in IMPORT.finditer(text)}
        for path, text in scripts.items()
    }
    found = []
    for start, first in edges.items():
        seen, todo = set(), list(first)
        while todo:
            path = todo.pop()
            if path == start:
                found.append(f"{start}: imports itself, round a ring")
                break
            if path not in seen:
                seen.add(path)
                todo += edges.get(path, ())
    return found


def _join(folder, relative):
    parts = folder.split("/")
    for part in relative.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def foreign_urls(sheets, exists):
    """A style sheet asks no other host for anything, and for nothing that is not there."""
    found = []
    for path, text in sheets.items():
        rules = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        if "@import" in rules:
            found.append(f"{path}: @import costs a request")
        for match in URL.finditer(rules):
            target = (match[1] or match[2]).strip()
            if target.startswith(("data:", "#")):
                continue
            if re.match(r"[a-z]*:?//", target) or not exists(
                _join(path.rsplit("/", 1)[0], target.split("#")[0].split("?")[0])
            ):
                found.append(f"{path}: {target}")
    return found


def unknown_static(templates, exists):
    """Every `{% static 'x' %}` is a file."""
    used = re.compile(r"""\{%\s*static\s+["']([^"'{]+)["']""")
    return [
        f"{path}: {name}"
        for path, text in templates.items()
        for name in used.findall(text)
        if not exists(f"static/{name}")
    ]
