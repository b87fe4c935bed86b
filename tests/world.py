"""A practice in which there is something of everybody's that could leak to somebody else.

Every client-owned model has a row of Alice, of Bob and of Timo; each login has a session and a trail.
The values of the others are canaries: they must not be in what one sees, and in no log at all.
"""

import hashlib
from datetime import UTC, datetime
from types import SimpleNamespace

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.core.files.base import ContentFile
from django.test import Client as Browser
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.actions import kept_forms, traces
from accounts.actions.invitations import send_invitation
from accounts.models import Client, ProfileChange, SecurityEvent
from billing.models import Coverage, CoverageChange
from forms_app.hashing import sha256
from forms_app.models import (
    Alert,
    Assignment,
    Attachment,
    Draft,
    DraftVersion,
    Questionnaire,
    QuestionnaireResponse,
    Review,
)
from tests import factories
from tests.appointments.everything import everything_of
from uploads.models import Download, Export, Upload, UploadRequest

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
APPS = ("accounts", "appointments", "billing", "chat", "forms_app", "uploads")


def client_owned():
    """Every model that says `belongs_to`; a new one is swept the day it is born."""
    return [model for app in APPS for model in apps.get_app_config(app).get_models() if hasattr(model, "belongs_to")]


def rows_of(model, client):
    return model._base_manager.filter(**{model.belongs_to.lookup("pk"): client.pk})


def fill(cast):
    """Give each of the cast a row of every kind."""
    for person in (cast.alice_client, cast.bob_client, cast.timo, cast.lena):
        fill_client(person, by=cast.olga, provider=cast.dana_provider if person == cast.alice_client else None)
    cast.seats = {name: fill_login(getattr(cast, name)) for name in ("alice", "bob", "gina", "olga")}
    owners = {"alice": cast.alice_client, "bob": cast.bob_client, "gina": cast.timo}
    cast.exports = {name: offered_export(person, getattr(cast, name)) for name, person in owners.items()}
    return cast


def fill_client(person, *, by, provider=None):
    Client.objects.filter(pk=person.pk).update(phone=phone_of(person))
    send_invitation(person, by=None, email=invited_of(person), relationship="carer")
    traces.note_record_view(person, by=by, page="client", address="192.0.2.7")
    factories.assigned(person, provider or factories.provider(None, name=f"{person.first_name}'s dietitian"))
    ProfileChange.objects.create(
        client=person, field="address", old="", new=f"{person.first_name} Lane 1", proposed_by=by
    )
    fill_files(person, by=by)
    fill_insurance(person, by=by)
    fill_forms(person, by=by)
    everything_of(person, by=by)


def fill_files(person, *, by):
    """What was asked for and came, what the practice keeps for them, who opened it, and a download of everything."""
    asked = UploadRequest.objects.create(
        client=person, title=f"Letter about {person.name}", asked_by=by, status="received", received_at=NOW
    )
    asked.uploads.add(stored_file(person, by=by, name=f"Scan of {person.name}.txt"))
    kept = stored_file(person, by=by, name=f"Plan for {person.name}.txt", source="practice")
    Download.objects.create(client=person, upload=kept, user=by, address="192.0.2.7")
    Export.objects.create(client=person, user=by)


def fill_insurance(person, *, by):
    """A valid policy with a picture of its card, and a value that waits."""
    card = stored_file(person, by=by, name=f"Card of {person.name}.txt", area="profile")
    known = {"payor": f"Insurer of {person.name}", "subscriber_id": f"No. of {person.name}", "front": card}
    coverage = Coverage.objects.create(client=person, status="active", order=1, **known)
    plan = f"Plan of {person.name}"
    CoverageChange.objects.create(client=person, coverage=coverage, field="plan", old="", new=plan, proposed_by=by)


def questionnaire():
    """One form for everybody, which is the practice's: it says nothing of anybody."""
    resource = {
        "resourceType": "Questionnaire",
        "url": "http://example.org/Questionnaire/world",
        "version": "1",
        "title": "Intake",
        "status": "active",
        "item": [
            {"linkId": "words", "type": "text", "text": "In your own words"},
            {"linkId": "file", "type": "attachment", "text": "A letter"},
        ],
    }
    facts = {"title": "Intake", "status": "active", "resource": resource, "sha256": sha256(resource)}
    return Questionnaire.objects.get_or_create(url=resource["url"], version="1", defaults=facts)[0]


def fill_forms(person, *, by):
    """A form that is being filled in on two devices, one that came back, and a signed one that is done."""
    form, words = questionnaire(), f"Words of {person.name}"
    asked = {"client": person, "questionnaire": form, "assigned_by": by}
    begun = Assignment.objects.create(**asked, status="in_progress", comment=f"For {person.name}")
    Draft.objects.create(assignment=begun, client=person, entries={"words": [words]}, revision=1, saved_by=by)
    DraftVersion.objects.create(
        assignment=begun, client=person, entries={"words": [f"Other {words}"]}, saved_by=by, page="other"
    )
    letter = stored_file(person, by=by, name=f"Letter of {person.name}.txt", area="forms")
    Attachment.objects.create(assignment=begun, client=person, upload=letter, added_by=by)
    done = Assignment.objects.create(**asked, status="accepted", submitted_at=NOW, decided_by=by, decided_at=NOW)
    first = form_response(done, 1, by=by, words=f"First {words}")
    signed = form_response(done, 2, by=by, words=words, is_signed=True)
    kept = {"client": person, "decided_by": by}
    said = f"Comment about {person.name}"
    Review.objects.create(**kept, response=first, decision="returned", comment=said, comments={"words": said})
    Review.objects.create(**kept, response=signed, decision="accepted")
    Alert.objects.create(client=person, response=signed, link_id="words", question="In your own words", answer=words)


