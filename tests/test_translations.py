"""Everything that is said can be said in every language, and is; pages speak the language of their reader."""

import re
from datetime import date

import polib
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import formats, translation

from accounts.actions.invitations import send_invitation
from accounts.models import roles
from accounts.permissions import ROLES
from portal.management.commands import messages
from tests import factories
from tests.laws import translations
from tests.laws.sources import files, python_files

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
TEMPLATES = files("*.html", "*.txt", under=("templates",)) | {
    path: text for path, text in files("*.html", "*.txt").items() if "/templates/" in path
}
# Written for whoever runs the portal, in the language of its log and its manual.
FOR_OPERATORS = ("/management/", "/bench/", "/doctor/", "/embedded/", "portal/settings.py", "accounts/bounces.py")
PAGES = {path: text for path, text in python_files().items() if not any(part in path for part in FOR_OPERATORS)}


@pytest.fixture(scope="module")
def said():
    return messages.gathered()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request):
    return polib.pofile(str(messages.catalogue_of(request.param)))


def pairs(catalogue):
    """Every message with each of its translations."""
    for entry in catalogue:
        if entry.msgid_plural:
            yield from (
                (entry.msgid if form == 0 else entry.msgid_plural, words) for form, words in entry.msgstr_plural.items()
            )
        else:
            yield entry.msgid, entry.msgstr


def test_every_message_is_in_the_catalogue_and_no_other(said, catalogue):
    gathered = {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in said
        if message.id
    }
    assert len(gathered) > 700
    assert {(entry.msgctxt, entry.msgid) for entry in catalogue} == gathered


def test_messages_are_gathered_from_our_code_and_pages_alone(said):
    for words in ("Log out", "Care team", "birth date", "Too many tries. Please wait a minute and try again."):
        assert words in said
    # Of Django's admin, and of allauth.
    assert "Select all %(total_count)s %(module_name)s" not in said and "Forgot your password or login?" not in said


def test_every_message_is_translated(catalogue):
    assert not [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy]
    assert not catalogue.obsolete_entries()
    forms = int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])[1])
    assert not [entry.msgid for entry in catalogue if entry.msgid_plural and len(entry.msgstr_plural) != forms]


def test_what_is_filled_in_and_its_markup_stand_in_the_translation_too(catalogue):
    assert not [
        (source, words, wrong)
        for source, words in pairs(catalogue)
        if (wrong := list(translations.unlike(source, words)))
    ]


def test_the_catalogue_changes_only_with_its_messages(catalogue):
    assert set(catalogue.metadata) == {
        "Language",
        "Plural-Forms",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert not [entry.msgid for entry in catalogue if entry.occurrences]


def test_gathering_again_changes_nothing(tmp_path, settings, said):
    settings.LOCALE_PATHS = [tmp_path]
    for language in LANGUAGES:
        messages._save(messages.brought_up(language, said), language)
        first = messages.catalogue_of(language).read_text()
        messages._save(messages.brought_up(language, said), language)
        assert messages.catalogue_of(language).read_text() == first
        assert len(messages.missing(messages.brought_up(language, said))) == len(said)


def test_spanish_addresses_everybody_as_usted():
    familiar = re.compile(r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|quieres|vosotros|vuestr\w+)\b", re.IGNORECASE)
    assert not [
        words for _source, words in pairs(polib.pofile(str(messages.catalogue_of("es")))) if familiar.search(words)
    ]


def test_every_word_of_a_template_can_be_translated():
    assert not translations.bare_words(TEMPLATES)


def test_every_label_in_the_code_can_be_translated():
    assert not translations.bare_labels(PAGES)


@pytest.mark.parametrize(
    "page",
    [
        "<p>Hello there</p>",
        '<p aria-label="Close">×</p>',
        '<img alt="A cat">',
        "{% block title %}Sign in{% endblock %}",
        "{% if x %}Yes{% else %}{% translate 'No' %}{% endif %}",
        '{% card title="Balance" %}{% endcard %}',
        "{{ x|default:'None' }}",
        "{{ x|yesno:'on,off' }}",
        "{% blocktranslate %}One{% endblocktranslate %} two",
        '<meta name="description" content="Our portal">',
    ],
)
def test_untranslated_words_are_found(page):
    assert translations.bare_words({"x.html": page})


@pytest.mark.parametrize(
    "page",
    [
        "<p>{% translate 'Hello' %}</p>",
        "{% blocktranslate with a=b %}Hello <b>{{ a }}</b>{% endblocktranslate %}",
        "{# a comment #}{% comment %}more of it{% endcomment %}<!-- and more -->",
        '<script type="module" src="{% static \'js/once.js\' %}"></script>',
        '{% card title=words %}·{% endcard %} &nbsp; <p class="lead">{{ lead }}</p>',
    ],
)
def test_translated_words_are_not(page):
    assert not translations.bare_words({"x.html": page})


@pytest.mark.parametrize(
    "code",
    [
        'x = forms.CharField(label="Name")',
        'x = models.CharField("name", max_length=3)',
        'class Meta:\n    verbose_name = "client"',
        'class Kind(models.TextChoices):\n    A = "a", "Apple"',
        'class Kind(models.TextChoices):\n    A = "apple"',
        'messages.info(request, "Saved.")',
        'raise ValidationError(f"Not {x} please")',
        'row.short_description = "Name"',
    ],
)
def test_untranslated_labels_are_found(code):
    assert translations.bare_labels({"x.py": code})
    assert (
        not translations.bare_labels({"x.py": re.sub(r'(f?"[^"]*[a-z]{3,}[^"]*")(?=[,)]|$)', r"_(\1)", code)})
        or "apple" in code
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("%(n)d left", "quedan %(m)d"),
        ("{n} left", "quedan"),
        ("<b>now</b>", "ahora"),
        ("Now ", "Ahora"),
        ("Now.", "Ahora"),
        ("50%% off", "50% menos"),
    ],
)
def test_a_translation_that_lost_something_is_found(source, words):
    assert list(translations.unlike(source, words))


MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"


# Pages -------------------------------------------------------------------------------------

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


def check_spanish(answer, *words, status=200):
    assert answer.status_code == status
    text = answer.text
    assert '<html lang="es"' in text
    for said in words:
        assert said in text
    for english in (">Log out<", ">Sign in<", ">Save<", "Skip to main content", "Questions? We are happy"):
        assert english not in text


def test_whoever_is_signed_out_is_answered_in_the_browsers_language(client, cast):
    check_spanish(
        client.get(reverse("account_login"), headers=SPANISH),
        "Iniciar sesión",
        "¿Olvidó su contraseña?",
        "Correo electrónico",
    )
    check_spanish(client.get("/nothing/here/", headers=SPANISH), "No encontramos esta página", status=404)
    check_spanish(
        client.get(reverse("account_request_login_code"), headers=SPANISH), "Le enviamos por correo un código"
    )
    assert '<html lang="en"' in client.get(reverse("account_login"), headers={"Accept-Language": "fr"}).text


def test_an_invitation_opens_in_the_browsers_language(client, cast):
    sent = send_invitation(factories.client("Nora North"), by=None).invitation
    page = client.get(reverse("accounts:join", args=[sent.token]), headers=SPANISH)
    check_spanish(page, "Tiene una invitación", "Acepto los términos de uso")


def test_a_mistake_is_explained_in_the_browsers_language(client, cast):
    sent = client.post(reverse("account_login"), {"login": "alice@example.com", "password": "wrong"}, headers=SPANISH)
    check_spanish(sent, "Hay un problema", "no es correcta")


@pytest.fixture
def spanish(cast, signed_in):
    """`spanish(user)` is signed in with a login that speaks Spanish."""

    def sign_in(user):
        user.language = "es"
        user.save()
        return signed_in(user)

    return sign_in


def test_a_clients_pages_speak_the_logins_language(spanish, cast):
    browser = spanish(cast.alice)
    check_spanish(browser.get("/"), "Próximas citas", "Hola, Alice", "Cuenta y seguridad")
    check_spanish(browser.get(reverse("accounts:security")), "Llave de acceso", "Cómo inicia sesión")
    check_spanish(browser.get("/nothing/here/"), "No encontramos esta página", status=404)


def test_staff_pages_speak_the_logins_language(spanish, cast):
    browser = spanish(cast.olga)
    check_spanish(browser.get(reverse("admin:index")), "Hola, Olga", "Clientes")
    check_spanish(browser.get(reverse("admin:accounts_client_changelist")), "Nuevo cliente")
    check_spanish(
        browser.get(reverse("admin:record", args=[cast.alice_client.pk])), "Equipo de atención", "Fecha de nacimiento"
    )
    check_spanish(browser.get(reverse("admin:accounts_practice_changelist"), follow=True), "Consultorio")


def test_roles_are_called_in_the_readers_language(spanish, cast):
    assert set(ROLES) == set(roles.NAMES)
    browser = spanish(cast.olga)
    for page in (
        reverse("admin:accounts_user_changelist"),
        reverse("admin:accounts_role_changelist"),
        reverse("admin:accounts_user_add"),
    ):
        check_spanish(browser.get(page), "Atención clínica")
        assert "Clinician" not in browser.get(page).text


def test_what_django_leaves_in_english_is_translated_too(spanish, cast):
    check_spanish(spanish(cast.olga).get(reverse("admin:accounts_provider_add")), "- Elija una opción -")


def test_dates_read_well(spanish, cast):
    page = spanish(cast.alice).get("/").text
    lead = re.search(r'<p class="lead">(.*?)</p>', page)[1]
    assert re.fullmatch(r"(Lunes|Martes|Miércoles|Jueves|Viernes|Sábado|Domingo), \d{1,2} de [a-z]+", lead)
    with translation.override("es"):
        months = [formats.date_format(date(1990, month, 17)) for month in range(1, 13)]
    # A message of ours that reads like a month would be in its place.
    assert months == [f"17 de {month} de 1990" for month in MONTHS.split()]
    record = spanish(cast.olga).get(reverse("admin:record", args=[cast.alice_client.pk])).text
    assert "17 de mayo de 1990" in record
