"""Files, requests, proposals and insurances of the demo, through the verbs that clients and staff use."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.actions import changes, profile
from accounts.models import Client, User
from accounts.ownership import Area
from accounts.pictures import portrait, redraw
from billing.actions import coverages, proposals
from billing.models import Coverage
from portal.demo.papers import (
    ASKED,
    COVERAGES,
    EXAMPLES,
    NEW_COVERAGE,
    PROPOSED,
    RECORD,
    REJECTED,
    SENT,
    TEMPLATES,
    Asked,
    Sent,
)
from portal.demo.people import BY_KEY
from uploads.actions import checking, exports, files, requests
from uploads.actions.templates import save_template
from uploads.content.inspect import inspect
from uploads.content.preview import preview
from uploads.models import RequestTemplate, Upload, UploadRequest


@transaction.atomic
def hand_in(*, by: None = None) -> None:
    """Everything on paper: what is asked for, sent, shared, proposed and insured."""
    for position, template in enumerate(TEMPLATES):
        save_template(RequestTemplate(position=position, **vars(template)), by=None)
    for days, asked in enumerate(ASKED, start=2):
        _backdate_request(_ask(asked), timezone.now() - timedelta(days=days, hours=days))
    for hours, sent in enumerate(SENT, start=1):
        _backdate_file(_send(sent), timezone.now() - timedelta(hours=5 * hours, minutes=7 * hours))
    _fill_records()
    _insure()
    iris = Client.objects.get(name="Iris Fontaine")
    exports.ask_export(iris, by=_login(iris))


def _backdate_request(request: UploadRequest, at: datetime) -> None:
    """As if it had been asked then, answered the next day and decided the day after."""
    stored, next_day = UploadRequest.objects.filter(pk=request.pk), at + timedelta(hours=26)
    stored.update(asked_at=at)
    stored.exclude(received_at=None).update(received_at=next_day)
    stored.exclude(decided_at=None).update(decided_at=next_day + timedelta(hours=20))
    for upload in request.uploads.all():
        _backdate_file(upload, next_day)


def _backdate_file(upload: Upload, at: datetime) -> None:
    stored = Upload.objects.filter(pk=upload.pk)
    stored.update(sent_at=at)
    stored.exclude(opened_at=None).update(opened_at=at + timedelta(hours=3))
    stored.exclude(shared_at=None).update(shared_at=at + timedelta(minutes=4))


def _login(client: Client) -> User:
    """Whoever sends for this client."""
    return client.access.order_by("given_at").select_related("user")[0].user


def _clinician() -> User:
    return User.objects.get(pk=BY_KEY["clinician"].id)


def _owner() -> User:
    return User.objects.get(pk=BY_KEY["owner"].id)


def _ask(asked: Asked) -> UploadRequest:
    client = Client.objects.get(name=asked.client)
    day = None if asked.due_in is None else timezone.localdate() + timedelta(days=asked.due_in)
    request = requests.ask(client=client, by=_owner(), title=asked.title, instructions=asked.instructions, due_on=day)
    if asked.file:
        upload = _receive(client, asked.file, asked.name or asked.file, request=request)
        _checked(upload, asked.file)
        if asked.state != "received":
            files.open_file(upload, by=_owner(), address="127.0.0.1")
    match asked.state:
        case "accepted":
            requests.accept(request, by=_owner())
        case "send_again":
            requests.send_again(request, by=_owner(), reason=asked.reason)
        case "cancelled":
            requests.cancel(request, by=_owner())
    return request


def _send(sent: Sent) -> Upload:
    """What is not checked here is checked by the demo's worker, in sight of whoever looks."""
    client = Client.objects.get(name=sent.client)
    if not sent.by_practice:
        return _receive(client, sent.file, sent.name)
    upload = _receive(client, sent.file, sent.name, by=_owner(), source=Upload.Source.PRACTICE, note=sent.note)
    _checked(upload, sent.file)
    if sent.shared:
        files.share(upload, by=_owner())
    return upload


def _receive(
    client: Client,
    file: str,
    name: str,
    *,
    by: User | None = None,
    request: UploadRequest | None = None,
    area: Area = Area.FILES,
    **more: Any,
) -> Upload:
    content = SimpleUploadedFile(name, (EXAMPLES / file).read_bytes())
    taken = files.receive(content, client=client, by=by or _login(client), request=request, area=area, **more)
    assert taken.upload, f"{file} was refused: {taken.refusal}"
    return taken.upload


def _checked(upload: Upload, file: str) -> None:
    """Our own examples need no child process; that would make the first start slow."""
    verdict = inspect(EXAMPLES / file, upload.name)
    drawn = preview(EXAMPLES / file, verdict.kind)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "preview.webp"
        path.write_bytes(drawn or b"")
        checking.settle(upload, checking.Finding(None, verdict.kind, path if drawn else None))


def _fill_records() -> None:
    """Clara's facts, what she proposed, and what was not taken over."""
    Client.objects.filter(name="Clara Benning").update(**RECORD)
    clara = Client.objects.get(name="Clara Benning")
    field, wished, reason = REJECTED
    [refused] = profile.save_details(clara, {field: wished}, by=_login(clara))
    changes.decide(refused, by=_owner(), apply=False, reason=reason)
    profile.save_details(clara, PROPOSED, by=_login(clara))
    poppy = Client.objects.get(name="Poppy Malloy")
    with (EXAMPLES / "poppy.jpg").open("rb") as picture:
        profile.save_picture(poppy, redraw(File(picture), portrait), by=_login(poppy))


def _insure() -> None:
    for client_name, values in COVERAGES:
        client = Client.objects.get(name=client_name)
        pictures = {side: _card(client, file) for side, file in values.get("pictures", {}).items()}
        facts = {name: value for name, value in values.items() if name != "pictures"}
        coverages.save_coverage(Coverage(client=client, **facts, **pictures), by=None)
    iris = Client.objects.get(name="Iris Fontaine")
    proposals.add_coverage(iris, NEW_COVERAGE, by=_login(iris))


def _card(client: Client, file: str) -> Upload:
    upload = _receive(client, file, file, area=Area.PROFILE)
    _checked(upload, file)
    upload.refresh_from_db()
    return upload