def form_response(assignment, number, *, by, words, **fields):
    """What was submitted, with its PDF."""
    resource = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": assignment.questionnaire.canonical,
        "status": "completed" if number == 1 else "amended",
        "subject": {"reference": f"urn:uuid:{assignment.client_id}", "display": assignment.client.name},
        "authored": NOW.isoformat(),
        "item": [{"linkId": "words", "text": "In your own words", "answer": [{"valueString": words}]}],
    }
    known = {"resource": resource, "sha256": sha256(resource), "submitted_by": by, "submitted_at": NOW, **fields}
    row = QuestionnaireResponse(assignment=assignment, client=assignment.client, number=number, **known)
    row.pdf.save("form.pdf", ContentFile(f"%PDF of {words}".encode()), save=False)
    row.save()
    return row


def offered_export(person, user):
    """A download of everything that is ready."""
    export = Export(client=person, user=user, status="ready", ready_at=timezone.now(), size=7)
    export.file.save("everything.zip", ContentFile(f"All of {person.name}".encode()), save=False)
    export.save()
    return export


def stored_file(person, *, by, name, **fields):
    """A file that was checked, with its bytes and a preview."""
    text = f"About {person.name}: {name}".encode()
    known = {
        "kind": "txt",
        "status": "available",
        "size": len(text),
        "sha256": hashlib.sha256(text).hexdigest(),
        "sent_by": by,
        **fields,
    }
    upload = Upload(client=person, name=name, **known)
    upload.file.save(name, ContentFile(text), save=False)
    upload.preview.save(name, ContentFile(b"RIFF"), save=False)
    upload.save()
    return upload


def fill_login(user):
    """A session, a passkey, kept text and a trail, each of them recognisable."""
    browser = Browser(HTTP_USER_AGENT=device_of(user))
    browser.force_login(user)
    session = UserSession.objects.create(
        user=user, ip=address_of(user), user_agent=device_of(user), session_key=browser.session.session_key
    )
    passkey = Authenticator.objects.create(
        user=user, type="webauthn", data={"name": f"{user.first_name}'s key", "credential": credential(user)}
    )
    address = EmailAddress.objects.create(user=user, email=f"other-{user.email}", verified=True)
    traces.note(SecurityEvent.Kind.SIGNED_IN, by=user, address=address_of(user), device=device_of(user))
    kept_forms.keep("/somewhere/", [("text", [f"{user.first_name} typed this"])], by=user)
    return SimpleNamespace(session=session, passkey=passkey, address=address, browser=browser)


def credential(user):
    """What a browser sends when a passkey is made (WebAuthn §5.1, RegistrationResponseJSON)."""
    key_id, flag = user.pk.bytes, AuthenticatorData.FLAG
    key = ES256.from_cryptography_key(ec.derive_private_key(user.pk.int % 2**200, ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(bytes(16), key_id, key)
    data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flag.UP | flag.UV | flag.AT, 0, made)
    asked = CollectedClientData.create("webauthn.create", bytes(32), "http://localhost")
    answer = {
        "clientDataJSON": websafe_encode(asked),
        "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
    }
    return {
        "id": websafe_encode(key_id),
        "rawId": websafe_encode(key_id),
        "type": "public-key",
        "response": answer,
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


def phone_of(person):
    return f"+1 212 555 {sum(map(ord, person.name)):04d}"


def invited_of(person):
    return f"carer-of-{person.first_name.lower()}@example.com"


def device_of(user):
    return f"{user.first_name}Browser/1.0"


def address_of(user):
    return f"198.51.100.{sum(map(ord, user.name)) % 250}"


def marks_of_client(person):
    """What betrays a client wherever it stands."""
    rows = [row for model in client_owned() for row in rows_of(model, person)]
    return {person.name, phone_of(person), invited_of(person), *[str(row.pk) for row in rows if len(str(row.pk)) > 30]}


def marks_of_login(user):
    return {
        user.email,
        device_of(user),
        address_of(user),
        str(user.pk),
        f"{user.first_name}'s key",
        f"{user.first_name} typed this",
    }


def others(cast, *, than):
    """The marks of everybody whom this login may not know of."""
    known = {
        "alice": [cast.alice_client],
        "gina": [cast.timo, cast.lena],
        "bob": [cast.bob_client],
        "dana": [cast.alice_client],
    }[than]
    clients = [person for person in (cast.alice_client, cast.bob_client, cast.timo, cast.lena) if person not in known]
    logins = [
        getattr(cast, name)
        for name in ("alice", "bob", "gina")
        if name != than and not (than == "dana" and name == "alice")
    ]
    found = set().union(*map(marks_of_client, clients), *map(marks_of_login, logins))
    return found - set().union(*map(marks_of_client, known))


def snapshot():
    """Every client's rows and every login, to see whether a request has changed them."""
    models = [
        *client_owned(),
        *map(apps.get_model, ("accounts.User", "accounts.Practice", "account.EmailAddress", "mfa.Authenticator")),
    ]
    skipped = {"last_login"}
    return {
        model.__name__: sorted(
            repr(
                [
                    (field.attname, getattr(row, field.attname))
                    for field in model._meta.concrete_fields
                    if field.attname not in skipped
                ]
            )
            for row in model._base_manager.all()
        )
        for model in models
        if model.__name__ != "RecordView"
    }
