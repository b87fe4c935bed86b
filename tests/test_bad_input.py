"""What people and machines type that nobody foresaw: an error beside the field or nothing, never a fault of ours."""

import json
import re

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import escape

from accounts.actions.invitations import send_invitation
from accounts.models import Client, Invitation, Practice, User
from tests import factories
from tests.laws.sources import ROOT
from tests.routes import ROUTES
from tests.test_isolation import PLAIN, args_of, fresh, row_pages, url_of

pytestmark = pytest.mark.django_db

LONG = "Wolfeschlegelsteinhausenbergerdorff " * 139  # 5,004 characters
NUL, OVERRIDE, ESCAPE = "Ali\x00ce", "Alice \u202egpj.exe", "Ali\x1b[31mce"
EMOJI, ARABIC, CHINESE = "Zoë 🦋 O’Brien-Ñandú", "فاطمة الزهراء", "李小龍"
NAUGHTY = json.loads((ROOT / "tests/data/strings.json").read_text())["strings"]
BAD = {
    "nul": NUL,
    "long": LONG,
    "override": OVERRIDE,
    "escape": ESCAPE,
    "emoji": EMOJI,
    "number": "9" * 400,
    "markup": "<script>alert(1)</script>'\"",
    "blank": " \t\u00a0\u200b ",
}

TAG = re.compile(r"<(input|select|textarea)\b([^>]*)>")
ATTRIBUTE = re.compile(r'\b([a-z-]+)="([^"]*)"')


def forms_of(answer):
    """The names of the fields of a page's forms, by what may be typed in them."""
    typed, fixed = {}, {}
    for tag, attributes in TAG.findall(answer.getvalue().decode(errors="replace")):
        known = dict(ATTRIBUTE.findall(attributes))
        name, kind = known.get("name"), known.get("type", "text")
        if name and name != "csrfmiddlewaretoken":
            (fixed if tag == "select" or kind in {"checkbox", "radio", "hidden", "submit", "file"} else typed)[name] = (
                known.get("value", "")
            )
    return typed, fixed


def assert_survives(browser, url, data):
    """No fault: the test client raises what a view raises."""
    answer = browser.post(url, data)
    assert answer.status_code < 500, (url, answer.status_code)
    return answer


def sweep(browser, url):
    typed, fixed = forms_of(browser.get(url))
    for value in BAD.values() if typed else ():
        assert_survives(browser, url, {**fixed, **dict.fromkeys(typed, value)})
    for name in [*typed, *fixed]:
        assert_survives(browser, url, {**typed, **fixed, name: NUL})
    for value in (NUL, LONG):
        assert_survives(browser, url, dict.fromkeys([*typed, *fixed, "text", "next", "code", "action"], value))
    assert_survives(browser, url, {})
    assert not nul_stored()
    return typed


def nul_stored():
    """PostgreSQL refuses NUL; control characters and overrides it would take."""
    names = [
        *Client.objects.values_list("name", flat=True),
        *User.objects.values_list("name", flat=True),
        *Practice.objects.values_list("name", flat=True),
    ]
    return [name for name in names if "\x00" in name or "\u202e" in name or "\x1b" in name or len(name) > 200]


@pytest.mark.parametrize("name", [name for name in PLAIN if ROUTES[name].public])
def test_no_form_for_strangers_breaks(world, name):
    sweep(Browser(), url_of(name, args_of(name, world, "alice")))


@pytest.mark.parametrize("name", [name for name in PLAIN if not ROUTES[name].public])
def test_no_form_for_those_signed_in_breaks(world, name):
    user = world.olga if name.startswith("admin:") else world.alice
    sweep(fresh(user), url_of(name, args_of(name, world, "alice")))


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_no_form_of_the_admin_breaks(world, model):
    browser = fresh(world.olga)
    listed = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    urls = [reverse(f"{listed}_add")]
    row = model._base_manager.first()
    urls += list(row_pages(model, row)) if row else []
    for url in urls:
        sweep(browser, url)
    queries = ("q", "o", "p", "all", "e", "client", "status", "portal", "provider", "kind", "user", "_to_field")
    for value in (LONG, EMOJI, "-1", "99999999999999999999", "'; drop table accounts_client --", "a" * 36):
        assert browser.get(reverse(f"{listed}_changelist"), dict.fromkeys(queries, value)).status_code < 500
    for query in queries:
        assert browser.get(reverse(f"{listed}_changelist"), {query: "99999999999999999999"}).status_code < 500


