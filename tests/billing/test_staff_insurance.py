"""Insurance as the practice keeps it: the list, one policy, a client's record, and the review of what was proposed."""

import re
from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import changes
from accounts.actions.changes import CannotDecide
from accounts.models import Client, RecordView
from billing.actions import proposals
from billing.models import Coverage, CoverageChange
from tests import factories
from tests.billing.insurances import TYPED, active, add, decide_all, fresh, photo, waiting
from uploads.models import Upload

LIST, ADD, CHANGE = (f"admin:billing_coverage_{word}" for word in ("changelist", "add", "change"))
KEEPERS = ["bill", "rhea", "olga"]


@pytest.fixture
def bill(cast, signed_in):
    return signed_in(cast.bill)


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


def listed(browser, **query):
    return [row.payor for row in browser.get(reverse(LIST), query).context["cl"].result_list]


def change_url(row):
    return reverse(CHANGE, args=[row.pk])


def press(browser, row, word):
    answer = browser.post(reverse("admin:billing_coverage_do", args=[row.pk, word]))
    return " ".join(map(str, get_messages(answer.wsgi_request)))


def version_of(browser, row):
    return re.search(r'name="_opened_version" value="(\w+)"', browser.get(change_url(row)).text)[1]


# The list -------------------------------------------------------------------------------------


@pytest.fixture
def some(cast):
    active(cast.alice_client, payor="Valid")
    active(cast.alice_client, payor="Second", order=2)
    active(cast.bob_client, payor="Old", status="cancelled")
    active(cast.timo, payor="New", status="draft")
    proposals.change_coverage(active(cast.lena, payor="Edited"), {"plan": "Gold"}, by=cast.gina)


def test_the_list_is_narrowed_by_state_and_by_who_pays_first(cast, some, bill):
    assert sorted(listed(bill, state="waiting")) == ["Edited", "New"]
    assert sorted(listed(bill, state="active")) == ["Edited", "Second", "Valid"]
    assert listed(bill, state="ended") == ["Old"]
    assert sorted(listed(bill, pays="2")) == ["Second"]
    assert len(listed(bill, pays="nonsense", state="nonsense")) == 5


@pytest.mark.parametrize("words", ["valid", "alice", "ALICE ad"])
def test_a_policy_is_found_by_company_and_client(cast, some, bill, words):
    assert "Valid" in listed(bill, q=words)
    assert "Old" not in listed(bill, q=words)


def test_a_policy_is_found_by_its_number(cast, bill):
    active(cast.alice_client, subscriber_id="ZZ-904")
    assert listed(bill, q="zz-90") == ["Cigna"]


def test_a_clinician_sees_those_of_her_clients_and_changes_none(cast, some, signed_in):
    dana = signed_in(cast.dana)
    assert sorted(listed(dana)) == ["Second", "Valid"]
    row = Coverage.objects.get(payor="Valid")
    page = dana.get(change_url(row)).text
    assert "Valid" in page
    assert 'name="_save"' not in page
    assert press(dana, row, "end") == ""
    assert fresh(row).status == "active"
    assert dana.post(change_url(row), TYPED).status_code == 403
    assert dana.get(reverse(ADD), {"client": cast.alice_client.pk}).status_code == 403


def test_the_list_asks_the_database_as_often_for_thirty_as_for_one(cast, bill):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert bill.get(reverse(LIST)).status_code == 200
        return len(seen)

    active(cast.alice_client)
    queries()
    one = queries()
    for n in range(24):
        active(factories.client(f"N{n} Name"), payor=f"P{n}")
    assert queries() == one


# One policy -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", KEEPERS)
def test_whoever_keeps_records_adds_a_policy_from_the_clients_record(cast, signed_in, who):
    browser = signed_in(getattr(cast, who))
    add_url = f"{reverse(ADD)}?client={cast.bob_client.pk.hex}"
    assert add_url in browser.get(reverse("admin:record", args=[cast.bob_client.pk])).text
    assert browser.get(add_url).status_code == 200
    browser.post(reverse(ADD), {**TYPED, "client": cast.bob_client.pk})
    row = Coverage.objects.get()
    assert (row.client, row.payor, row.status, row.order) == (cast.bob_client, "Aetna", "active", 1)


