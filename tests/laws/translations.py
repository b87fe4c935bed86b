"""Every word that somebody reads can be translated: words beside the translate tags, and labels beside gettext."""

import ast
import re

from django.template.base import Lexer, TokenType

from tests.laws.sources import dotted

WORD = re.compile(r"[^\W\d_]{2}")
# What a browser reads, not a person.
FOR_MACHINES = {"ascending,descending"}
UNREAD = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>|<!doctype[^>]*>", re.DOTALL | re.IGNORECASE)
ENTITY = re.compile(r"&#?\w+;")
READ_ATTRIBUTE = re.compile(r'\s(?:aria-label|title|alt|placeholder|label)\s*=\s*"([^"]*)"')
DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)"')
# Arguments of our own tags that are shown, and filters that show what they are given.
SHOWN_ARGUMENT = re.compile(r"""\b(?:title|more|caption|label)=(["'])(.*?)\1""")
SHOWN_BY_FILTER = re.compile(r"""\|(?:default|default_if_none|yesno|pluralize):(["'])(.*?)\1""")
GAP = "\x00"


def bare_words(templates):
    """Text of a template that stands beside `translate` and `blocktranslate`."""
    return [
        f"{path}: {words}" for path, text in templates.items() for words in [*_texts(text), *_arguments(path, text)]
    ]


def _texts(text):
    page = UNREAD.sub(GAP, "".join(_untranslated(text)))
    read = [*READ_ATTRIBUTE.findall(page), *DESCRIPTION.findall(page), re.sub(r"<[^>]*>", GAP, page)]
    pieces = [ENTITY.sub("", piece).strip() for part in read for piece in part.split(GAP)]
    return [piece for piece in pieces if WORD.search(piece)]


def _untranslated(text):
    """What is written in the page itself, with a gap for every tag."""
    inside = ""
    for token in Lexer(text).tokenize():
        word = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if inside:
            inside = "" if word == f"end{inside}" else inside
        elif word in {"blocktranslate", "comment"}:
            inside = word
        elif token.contents == "block body_class":
            inside = "block"
        else:
            yield token.contents if token.token_type == TokenType.TEXT else GAP


def _arguments(path, text):
    for token in Lexer(text).tokenize():
        if token.token_type == TokenType.BLOCK:
            yield from (match[2] for match in SHOWN_ARGUMENT.finditer(token.contents) if WORD.search(match[2]))
        if token.token_type == TokenType.VAR and path.endswith(".html"):
            shown = {match[2] for match in SHOWN_BY_FILTER.finditer(token.contents)} - FOR_MACHINES
            yield from filter(WORD.search, shown)


LABELS = {
    "label", "help_text", "verbose_name", "verbose_name_plural", "description", "short_description", "empty_label",
    "title", "heading", "lead", "words", "what", "message", "reason",
}  # fmt: skip
SAYS = {
    "ValidationError",
    "forms.ValidationError",
    "messages.info",
    "messages.success",
    "messages.warning",
    "messages.error",
    "Refused",
}


def bare_labels(files):
    """Labels, helps and messages in Python that are plain strings."""
    found = []
    for path, text in files.items():
        for node in ast.walk(ast.parse(text)):
            found += [f"{path}:{said.lineno}: {ast.unparse(said)}" for said in _said(node) if _is_text(said)]
    return found


def _said(node):
    if isinstance(node, ast.Call):
        yield from (keyword.value for keyword in node.keywords if keyword.arg in LABELS)
        name = dotted(node.func)
        if name in SAYS:
            yield from node.args
        elif name.startswith("models.") and name.endswith("Field"):
            yield from node.args[:1]
    elif isinstance(node, ast.Assign) and {_name(target) for target in node.targets} & LABELS:
        yield node.value
    elif isinstance(node, ast.ClassDef) and any(dotted(base).endswith("Choices") for base in node.bases):
        choices = [part.value for part in node.body if isinstance(part, ast.Assign)]
        # A choice without words of its own is called by its name in the code.
        yield from (choice.elts[-1] if isinstance(choice, ast.Tuple) else choice for choice in choices)


def _name(target):
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _is_text(node):
    if isinstance(node, ast.JoinedStr):
        return any(_is_text(part) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(WORD.search(node.value))


# The catalogue ------------------------------------------------------------------------------

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
MARKUP = re.compile(r"</?[a-z][^>]*>|&\w+;|https?://\S+")


def unlike(source, translation):
    """How a translation differs from its message where it may not: what is filled in, markup, and the space around."""
    for pattern, what in ((PLACEHOLDER, "placeholders"), (MARKUP, "markup")):
        if sorted(pattern.findall(source)) != sorted(pattern.findall(translation)):
            yield what
    if _edges(source) != _edges(translation):
        yield "space around"
    if source.count("\n") != translation.count("\n"):
        yield "lines"
    if source[-1:] in set(".:…?!") and source[-1:] != translation[-1:]:
        yield "end of the sentence"


def _edges(text):
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
