"""What the practice asks for: once each, reminded once, decided by one of the staff."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Access, Client, OutgoingMail, User
from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from tests.together import at_once
from tests.uploads.test_receiving import available, photo, send
from uploads.actions import files, requests
from uploads.models import RequestTemplate, UploadRequest

# The middle of a winter day everywhere in America.
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def ask(cast, title="Insurance card", **more):
    return requests.ask(**{"client": cast.alice_client, "by": cast.dana, "title": title, **more})


def mails(name):
    return OutgoingMail.objects.filter(name=f"uploads/{name}")


def asked_before(request, **days):
    UploadRequest.objects.filter(pk=request.pk).update(asked_at=NOW - timedelta(**days))


@pytest.fixture
def received(cast):
    request = ask(cast)
    upload = available(send(cast, request=request).upload)
    request.refresh_from_db()
    return request, upload


@pytest.mark.django_db
def test_asking_tells_every_login_with_the_right_to_files(cast):
    request = ask(cast, instructions="Both sides, please.", due_on=date(2026, 12, 1))
    assert request.status == "asked"
    assert [mail.to for mail in mails("files_asked")] == [cast.alice.email]


@pytest.mark.django_db
def test_a_login_without_the_right_is_not_told(cast):
    Access.objects.filter(user=cast.alice).update(areas=["appointments"])
    ask(cast)
    assert not mails("files_asked").exists()


@pytest.mark.django_db
def test_a_login_that_wants_no_mails_about_files_is_not_told(cast):
    User.objects.filter(pk=cast.alice.pk).update(muted=["files"])
    ask(cast)
    assert not mails("files_asked").exists()


@pytest.mark.django_db
def test_asking_twice_for_the_same_is_one_request_and_one_mail(cast):
    assert ask(cast) == ask(cast, title=" Insurance card ")
    assert mails("files_asked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_asking_twice_at_once_is_one_request(cast):
    at_once(*[lambda: ask(cast)] * 3)
    assert UploadRequest.objects.count() == 1 and mails("files_asked").count() == 1


@pytest.mark.django_db
def test_a_pack_asks_each_client_for_each_file_by_one_mail(cast):
    pack = [
        RequestTemplate.objects.create(pack="New client pack", title="Insurance card", due_days=7),
        RequestTemplate.objects.create(pack="New client pack", title="Referral", position=1),
    ]
    made = requests.ask_pack(clients=[cast.alice_client, cast.timo], by=cast.olga, templates=pack)
    assert len(made) == 4
    assert sorted(mails("files_asked").values_list("to", flat=True)) == [cast.alice.email, cast.gina.email]
    today = cast.alice_client.day_at(timezone.now())
    assert made[0].due_on == today + timedelta(days=7) and made[1].due_on is None


@pytest.mark.django_db
def test_nobody_asks_an_archived_client(cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(archived_at=timezone.now())
    with pytest.raises(requests.CannotAsk, match="archive"):
        ask(cast, by=cast.olga)


@pytest.mark.django_db
def test_a_clinician_asks_only_clients_of_theirs_and_a_biller_nobody(cast):
    with pytest.raises(Refused):
        ask(cast, client=cast.bob_client)
    with pytest.raises(Refused):
        ask(cast, by=cast.bill)
    with pytest.raises(Refused):
        ask(cast, by=cast.alice)


@pytest.mark.django_db
def test_what_came_is_accepted_and_the_client_is_thanked(cast, received):
    request, _upload = received
    requests.accept(request, by=cast.dana)
    request.refresh_from_db()
    assert (request.status, request.decided_by) == ("accepted", cast.dana) and request.decided_at
    assert mails("file_accepted").get().to == cast.alice.email


@pytest.mark.django_db
def test_nothing_is_accepted_while_it_is_being_checked(cast):
    request = ask(cast)
    send(cast, request=request)
    request.refresh_from_db()
    with pytest.raises(requests.CannotAsk, match="being checked"):
        requests.accept(request, by=cast.dana)


@pytest.mark.django_db
def test_asking_again_needs_a_reason_that_the_client_reads(cast, received):
    request, _upload = received
    with pytest.raises(requests.CannotAsk, match="what is wrong"):
        requests.send_again(request, by=cast.dana, reason="  ")
    requests.send_again(request, by=cast.dana, reason="The back is missing.")
    request.refresh_from_db()
    assert (request.status, request.reason) == ("send_again", "The back is missing.")
    mail = mails("file_again").get()
    assert "back" not in mail.text, "mails hold no content"
    send(cast, photo("back.txt", b"the back"), request=request)
    request.refresh_from_db()
    assert request.status == "received"


@pytest.mark.django_db(transaction=True)
def test_of_two_staff_who_decide_at_once_one_is_told(cast, received):
    request, _upload = received
    outcomes = at_once(
        lambda: requests.accept(request, by=cast.dana),
        lambda: requests.send_again(request, by=cast.rhea, reason="Too dark."),
    )
    [told] = filter(None, outcomes)
    assert isinstance(told, ForbiddenMove) and "cannot be done any more" in str(told)
    assert mails("file_accepted").count() + mails("file_again").count() == 1


@pytest.mark.django_db
def test_what_is_not_needed_any_more_is_cancelled_and_files_stay(cast, received):
    request, upload = received
    requests.cancel(request, by=cast.dana)
    request.refresh_from_db()
    assert request.status == "cancelled" and list(request.uploads.all()) == [upload]


@pytest.mark.django_db
def test_whoever_opens_a_file_through_a_request_ends_the_time_to_withdraw(cast, received):
    _request, upload = received
    files.open_file(upload, by=cast.rhea, address=None, downloads=False)
    with pytest.raises(files.CannotWithdraw):
        files.withdraw(upload, by=cast.alice)


@pytest.mark.django_db
@pytest.mark.parametrize(("due_in", "reminded"), [(3, 0), (2, 1), (1, 1), (0, 1), (-1, 1), (-20, 1)], ids=str)
def test_a_reminder_comes_when_its_day_is_near_or_over(cast, due_in, reminded):
    asked_before(ask(cast, due_on=NOW.date() + timedelta(days=due_in)), days=30)
    requests.remind(NOW)
    assert mails("file_reminder").count() == reminded


@pytest.mark.django_db
def test_each_reminder_is_sent_once(cast):
    asked_before(ask(cast, due_on=NOW.date() + timedelta(days=1)), days=5)
    for hours in (0, 1, 24, 48, 72, 240):
        requests.remind(NOW + timedelta(hours=hours))
    assert mails("file_reminder").count() == 2, "one before the day, one after it"


@pytest.mark.django_db
def test_nobody_is_reminded_on_the_day_of_the_asking(cast):
    asked_before(ask(cast, due_on=NOW.date()), hours=3)
    requests.remind(NOW)
    assert not mails("file_reminder").exists()


@pytest.mark.django_db
def test_nobody_is_reminded_in_their_night(cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(time_zone="Pacific/Auckland")
    asked_before(ask(cast, due_on=NOW.date()), days=5)
    requests.remind(datetime(2026, 11, 23, 18, 0, tzinfo=UTC))  # 7:00 in Auckland
    assert not mails("file_reminder").exists()
    requests.remind(datetime(2026, 11, 23, 20, 30, tzinfo=UTC))
    assert mails("file_reminder").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["received", "accepted", "cancelled"])
def test_nobody_is_reminded_of_what_is_not_open(cast, status):
    request = ask(cast, due_on=NOW.date())
    asked_before(request, days=5)
    UploadRequest.objects.filter(pk=request.pk).update(status=status)
    requests.remind(NOW)
    assert not mails("file_reminder").exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_remind_once(cast):
    asked_before(ask(cast, due_on=NOW.date()), days=5)
    at_once(*[lambda: requests.remind(NOW)] * 4)
    assert mails("file_reminder").count() == 1
