"""`manage.py messages`: brings the catalogues up to what our code and templates say. Needs no gettext of the system."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{f"{word}_lazy": spec for word, spec in DEFAULT_KEYWORDS.items()},
    "gettext_noop": None,
}
# Of Django itself, which does not say it in every language that we speak.
OF_DJANGO = ("- Select an option -",)
# No dates and no names: they would change without any message changing.
HEAD = """\
# What the portal says. `make messages` keeps the list; what stands in msgstr is written by hand.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class Command(BaseCommand):
    help = "Bring portal/locale up to the messages in our code and templates; new ones come without a translation."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where a message is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        template, wanting = gathered(), 0
        for language, _name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            catalog = brought_up(language, template)
            if not options["check"]:
                _save(catalog, language)
            for words in missing(catalog):
                self.stdout.write(f"{language} lacks: {words}")
                wanting += 1
        if options["check"] and wanting:
            raise CommandError("Run make messages, then translate what is new in portal/locale.")
        self.stdout.write(f"{len(template)} messages, {wanting} to translate.")


def gathered() -> Catalog:
    """Every message that our apps and templates show to somebody, in the order of the files."""
    catalog = Catalog()
    for path, source in _sources():
        for _line, words, comments, context in extract("python", BytesIO(source), KEYWORDS, ["Translators:"]):
            try:
                catalog.add(words, context=context, auto_comments=comments)
            except ValueError as error:
                raise CommandError(f"{path}: {words}: {error}") from error
    for words in OF_DJANGO:
        catalog.add(words)
    return catalog


def brought_up(language: str, template: Catalog) -> Catalog:
    """What is translated already, without what is said no more, and with what is new."""
    path = catalogue_of(language)
    with path.open("rb") if path.exists() else BytesIO() as file:
        catalog = read_po(file, locale=to_locale(language), charset="utf-8")
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    return catalog


def missing(catalog: Catalog) -> list[Any]:
    """The messages without a translation, or with one for only some of the plural's forms."""
    return [message.id for message in catalog if message.id and not all(_forms(message.string))]


def catalogue_of(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], to_locale(language), "LC_MESSAGES", "django.po")


def _forms(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


def _sources() -> Iterator[tuple[Path, bytes]]:
    """Python as it stands; a template as the Python that Django makes of it for gettext."""
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    for path in sorted(path for app in ours for path in app.rglob("*.py") if "migrations" not in path.parts):
        yield path, path.read_bytes()
    folders = [settings.BASE_DIR / "templates", *(app / "templates" for app in ours)]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in {".html", ".txt"}):
        # In brackets the indentation of the page says nothing.
        yield path, f"({templatize(path.read_text(), origin=str(path))}\n)".encode()


def _save(catalog: Catalog, language: str) -> None:
    written, path = BytesIO(), catalogue_of(language)
    write_po(written, catalog, width=0, no_location=True, omit_header=True, ignore_obsolete=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(locale=to_locale(language), plural=catalog.plural_forms)
    path.write_text(head + written.getvalue().decode().strip("\n") + "\n")