def test_without_a_client_one_is_led_to_the_clients(cast, bill):
    answer = bill.get(reverse(ADD), follow=True)
    assert "add the insurance there" in answer.text


def test_an_archived_client_gets_no_new_policy(cast, bill):
    Client.objects.filter(pk=cast.bob_client.pk).update(archived_at=timezone.now())
    bill.post(reverse(ADD), {**TYPED, "client": cast.bob_client.pk})
    assert not Coverage.objects.exists()


def test_what_staff_save_is_so_at_once_and_keeps_one_primary(cast, bill):
    first, second = active(cast.bob_client), active(cast.bob_client, order=2, subscriber_id="X1")
    bill.post(change_url(second), {**TYPED, "order": "1"})
    assert (fresh(second).payor, fresh(second).order, fresh(first).order) == ("Aetna", 1, 2)


def test_staff_cannot_save_what_cannot_be(cast, bill):
    row = active(cast.bob_client)
    answer = bill.post(change_url(row), {**TYPED, "valid_to": "2020-01-01", "relationship": "other"})
    errors = answer.context["adminform"].form.errors
    assert "before it begins" in errors["valid_to"][0]
    assert "holds the policy" in errors["subscriber_name"][0]
    assert fresh(row).payor == "Cigna"


def test_a_state_cannot_be_forged_into_the_form(cast, bill):
    row = active(cast.bob_client, status="cancelled")
    bill.post(change_url(row), {**TYPED, "status": "active", "client": cast.alice_client.pk})
    assert (fresh(row).status, fresh(row).client) == ("cancelled", cast.bob_client)


def test_the_second_of_two_who_save_is_told(cast, bill):
    row = active(cast.bob_client)
    opened = version_of(bill, row)
    bill.post(change_url(row), {**TYPED, "_opened_version": opened})
    answer = bill.post(change_url(row), {**TYPED, "payor": "Other", "_opened_version": opened})
    assert "Somebody else saved this page meanwhile" in answer.text
    assert fresh(row).payor == "Aetna"


def test_buttons_end_a_policy_and_open_it_again(cast, bill):
    row = active(cast.bob_client)
    assert "Ended" in press(bill, row, "end")
    assert fresh(row).status == "cancelled"
    assert "cannot be done any more" in press(bill, row, "end")
    assert "Valid again" in press(bill, row, "reopen")
    assert fresh(row).status == "active"


def test_reception_adds_a_picture_of_the_card_which_the_client_sees(cast, rhea, signed_in):
    row = active(cast.bob_client)
    rhea.post(change_url(row), {**TYPED, "front": photo()})
    upload = fresh(row).front
    assert (upload.area, upload.client, upload.sent_by) == ("profile", cast.bob_client, cast.rhea)
    assert "Front of the card" in signed_in(cast.bob).get(reverse("billing:insurance")).text


def test_whoever_may_not_take_files_in_is_not_asked_for_any(cast, bill):
    row = active(cast.bob_client)
    assert 'type="file"' not in bill.get(change_url(row)).text
    bill.post(change_url(row), {**TYPED, "front": photo()})
    assert fresh(row).front is None
    assert not Upload.objects.exists()


def test_a_refused_picture_is_said_beside_its_field(cast, rhea):
    row = active(cast.bob_client)
    broken = photo()
    broken.file.seek(0)
    broken.file.write(b"MZ\x90\x00\x03\x00\x00\x00")
    answer = rhea.post(change_url(row), {**TYPED, "front": broken})
    assert answer.context["adminform"].form.errors["front"]
    assert not Upload.objects.exists()


def picture(cast, **fields):
    known = {"name": "card.png", "kind": "png", "size": 1, "sha256": "c", "area": "profile", "file": "uploads/c"}
    ready = {"status": "available", "preview": "previews/c.webp"}
    return Upload.objects.create(client=cast.alice_client, sent_by=cast.alice, **{**known, **ready, **fields})


def test_the_card_shows_with_links_that_staff_may_open(cast, bill):
    upload = picture(cast)
    page = bill.get(change_url(active(cast.alice_client, front=upload))).text
    assert reverse("admin:uploads_upload_download", args=[upload.pk]) in page
    assert reverse("admin:uploads_upload_preview", args=[upload.pk]) in page
    assert reverse("uploads:preview", args=[upload.pk]) not in page


