"""Laws 3 to 6, read from the syntax tree: whose row, only actions write, verbs ask, pages translate."""

import ast
import functools

from tests.laws.sources import dotted, functions, module, room

# Rooms that turn somebody's request into a question or a verb.
PAGES = {
    "views", "consumers", "admin", "tasks", "receivers", "cards", "exports", "management", "staff", "middleware",
    "adapter", "context", "forms", "errors", "templatetags",
}  # fmt: skip
WRITES = {
    "save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "asave", "acreate",
    "aget_or_create", "aupdate_or_create", "abulk_create", "abulk_update", "aupdate", "adelete",
    "create_user", "create_superuser", "set_password",
}  # fmt: skip
ASK = {"require", "has_perm"}
QUERIES = {"filter", "exclude", "get", "aget", "get_object_or_404", "get_list_or_404"}


def parse(files):
    return {path: _tree(text) for path, text in files.items()}


_tree = functools.cache(ast.parse)


# Law 3 ---------------------------------------------------------------------------------------


def models_by_owner(files):
    """The names of all models: (those that say `belongs_to`, the others with a `user`, the rest)."""
    of_a_client, of_a_login, others = set(), set(), set()
    for path, tree in parse(files).items():
        if room(path) != "models":
            continue
        for node in tree.body:
            if (
                isinstance(node, ast.ClassDef)
                and any(isinstance(part, ast.ClassDef) and part.name == "Meta" for part in node.body)
            ) or (isinstance(node, ast.ClassDef) and "models.Model" in [dotted(base) for base in node.bases]):
                fields = _assigned(node)
                kind = of_a_client if "belongs_to" in fields else of_a_login if "user" in fields else others
                kind.add(node.name)
    return of_a_client, of_a_login, others


def _assigned(node):
    targets = [target for part in node.body if isinstance(part, ast.Assign) for target in part.targets]
    targets += [part.target for part in node.body if isinstance(part, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def rows_without_question(files, client_owned, login_owned, reasons):
    """In pages, a client's rows come from `visible_to` and a login's own rows from `filter(user=…)`, nothing else."""
    found = []
    for path, tree in parse(files).items():
        if room(path) not in PAGES:
            continue
        for name, node in _pieces(tree):
            where = f"{path}::{name}"
            wrong = [*_managers(node, client_owned, login_owned), *_made(node, client_owned), *_by_hand(node)]
            found += [f"{where}: {what}" for what in wrong if f"{where}: {what}" not in reasons]
    return found


def _pieces(tree):
    """The functions of a module, and what stands beside them."""
    inside = set()
    for name, node in functions(tree):
        inside.update(map(id, ast.walk(node)))
        yield name, node
    rest = ast.Module(
        [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt) and id(node) not in inside and not hasattr(node, "body")
        ],
        [],
    )
    yield "module", rest


def _managers(node, client_owned, login_owned):
    """`Model.objects` must be followed by `.visible_to`, or for a login's own rows by `.filter(user=…)`."""
    good = set()
    for call in _calls(node):
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Attribute):
            manager = call.func.value
            of_login = (
                any(word.arg in {"user", "user__in"} for word in call.keywords) and dotted(manager.value) in login_owned
            )
            if call.func.attr == "visible_to" or (of_login and call.func.attr in {"filter", "get"}):
                good.add(id(manager))
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr in {"objects", "_default_manager", "_base_manager"}:
            model = dotted(part.value).split(".")[-1]
            if (model in client_owned or model in login_owned) and id(part) not in good:
                yield f"{model}.{part.attr} without visible_to"
        if (
            isinstance(part, ast.Call)
            and dotted(part.func).startswith("get_")
            and dotted(part.func).endswith("_or_404")
        ):
            first = part.args[0] if part.args else None
            if isinstance(first, ast.Name) and first.id in client_owned | login_owned:
                yield f"{first.id} fetched without visible_to"


def _made(node, client_owned):
    for call in _calls(node):
        if isinstance(call.func, ast.Name) and call.func.id in client_owned:
            yield f"{call.func.id}(…) is made outside the actions"


def _by_hand(node):
    """Narrowing to a client by hand, where `visible_to` is the one that knows."""
    for call in _calls(node):
        if dotted(call.func).split(".")[-1] in QUERIES or (
            isinstance(call.func, ast.Attribute) and call.func.attr in QUERIES
        ):
            for word in call.keywords:
                if word.arg and (
                    word.arg == "access" or word.arg.startswith(("access__", "client__access", "care_team"))
                ):
                    yield f"filters by {word.arg} by hand"


def _calls(node):
    return [part for part in ast.walk(node) if isinstance(part, ast.Call)]


