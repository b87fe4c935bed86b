"""Every mail of every room: three files, every language, one reader, one link, and nothing of anybody's health."""

import ast
import html
import re
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.core import mail as outbox

from accounts import mail
from accounts.actions.invitations import send_invitation
from accounts.adapter import NOTICES
from accounts.models import Client, OutgoingMail
from appointments.telling import in_words
from tests import factories
from tests.laws.sources import ROOT, dotted, python_files

PARTS = (".subject.txt", ".txt", ".html")
WRITERS = {"mail.write", "mail.write_to_client"}
# Frames and pieces of mails, not mails.
PIECES = {"accounts/base", "accounts/button", "accounts/greeting"}


def on_disk():
    found = {}
    for path in [*ROOT.glob("templates/*/email/*"), *ROOT.glob("*/templates/*/email/*")]:
        part = next(part for part in PARTS if path.name.endswith(part))
        found.setdefault(f"{path.parent.parent.name}/{path.name.removesuffix(part)}", set()).add(part)
    return {name: parts for name, parts in found.items() if name not in PIECES}


def written_in_code():
    """The names that the code writes mails by."""
    return {
        call.args[0].value
        for text in python_files().values()
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and dotted(call.func) in WRITERS and isinstance(call.args[0], ast.Constant)
    }


def written_by_allauth():
    """Its own mails arrive as `accounts/<word>`, or as one of our notices."""
    folders = [
        path
        for path in Path(allauth.__file__).parent.rglob("templates/*/email/*_subject.txt")
        if "socialaccount" not in path.parts
    ]
    return {f"accounts/{word}" for path in folders if (word := path.name.removesuffix("_subject.txt")) not in NOTICES}


def invitation(cast):
    return send_invitation(cast.lena, by=None, email="new@example.com").invitation


def of_appointment(**more):
    """What every mail about an appointment may say: when it is, and which page is its own."""
    when = in_words(datetime(2027, 3, 2, 15, tzinfo=UTC), "America/New_York")
    return {"when": when, "count": 1, "person": "", "appointment": "5d0d1c2e-3a52-4c89-9a55-27d9d0b2f6a4", **more}


# What each mail is about, as the code that writes it says; a new mail gets its line here.
WHAT = {
    "accounts/invitation": lambda c: {"first_name": "Alice", "invitation": invitation(c)},
    "accounts/security_notice": lambda c: {"what": next(iter(NOTICES.values()))},
    "accounts/login_code": lambda c: {"code": "K7PX-3MQ9"},
    "accounts/email_confirmation": lambda c: {"code": "K7PX-3MQ9"},
    "accounts/password_reset_key": lambda c: {
        "password_reset_url": f"{settings.PORTAL_URL}/account/password/reset/key/1-abc/"
    },
    "accounts/staff_welcome": lambda c: {"password_url": f"{settings.PORTAL_URL}/account/password/reset/key/1-abc/"},
    "uploads/file_received": lambda c: {"request_id": "1f0e2c52-6a55-4b0c-8f0e-5a4c2f6d9b11"},
    "appointments/reminder": lambda c: of_appointment(),
    "appointments/booked": lambda c: of_appointment(count=10, appointment=""),
    "appointments/moved": lambda c: of_appointment(was=of_appointment()["when"], asked=False),
    "appointments/cancelled": lambda c: of_appointment(asked=True),
    "appointments/declined": lambda c: of_appointment(),
    "appointments/offered": lambda c: of_appointment(),
    "appointments/expired": lambda c: of_appointment(),
    "accounts/new_device": lambda c: {"device": "Firefox on Linux", "address": "192.0.2.1"},
}
# Mails that say nothing to do on the portal, and therefore need no link: a code is typed where it was asked for.
WITHOUT_LINK = {"accounts/login_code", "accounts/email_confirmation", "accounts/email_confirmation_signup"}
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def written(cast):
    """`written(name, language)` is that mail as it stands in the outbox, to Alice."""
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="+1 212 555 0199", birth_date=date(1990, 5, 17))

    def write(name, language="en", who=None):
        who = who or cast.alice
        what = WHAT.get(name, lambda c: {})(cast)
        return mail.write(name, to=who.email, user=who, client=cast.alice_client, language=language, **what)

    return write


