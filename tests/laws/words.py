"""Law 1: a page has one word, in its path, its name, its function, its template and its test."""

import ast
import re
from dataclasses import dataclass
from itertools import pairwise

from tests.laws.sources import APPS, ROOT, functions


@dataclass(frozen=True)
class Route:
    path: str  # as in `join/<str:token>/new-link/`
    name: str  # with its namespace: `accounts:join_new_link`
    view_module: str
    view_name: str

    @property
    def word(self):
        # A page that stands in for one of allauth's keeps the name that allauth reverses.
        return self.name.split(":")[-1].removeprefix("account_")

    @property
    def app(self):
        """The folder of its templates and tests."""
        return self.view_module.split(".")[0]


def routes(patterns, prefix="", namespace=""):
    """Every route of a URL configuration; those of an included one too."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, path, inner)
        else:
            view = pattern.callback
            yield Route(
                path,
                f"{namespace}{pattern.name or ''}",
                view.__module__,
                getattr(view, "__name__", type(view).__name__),
            )


def ours(route):
    """Pages that we wrote; allauth's and the admin's follow the words of their makers."""
    return route.app in APPS and not route.name.startswith("admin:")


def misnamed(route, *, path_words, exists, templates):
    """What is wrong with the words of one route. `path_words` gives the word of paths that have none (`/`)."""
    if route.view_name != route.word:
        yield f"{route.name}: the view is called {route.view_name}"
    if route.word not in words_of(route.path) and path_words.get(route.path) != route.word:
        yield f"{route.name}: the path {route.path!r} says another word"
    for template in templates:
        if not _fits(template, route):
            yield f"{route.name}: renders {template}"
    if not any(exists(path) for path in tests_of(route)):
        yield f"{route.name}: no {' nor '.join(tests_of(route))}"


def words_of(path):
    """`join/<str:token>/new-link/` can be called join_new_link or new_link.

    What stands before an id is one of several: `providers/<int:pk>/picture/` can be called provider_picture.
    """
    steps = [part for part in path.split("/") if part]
    parts = []
    for step, following in pairwise([*steps, ""]):
        if "<" not in step:
            word = step.split(".")[0].replace("-", "_")
            parts.append(word.removesuffix("s") if "<" in following else word)
    return {"_".join(parts[start:]) for start in range(len(parts))}


def _beginnings(word):
    parts = word.split("_")
    return ["_".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _fits(template, route):
    """`accounts/join_expired.html` for join, and for join_new_link; `errors/…` for everybody."""
    folder, _, name = template.rpartition("/")
    if folder == "errors" or folder.startswith("components"):
        return True
    stem = re.sub(r"\.\w+(#.*)?$", "", name)
    own = [route.app, *([route.view_module.split(".")[1]] if route.view_module.count(".") else [])]
    return folder.split("/")[0] in own and (
        stem.startswith(_beginnings(route.word)[-1]) or stem in _beginnings(route.word)
    )


def tests_of(route):
    """A page's test file; pages of one family (join, join_opened) may share the first one's."""
    return [f"tests/{route.app}/test_{word}.py" for word in _beginnings(route.word)]


def templates_of(route):
    """The templates that a view's own function names."""
    path = ROOT / (route.view_module.replace(".", "/") + ".py")
    tree = ast.parse(path.read_text())
    bodies = [node for name, node in functions(tree) if name == route.view_name]
    return [
        part.value
        for body in bodies
        for part in ast.walk(body)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.endswith(".html")
    ]


def exists(path):
    return (ROOT / path).exists()
