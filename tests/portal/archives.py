"""Rows of every kind for the cast's clients, each recognisable, and archives opened."""

import io
import json
import zipfile
from datetime import date

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Client, OutgoingMail, ProfileChange
from accounts.ownership import Area
from billing.models import Coverage, CoverageChange
from forms_app.models import Assignment, Attachment, Draft, DraftVersion, Review
from portal.exports import write_zip
from tests.appointments import house
from tests.world import form_response, questionnaire
from uploads.models import Download, Upload, UploadRequest


def fill(person, *, login, staff):
    """Something in every table that holds facts of a client; each text bears the client's name."""
    first = person.first_name
    Client.objects.filter(pk=person.pk).update(
        address=f"{first} Street 1\nNew York",
        pronouns=f"pronoun-{first}",
        emergency_name=f"Emma of {first}",
        emergency_phone=f"+1 212 555 0{sum(map(ord, first)):03d}",
        emergency_relationship=f"aunt of {first}",
    )
    person.refresh_from_db()
    person.picture.save("face.webp", ContentFile(f"face of {first}".encode()))
    person.save()
    sent = upload(person, login, f"letter of {first}.pdf")
    card = upload(person, login, f"card of {first}.pdf", area=Area.PROFILE)
    upload(person, staff, f"plan for {first}.pdf", source="practice", shared_at=timezone.now())
    upload(person, staff, f"hidden about {first}.pdf", source="practice")
    asked = UploadRequest.objects.create(
        client=person,
        title=f"Referral for {first}",
        instructions=f"Ask the doctor of {first}",
        reason=f"Too dark, {first}",
        asked_by=staff,
    )
    asked.uploads.add(sent)
    Download.objects.create(client=person, upload=sent, user=staff, address="192.0.2.44")
    ProfileChange.objects.create(
        client=person,
        status="rejected",
        field="name",
        old=person.name,
        new=f"{first} Newname",
        proposed_by=login,
        reason=f"No, {first}",
    )
    policy = Coverage.objects.create(
        client=person,
        status="active",
        order=2,
        payor=f"Payor of {first}",
        plan=f"Plan of {first}",
        subscriber_id=f"member-{first}",
        group=f"group-{first}",
        relationship="child",
        subscriber_name=f"Holder of {first}",
        subscriber_birth_date=date(1971, 2, 3),
        valid_from=date(2026, 1, 1),
        front=card,
    )
    CoverageChange.objects.create(
        client=person, coverage=policy, field="plan", old=policy.plan, new=f"New plan of {first}", proposed_by=login
    )
    fill_form(person, login=login, staff=staff)
    fill_appointments(person, login=login)
    OutgoingMail.objects.create(
        name="accounts/security_notice",
        to=login.email,
        user=login,
        client=person,
        subject=f"News for {first}",
        text=f"Dear {first}",
        html=f"<p>Dear {first}</p>",
    )
    return sent


def fill_form(person, *, login, staff):
    """One that is being typed on two devices, and one that came back."""
    first, form = person.first_name, questionnaire()
    begun = Assignment.objects.filter(client=person, status="in_progress").first() or Assignment.objects.create(
        client=person, questionnaire=form, status="in_progress"
    )
    kept = {"entries": {"words": [f"draft of {first}"]}, "client": person, "saved_by": login}
    Draft.objects.update_or_create(assignment=begun, defaults=kept)
    DraftVersion.objects.create(
        assignment=begun, client=person, saved_by=login, page="second", entries={"words": [f"other draft of {first}"]}
    )
    letter = upload(person, login, f"form file of {first}.pdf", area=Area.FORMS)
    Attachment.objects.create(assignment=begun, client=person, upload=letter, added_by=login)
    sent = Assignment.objects.create(
        client=person, questionnaire=form, status="accepted", comment=f"Please, {first}", submitted_at=timezone.now()
    )
    response = form_response(sent, 1, by=login, words=f"answer of {first}")
    said = f"remark on {first}"
    Review.objects.create(
        client=person, response=response, decision="returned", comment=said, comments={"words": said}, decided_by=staff
    )


def fill_appointments(person, *, login):
    """One that was cancelled, and one that somebody asked to move."""
    first = person.first_name
    place = house.location(name=f"Place of {first}", address=f"Road of {first}")
    known = {"service": house.service(name=f"Service for {first}"), "location": place}
    provider = house.treats(f"Dietitian of {first}")
    house.appointment(person, provider, house.ahead(days=40), status="cancelled", reason=f"cold of {first}", **known)
    row = house.appointment(person, provider, house.ahead(days=41), note=f"hidden about {first}", **known)
    said = {"reason": f"train of {first}", "answer": f"bus for {first}"}
    house.asked(row, wished=[house.ahead(days=42)], asked_by=login, **said)


def upload(person, sender, name, *, content=None, **fields):
    content = content or f"%PDF-1.7 content of {name}".encode()
    row = Upload(client=person, sent_by=sender, name=name, note=f"note on {name}", kind="pdf", size=len(content))
    for field, value in {"status": "available", "source": "client", "sha256": name, **fields}.items():
        setattr(row, field, value)
    row.file.save(name, ContentFile(content), save=False)
    row.save()
    return row


def opened(user, client):
    """{path: bytes} of this login's archive of a client."""
    packed = io.BytesIO()
    write_zip(packed, client, user, now=timezone.now())
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def record(user, client):
    return json.loads(opened(user, client)["record.json"])