def words_of(text):
    """The words alone, without marks, tags and addresses."""
    text = re.sub(r"<style.*?</style>|<title.*?</title>|<head.*?</head>", " ", text, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    return re.findall(r"\w+", re.sub(r"https?://\S+", " ", text).casefold())


def links_of(text):
    return re.findall(r"https?://[^\s\"'<>]+", text)


def test_every_mail_has_its_three_files():
    assert on_disk() and not {name: parts for name, parts in on_disk().items() if parts != set(PARTS)}


def test_every_mail_that_is_written_is_there_and_no_other():
    assert written_in_code() <= set(on_disk())
    assert set(on_disk()) <= written_in_code() | written_by_allauth()


def test_every_mail_that_allauth_may_send_is_there():
    # Signing up and resetting by code are switched off; nobody is told of an account that there is not.
    off = {"accounts/email_confirmation_signup", "accounts/account_already_exists", "accounts/password_reset_code"}
    assert written_by_allauth() - set(on_disk()) <= off


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", on_disk())
def test_it_renders_for_the_cast(written, cast, name, language):
    for who in (
        cast.alice,
        cast.gina,
        cast.dana,
        factories.user("李明", email="li@example.com"),
        factories.user("", email="x@example.com"),
    ):
        letter = written(name, language, who)
        assert letter.subject and letter.text and letter.html
        assert "\n" not in letter.subject and len(letter.subject) < 100
        assert "{{" not in letter.text + letter.html and "{%" not in letter.text + letter.html
        assert "None" not in letter.text and "&lt;" not in letter.text and "&#x27;" not in letter.text
        assert f'lang="{language}"' in letter.html


@pytest.mark.xfail(not list(ROOT.glob("*/locale")), reason="no catalogue of translations yet", strict=True)
@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("name", on_disk())
def test_it_is_translated(written, name, language):
    english, other = written(name), written(name, language)
    assert english.subject != other.subject and english.text != other.text and english.html != other.html


@pytest.mark.parametrize("name", on_disk())
def test_text_and_html_say_the_same(written, name):
    letter = written(name)
    text, page = words_of(letter.text), words_of(letter.html)
    missing = [word for word in text if word not in page]
    assert not missing
    assert set(links_of(letter.text)) == set(links_of(letter.html))


@pytest.mark.parametrize("name", on_disk())
def test_it_leads_nowhere_but_to_the_portal_and_by_one_link(written, name):
    letter = written(name)
    links = set(links_of(letter.text)) | set(links_of(letter.html))
    assert all(link.startswith(settings.PORTAL_URL) for link in links)
    assert len(links) == (0 if name in WITHOUT_LINK and not links else 1)
    assert (
        "<img" not in letter.html
        and "url(" not in letter.html
        and "@import" not in letter.html
        and "<script" not in letter.html
    )


HEALTH = re.compile(
    r"diagnos|symptom|treat(?:s|ment|ing)|therap|medic|prescri|allerg|disease|disorder|weight|diet|\bPHQ|\bGAD|insurance|"
    r"questionnaire|appointment (?:with|for)|session with|\$\s?\d|salud mental|tratamiento|enferm",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", on_disk())
def test_s73_it_holds_no_more_than_a_first_name(written, cast, name, language):
    letter = written(name, language)
    everything = letter.subject + letter.text + re.sub(r"<style.*?</style>", "", letter.html, flags=re.DOTALL)
    # The care team is health: who treats somebody says what for.
    secrets = ["Adams", "555 0199", "1990", "May 17", "Dana", "Diaz", str(cast.alice_client.pk), "Lena", "Gray"]
    assert not [secret for secret in secrets if secret in everything]
    assert not HEALTH.search(everything)
    assert cast.alice.email not in letter.subject


EVIL = [
    "Eve\r\nBcc: victim@example.com",
    "Eve\nTo: victim@example.com",
    "Eve, victim@example.com",
    "Eve <victim@example.com>",
    '"Eve" <a@example.com>, <victim@example.com>',
    "Eve\u2028Bcc: victim@example.com",
    "=?utf-8?q?Bcc:_victim=40example.com?=",
]


def recipients():
    """Whom the server would hand the mails to, and what their headers say."""
    sent = [
        (message.recipients(), message_from_bytes(message.message().as_bytes(), policy=policy.default))
        for message in outbox.outbox
    ]
    return [(everybody, parsed["To"], parsed["Bcc"], parsed["Cc"]) for everybody, parsed in sent]


@pytest.mark.parametrize("name", EVIL)
def test_s48_a_name_adds_no_recipient(practice, run_jobs, name):
    practice.name = name[:120]
    practice.save()
    person = Client(name=name, email="alice@example.com")
    person.save()
    send_invitation(person, by=None)
    run_jobs()
    assert recipients() == [(["alice@example.com"], "alice@example.com", None, None)]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@example.com;b@example.com",
        "<a@example.com> b@example.com",
    ],
)
def test_s48_an_address_is_one_address_or_none(practice, run_jobs, address):
    mail.write(
        "accounts/invitation",
        to=address,
        first_name="",
        invitation=send_invitation(factories.client(), by=None).invitation,
    )
    run_jobs()
    assert [everybody for everybody, *_ in recipients()] == [["alice@example.com"]]
    assert OutgoingMail.objects.get(to=address).status == OutgoingMail.Status.FAILED


def test_a_mail_is_dated_in_its_readers_time(cast):
    offered = invitation(cast)
    offered.expires_at = datetime(2027, 3, 14, 20, tzinfo=UTC)
    letters = [
        mail.write("accounts/invitation", to="x@example.com", time_zone=zone, first_name="", invitation=offered).text
        for zone in ("America/New_York", "Asia/Tokyo")
    ]
    assert "March 14" in letters[0] and "March 15" in letters[1]