def test_looking_at_a_policy_leaves_a_trace(cast, bill):
    bill.get(change_url(active(cast.bob_client)))
    assert RecordView.objects.filter(client=cast.bob_client, user=cast.bill, page="insurance").exists()


def test_a_policy_shows_what_its_client_proposed_and_leads_to_the_decision(cast, bill):
    row = active(cast.alice_client)
    proposals.change_coverage(row, {"plan": "Gold"}, by=cast.alice)
    page = bill.get(change_url(row)).text
    assert "Proposed by the client" in page
    assert "Gold" in page
    assert reverse("admin:review", args=[cast.alice_client.pk]) in page


# A client's record ----------------------------------------------------------------------------


def block(browser, person):
    return browser.get(reverse("admin:record", args=[person.pk])).text


def test_the_record_tells_of_every_policy_and_of_what_waits(cast, bill):
    active(cast.alice_client, payor="Cigna", relationship="spouse", subscriber_name="Adam Adams")
    active(cast.alice_client, payor="Old", status="cancelled", valid_to=date(2024, 12, 31))
    add(cast)
    text = block(bill, cast.alice_client)
    said = ["Cigna", "held by Adam Adams", "Old", "until 31 Dec 2024", "Ended", "Aetna Open Choice PPO"]
    assert not [words for words in [*said, "6 values to decide"] if words not in text]


def test_the_record_says_that_there_is_none(cast, bill):
    assert "No insurance yet" in block(bill, cast.bob_client)
    Client.objects.update(uninsured=True)
    assert "Has no insurance, as the client says." in block(bill, cast.bob_client)


def test_a_clinician_reads_the_insurance_in_the_record_and_adds_none(cast, signed_in):
    active(cast.alice_client)
    text = block(signed_in(cast.dana), cast.alice_client)
    assert "Cigna" in text
    assert reverse(ADD) not in text


# The review -----------------------------------------------------------------------------------


def test_the_review_shows_each_value_as_people_read_it(cast, bill):
    upload = picture(cast)
    add(
        cast,
        relationship="child",
        subscriber_name="Paula Adams",
        subscriber_birth_date=date(1960, 2, 3),
        front=upload,
    )
    text = bill.get(reverse("admin:review", args=[cast.alice_client.pk])).text
    words = ["Insurance company", "Aetna", "Primary", "A parent of the insured person", "Paula Adams", "Feb. 3, 1960"]
    assert not [word for word in [*words, "Jan. 1, 2026", "Front of the card"] if word not in text]
    assert reverse("admin:uploads_upload_preview", args=[upload.pk]) in text


@pytest.mark.parametrize("who", KEEPERS)
def test_everything_is_taken_over_in_one_press_and_the_policy_is_valid(cast, signed_in, who):
    row = add(cast)
    browser, url = signed_in(getattr(cast, who)), reverse("admin:review", args=[cast.alice_client.pk])
    names = re.findall(r'name="((?:decide|reason|_seen)-[^"]+)"', browser.get(url).text)
    seen = dict(re.findall(r'name="(_seen-[^"]+)" value="([^"]*)"', browser.get(url).text))
    data = dict.fromkeys(names, "") | {name: value.replace("&quot;", '"') for name, value in seen.items()}
    browser.post(url, {**data, "everything": "1"})
    assert fresh(row).status == "active"
    assert not waiting(row)


@pytest.mark.parametrize(("state", "words"), [("scanning", "still being checked"), ("rejected", "cannot be used")])
def test_a_picture_that_nobody_can_open_is_not_taken_over(cast, state, words):
    upload = picture(cast, status=state, refusal="broken" if state == "rejected" else "")
    row = active(cast.alice_client)
    proposals.change_coverage(row, {"front": upload}, by=cast.alice)
    with pytest.raises(CannotDecide, match=words):
        changes.decide(waiting(row)["front"], by=cast.bill, apply=True)
    assert fresh(row).front is None
    Upload.objects.update(status="available")
    assert decide_all(row, cast.bill).front == upload


def test_a_clinician_decides_nothing(cast, signed_in):
    row = add(cast)
    dana, url = signed_in(cast.dana), reverse("admin:review", args=[cast.alice_client.pk])
    dana.post(url, {f"decide-{change.pk}": "apply" for change in waiting(row).values()})
    assert CoverageChange.objects.filter(status="proposed").count() == 6