def unowned_models(others, reasons):
    """A model that belongs to no client and no login is one of the practice's, and says why."""
    return [f"{name}: belongs to nobody; give it belongs_to, or a reason" for name in sorted(others - set(reasons))]


# Law 5 ---------------------------------------------------------------------------------------


def writes_outside_actions(files, reasons):
    """Only actions write. `reasons` says which other function may, and why."""
    found = []
    for path, tree in parse(files).items():
        if room(path) in {"actions", "migrations"}:
            continue
        for name, node in _pieces(tree):
            where = f"{path}::{name}"
            if not _excused(where, reasons):
                found += [f"{where}: {what}" for what in _writes(node, in_models=room(path) == "models")]
    return found


def _excused(where, reasons):
    return any(where == reason or (reason.endswith("*") and where.startswith(reason[:-1])) for reason in reasons)


def _writes(node, *, in_models):
    for call in _calls(node):
        if not isinstance(call.func, ast.Attribute):
            continue
        word, positional = call.func.attr, bool(call.args)
        on_super = isinstance(call.func.value, ast.Call) and dotted(call.func.value.func) == "super"
        if in_models and on_super:
            continue  # a model's own `save` fills in what follows from its fields
        if word == "save" and any(not isinstance(part, ast.Starred) for part in call.args):
            continue  # a picture or a file saves itself somewhere; a row saves itself, with names for what it is told
        if word in WRITES and not (word == "create" and dotted(call.func.value) == "self"):
            yield f".{word}()"
        elif word == "delete" and not positional and "session" not in dotted(call.func.value) and not _is_cache(call):
            yield ".delete()"
        elif word == "update" and call.keywords and not positional:
            yield ".update()"
        elif word in {"execute", "executemany", "run_sql"} and _changes(call):
            yield ".execute() that changes rows"


def _is_cache(call):
    return dotted(call.func.value).endswith("cache")


def _changes(call):
    first = call.args[0] if call.args else None
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return text.strip().lower().startswith(("insert", "update", "delete", "truncate", "alter", "drop"))


def careless_verbs(files, *, asks_nobody, not_atomic):
    """A public verb is atomic, takes `by` by keyword, and asks who may before it writes."""
    found = []
    for path, tree in parse(files).items():
        if room(path) != "actions":
            continue
        verbs = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        # A private function of the module that asks, asks for the verbs that call it.
        asking = ASK | {node.name for node in verbs if node.name.startswith("_") and _lines(node, ASK)}
        for node in verbs:
            if not node.name.startswith("_"):
                name = f"{module(path)}.{node.name}"
                found += [
                    f"{name}: {what}" for what in _careless(node, asking, name in asks_nobody, name in not_atomic)
                ]
    return found


def _lines(node, words):
    return [call.lineno for call in _calls(node) if dotted(call.func).split(".")[-1] in words]


def _careless(node, asking, asks_nobody, not_atomic):
    if not not_atomic and "transaction.atomic" not in [dotted(decorator) for decorator in node.decorator_list]:
        yield "is not @transaction.atomic"
    if "by" not in [argument.arg for argument in node.args.kwonlyargs]:
        yield "has no keyword-only `by`"
    if asks_nobody:
        return
    asked = _lines(node, asking)
    written = [
        call.lineno
        for call in _calls(node)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES | {"delete", "update"}
    ]
    if not asked:
        yield "asks nobody who may"
    elif written and min(asked) > min(written):
        yield "writes before it asks"


def stale(reasons, found_without):
    """An excuse that nothing needs any more: `found_without` is what the check says when nothing is excused."""
    return [
        f"{reason}: is excused, and needs no excuse"
        for reason in sorted(reasons)
        if not any(_about(reason, line) for line in found_without)
    ]


def _about(reason, line):
    return (
        line.startswith((f"{reason}: ", reason[:-1]))
        if reason.endswith("*")
        else line == reason or line.startswith(f"{reason}: ")
    )


# Actions know no HTTP -----------------------------------------------------------------------


def http_in_actions(files):
    return [
        f"{path}: imports {name}"
        for path, tree in parse(files).items()
        if room(path) in {"actions", "models", "querysets"}
        for name in _imports(tree)
        if name.startswith(("django.http", "django.shortcuts", "django.template", "django.contrib.messages"))
    ]


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def post_save_receivers(files):
    """Signals are named and sent by an action; Django's own model signals fire for every writer and every fixture."""
    names = {"post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed"}
    return [
        f"{path}:{node.lineno}: listens to {alias.name}"
        for path, tree in parse(files).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in names
    ]