def test_the_sweep_finds_forms_to_fill(world):
    assert "login" in forms_of(Browser().get(reverse("account_login")))[0]
    assert "name" in forms_of(fresh(world.olga).get(reverse("admin:accounts_client_add")))[0]


def test_no_form_of_an_invitation_breaks_it(world):
    url = reverse("accounts:join", args=[send_invitation(factories.client("Nora New"), by=None).invitation.token])
    typed = sweep(Browser(), url)
    assert "password" in typed
    assert Invitation.objects.get(email="nora@example.com").status == "opened"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/", "/account/login/", "/join/x/", "/admin/", "/no-such-page/"])
def test_a_nul_byte_in_an_address_is_a_bad_request(world, path, method):
    browser = fresh(world.alice)
    for url in (f"{path}?q=%00", f"{path}?%00=q", f"{path}%00/"):
        answer = getattr(browser, method)(url)
        assert answer.status_code == 400 and b"<h1" in answer.content


@pytest.mark.parametrize(
    "body",
    [
        b"login=%ff%fe&password=%c0%80",
        b"login=\xff\xfe",
        b"%00=%00",
        b"login=" + b"%F0%9F" * 50,
        b"&&&===",
        b"\x00" * 100,
    ],
)
def test_a_body_that_is_no_text_is_no_fault(db, body):
    answer = Browser().post(reverse("account_login"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "",
        "a/b; charset=nonsense",
    ],
)
def test_a_body_of_another_kind_is_no_fault(db, kind):
    answer = Browser().generic("POST", reverse("account_login"), b"--x\r\n{login:", content_type=kind)
    assert answer.status_code < 500


def test_too_many_fields_and_too_large_a_body_are_refused_in_our_look(db):
    many = Browser().post(reverse("account_login"), {f"f{n}": "x" for n in range(6000)})
    large = Browser().post(reverse("account_login"), {"login": "x" * 2_000_000})
    assert many.status_code in {400, 413} and large.status_code == 413
    assert b"<h1" in many.content and b"<h1" in large.content


GOOD_NAMES = [
    EMOJI,
    ARABIC,
    CHINESE,
    "O'Neill",
    "Jean-Luc d’Été",
    "Null",
    "undefined",
    "J",
    "Björk Guðmundsdóttir",
    "שרה לוי",
    "W" * 200,
]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_name_is_what_its_owner_says_it_is(world, name):
    """Kept letter by letter, shown as text, found again."""
    browser = fresh(world.olga)
    answer = browser.post(
        reverse("admin:accounts_client_add"),
        {"name": name, "email": "someone@example.com", "time_zone": "UTC", "language": "en"},
    )
    assert answer.status_code == 302, answer.content
    person = Client.objects.get(email="someone@example.com")
    assert person.name == name
    found = browser.get(reverse("admin:accounts_client_changelist"), {"q": name.split()[0]}).content.decode()
    assert name.replace("'", "&#x27;") in found


@pytest.mark.parametrize("name", [NUL, LONG, OVERRIDE, ESCAPE, "", "   "])
def test_what_is_no_name_is_an_error_beside_the_field(world, name):
    browser, before = fresh(world.olga), Client.objects.count()
    answer = browser.post(
        reverse("admin:accounts_client_add"),
        {"name": name, "email": "someone@example.com", "time_zone": "UTC", "language": "en"},
    )
    assert answer.status_code in {200, 422} and Client.objects.count() == before
    assert answer.context["adminform"].form.errors["name"]


def test_naughty_strings_are_kept_as_typed_or_refused_and_never_run(world):
    browser, kept = fresh(world.olga), []
    for number, text in enumerate(NAUGHTY):
        email = f"n{number}@example.com"
        answer = browser.post(
            reverse("admin:accounts_client_add"), {"name": text, "email": email, "time_zone": "UTC", "language": "en"}
        )
        assert answer.status_code in {200, 302, 422}
        for person in Client.objects.filter(email=email):
            assert person.name == text.strip()
            kept.append(person)
    assert len(kept) > 40
    shown = [browser.get(reverse("admin:record", args=[person.pk])).content.decode() for person in kept]
    for person, page in zip(kept, shown, strict=True):
        assert escape(person.name) in page
        assert not re.search(r"<[^>]", person.name) or person.name not in page


def test_two_spellings_of_one_address_are_one_address(world):
    """NFKC and case: a look-alike is no second login."""
    assert Client.objects.create(name="A", email="ＡＮＡ@Example.com").email == "ana@example.com"
