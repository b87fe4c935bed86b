"""The client's pages about insurance: what is so, what waits, and every way to say something about it."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import kept_forms
from accounts.actions.changes import decide
from accounts.models import Client, KeptForm, ProfileChange
from billing.actions import proposals
from billing.models import Coverage, CoverageChange
from billing.policies import READ_FOR
from tests import factories
from tests.billing.insurances import TYPED, active, add, decide_all, fresh, photo, waiting
from uploads.models import Upload

PAGE, ADD, NONE = "billing:insurance", "billing:insurance_add", "billing:insurance_none"
EDIT, END = "billing:insurance_edit", "billing:insurance_end"
ON_TOP = "Only add or edit details after discussing with your provider."
SENT = "Sent for review. Until Linden Practice has checked it we keep the old value."
SIGNED = re.compile(r'name="_shown" value="([^"]+)"')


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def gina(cast, signed_in):
    return signed_in(cast.gina)


def page(browser, name=PAGE, row=None, **query):
    return browser.get(reverse(name, args=[row.pk] if row else []), query).text


def send(browser, name=ADD, row=None, **typed):
    """Send the form as the page shows it; a value of None leaves the field out."""
    url = reverse(name, args=[row.pk] if row else [])
    data = {**TYPED, **typed}
    if name == EDIT and "_shown" not in typed:
        data["_shown"] = SIGNED.search(browser.get(url).text)[1]
    return browser.post(url, {key: value for key, value in data.items() if value is not None}, follow=True)


def errors(answer):
    return {name: " ".join(words) for name, words in answer.context["form"].errors.items()}


# The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PAGE, ADD, EDIT, END])
def test_the_seed_sentence_stands_on_top(cast, alice, name):
    row = active(cast.alice_client) if name in {EDIT, END} else None
    assert ON_TOP in page(alice, name, row)


def test_with_none_the_page_says_what_to_do(cast, alice):
    text = page(alice)
    assert "No insurance here yet" in text
    assert "I have no insurance" in text
    assert reverse(ADD) in text


def test_each_policy_says_who_insures_and_how(cast, alice):
    active(
        cast.alice_client,
        payor="Cigna",
        plan="Gold",
        group="G-7",
        relationship="spouse",
        subscriber_name="Adam Adams",
        subscriber_birth_date=date(1985, 3, 4),
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    )
    text = page(alice)
    words = ["Cigna Gold", "U77", "G-7", "Adam Adams", "March 4, 1985", "Jan. 1, 2026", "Dec. 31, 2026", "Primary"]
    assert not [word for word in words if word not in text]


def test_primary_comes_before_secondary_and_earlier_ones_last(cast, alice):
    active(cast.alice_client, order=2, payor="Second")
    active(cast.alice_client, payor="First")
    active(cast.alice_client, status="cancelled", payor="Old", ended_at=timezone.now())
    text = page(alice)
    assert text.index("First") < text.index("Second") < text.index("Earlier insurances") < text.index("Old")


def test_an_earlier_one_cannot_be_edited(cast, alice):
    old = active(cast.alice_client, status="cancelled", payor="Old")
    assert reverse(EDIT, args=[old.pk]) not in page(alice)
    answer = alice.get(reverse(EDIT, args=[old.pk]), follow=True)
    assert "This insurance has ended" in answer.text


def test_a_new_one_waits_with_all_its_values(cast, alice):
    add(cast)
    text = page(alice)
    assert "Waiting for the practice" in text
    assert not [word for word in ("Aetna Open Choice PPO", "W123 456789", "Jan. 1, 2026") if word not in text]


def test_a_value_that_waits_stands_beside_the_old_one(cast, alice):
    row = active(cast.alice_client, group="Old group")
    send(alice, EDIT, row, payor="Cigna", subscriber_id="U77", plan="", valid_from="", group="New group")
    text = page(alice)
    assert "Old group" in text
    assert "New group" in text
    assert SENT in text


def test_a_policy_keeps_its_name_until_the_new_one_is_taken_over(cast, alice):
    row = active(cast.alice_client, plan="Gold")
    proposals.change_coverage(row, {"plan": "Platinum"}, by=cast.alice)
    assert "Cigna Gold" in page(alice)
    assert "Cigna Platinum" not in page(alice)


def test_what_was_not_taken_over_says_why_for_a_month(cast, alice):
    row = decide_all(add(cast), cast.bill, plan=False)
    assert "The plan cannot be read." in page(alice)
    CoverageChange.objects.filter(coverage=row).update(decided_at=timezone.now() - READ_FOR - timedelta(days=1))
    assert "The plan cannot be read." not in page(alice)


def test_a_new_one_that_was_not_taken_over_says_so_with_reasons(cast, alice):
    names = {"payor", "plan", "subscriber_id", "group", "order", "valid_from"}
    decide_all(add(cast), cast.bill, **dict.fromkeys(names, False))
    text = page(alice)
    assert "Not taken over" in text
    assert "The payor cannot be read." in text
    assert "No insurance here yet" in text


def test_one_that_lacks_something_asks_for_it(cast, alice):
    decide_all(add(cast), cast.bill, subscriber_id=False)
    text = page(alice)
    assert "Please complete" in text
    assert "The subscriber_id cannot be read." in page(alice, EDIT, Coverage.objects.get())
    assert "The practice could not take over everything that it needs" in text


def test_a_withdrawn_one_is_gone_from_the_page(cast, alice):
    row = add(cast)
    answer = alice.post(reverse("billing:insurance_withdraw", args=[row.pk]), follow=True)
    assert "Withdrawn." in answer.text
    assert "Aetna" not in answer.text


def test_one_value_is_withdrawn(cast, alice):
    row = active(cast.alice_client)
    send(alice, EDIT, row, payor="Cigna", subscriber_id="U77", plan="Gold", group="", valid_from="")
    change = waiting(row)["plan"]
    answer = alice.post(reverse("billing:insurance_change_withdraw", args=[change.pk]), follow=True)
    assert "Everything stays as it was" in answer.text
    assert not waiting(row)


def test_what_staff_decided_meanwhile_is_not_withdrawn(cast, alice):
    row = add(cast)
    change = waiting(row)["plan"]
    decide_all(row, cast.bill)
    for url in (
        reverse("billing:insurance_change_withdraw", args=[change.pk]),
        reverse("billing:insurance_withdraw", args=[row.pk]),
    ):
        assert "notice error" in alice.post(url, follow=True).text
    assert fresh(row).status == "active"


def test_the_page_asks_the_database_as_often_for_many_as_for_one(cast, gina):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert gina.get(reverse(PAGE)).status_code == 200
        return len(seen)

    add(cast, by=cast.gina, person=cast.timo)
    queries()
    one = queries()
    for n in range(10):
        for person in (cast.timo, cast.lena):
            add(cast, by=cast.gina, person=person, subscriber_id=f"X{n}")
    assert queries() == one


def test_s39_what_looks_like_markup_is_shown_as_text_everywhere(cast, alice, signed_in):
    attack = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"
    row = active(cast.alice_client, payor=attack, subscriber_name=attack, relationship="other", status="draft")
    proposals.change_coverage(row, {"plan": attack}, by=cast.alice)
    olga = signed_in(cast.olga)
    texts = [page(alice), page(alice, EDIT, row)] + [
        olga.get(url).text
        for url in (
            reverse("admin:billing_coverage_changelist"),
            reverse("admin:billing_coverage_change", args=[row.pk]),
            reverse("admin:record", args=[cast.alice_client.pk]),
            reverse("admin:review", args=[cast.alice_client.pk]),
        )
    ]
    assert not [text for text in texts if "<script>alert" in text or "<img src=x" in text]
    assert all("&lt;script&gt;" in text for text in texts)


# Several people -------------------------------------------------------------------------------


def test_with_one_person_nothing_about_several_shows(cast, alice):
    assert "For whom?" not in page(alice, ADD)
    assert "Everyone" not in page(alice)


def test_with_several_each_has_a_card_and_the_page_can_be_narrowed(cast, gina):
    active(cast.timo, payor="Timo’s insurer")
    active(cast.lena, payor="Lena’s insurer")
    text = page(gina)
    assert "Timo’s insurer" in text
    assert "Lena’s insurer" in text
    assert "Lena’s insurer" not in page(gina, person=cast.timo.pk)


def test_adding_asks_for_whom(cast, gina):
    assert "For whom?" in page(gina, ADD)
    assert errors(send(gina))["person"] == "Please choose for whom."
    send(gina, person=cast.lena.pk)
    assert Coverage.objects.get().client == cast.lena


def test_somebody_elses_client_cannot_be_chosen(cast, gina):
    assert "person" in errors(send(gina, person=cast.bob_client.pk))
    assert gina.get(reverse(ADD), {"person": cast.bob_client.pk}).status_code == 404
    assert gina.get(reverse(PAGE), {"person": cast.bob_client.pk}).status_code == 404


def test_without_the_right_to_a_profile_there_is_no_page(cast, signed_in):
    carer = factories.user("Carla Cole")
    factories.access(carer, cast.alice_client, "carer", ["files", "billing"])
    row, browser = active(cast.alice_client), signed_in(carer)
    for url in (reverse(PAGE), reverse(ADD), reverse(EDIT, args=[row.pk]), reverse(END, args=[row.pk])):
        assert browser.get(url).status_code == 404


# Adding ---------------------------------------------------------------------------------------


def test_what_was_typed_is_sent_for_review(cast, alice):
    assert SENT in send(alice).text
    said = waiting(Coverage.objects.get())
    assert said["subscriber_id"].new == "W123 456789"
    assert said["payor"].proposed_by == cast.alice


def test_sent_twice_it_is_one(cast, alice):
    send(alice, front=photo())
    send(alice, front=photo())
    assert Coverage.objects.count() == 1
    assert Upload.objects.count() == 1


def test_one_that_is_there_already_is_said_beside_the_number(cast, alice):
    active(cast.alice_client, payor="Aetna", subscriber_id="W123456789")
    assert "on your list already" in errors(send(alice))["subscriber_id"]


def test_a_first_one_is_primary_unless_one_says_otherwise(cast, alice):
    assert alice.get(reverse(ADD)).context["form"]["order"].value() == 1
    active(cast.alice_client)
    assert alice.get(reverse(ADD)).context["form"]["order"].value() == 2


WRONG = [
    ({"payor": " "}, "payor", "name of the insurance company"),
    ({"subscriber_id": ""}, "subscriber_id", "type the member number"),
    ({"subscriber_id": "W<script>"}, "subscriber_id", "letters, digits"),
    ({"subscriber_id": "-"}, "subscriber_id", "letters, digits"),
    ({"group": "A\u202eB"}, "group", "letters, digits"),
    ({"valid_to": "2025-12-31"}, "valid_to", "cannot end before it begins"),
    ({"valid_from": "0001-01-01"}, "valid_from", "check the year"),
    ({"valid_from": "9999-01-01"}, "valid_from", "check the year"),
    ({"valid_to": "soon"}, "valid_to", "valid date"),
    ({"relationship": "child"}, "subscriber_name", "the person who holds the policy"),
    ({"relationship": "child", "subscriber_name": "P", "subscriber_birth_date": "2999-01-01"},
     "subscriber_birth_date", "check the year"),
    ({"relationship": "employer"}, "relationship", "valid choice"),
    ({"order": "3"}, "order", "valid choice"),
    ({"order": None}, "order", "required"),
    ({"payor": "x" * 161}, "payor", "at most 160"),
    ({"payor": "A\u202eB"}, "payor", "cannot be shown"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "field", "words"), WRONG)
def test_what_cannot_be_is_said_beside_its_field_and_the_rest_is_kept(cast, alice, typed, field, words):
    answer = send(alice, **{"plan": "Open Choice PPO", **typed})
    assert answer.status_code == 422
    assert words in errors(answer)[field]
    assert "Open Choice PPO" in answer.text
    assert not Coverage.objects.exists()


def test_a_number_may_look_as_cards_print_it(cast, alice):
    send(alice, subscriber_id=" ＸＹＺ－12 / 34.5  6 ", group="")
    assert waiting(Coverage.objects.get())["subscriber_id"].new == "XYZ-12 / 34.5 6"


def test_a_holder_of_ones_own_has_no_other_name(cast, alice):
    send(alice, relationship="self", subscriber_name="Left over", subscriber_birth_date="not a date")
    assert not {"subscriber_name", "subscriber_birth_date"} & waiting(Coverage.objects.get()).keys()


def test_another_holder_has_a_name_and_a_birth_date(cast, alice):
    send(alice, relationship="spouse", subscriber_name="Adam Adams", subscriber_birth_date="1985-03-04")
    said = {name: change.new for name, change in waiting(Coverage.objects.get()).items()}
    holder = {"relationship": "spouse", "subscriber_name": "Adam Adams", "subscriber_birth_date": "1985-03-04"}
    assert holder.items() <= said.items()


def test_the_pages_never_ask_for_a_payment_card(cast, alice):
    assert "never a bank or payment card" in page(alice, ADD)


# The card -------------------------------------------------------------------------------------


def test_both_sides_of_the_card_go_with_the_form(cast, alice):
    send(alice, front=photo("a.png", "navy"), back=photo("b.png", "plum"))
    said = waiting(Coverage.objects.get())
    uploads = {name: Upload.objects.get(pk=said[name].new) for name in ("front", "back")}
    assert [uploads[name].name for name in ("front", "back")] == ["a.png", "b.png"]
    assert {(one.area, one.client, one.status) for one in uploads.values()} == {
        ("profile", cast.alice_client, "scanning")
    }


def test_a_photo_that_the_phone_takes_counts_as_well(cast, alice):
    text = page(alice, ADD)
    assert re.search(r'name="front-photo"[^>]*accept="image/\*"[^>]*capture="environment"', text)
    send(alice, **{"front-photo": photo()})
    assert "front" in waiting(Coverage.objects.get())


REFUSED = [
    (b"", "empty"),
    (b"MZ\x90\x00" + bytes(range(256)), "is a program"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    (b"just words", "picture (JPG, PNG, HEIC, WebP, TIFF) or a PDF"),
    (b"GIF89a" + bytes(40), "picture (JPG, PNG, HEIC, WebP, TIFF) or a PDF"),
]


@pytest.mark.parametrize(("content", "words"), REFUSED)
def test_a_refused_file_is_said_on_its_field_and_the_rest_is_kept(cast, alice, content, words):
    answer = send(alice, front=SimpleUploadedFile("card.png", content), back=photo("b.png"))
    assert answer.status_code == 422
    assert words in errors(answer)["front"]
    assert "W123 456789" in answer.text
    assert not Coverage.objects.exists()
    kept = Upload.objects.get()
    assert f'name="_back-sent" value="{kept.pk}"' in answer.text
    send(alice, **{"_back-sent": str(kept.pk)})
    assert waiting(Coverage.objects.get())["back"].new == str(kept.pk)


def test_a_photo_is_not_taken_twice_because_of_another_mistake(cast, alice):
    answer = send(alice, payor="", front=photo())
    kept = Upload.objects.get()
    assert f'name="_front-sent" value="{kept.pk}"' in answer.text
    assert "We have front.png" in answer.text


def test_what_nobody_typed_is_not_kept_as_text_when_a_session_ends(cast, alice):
    row = active(cast.alice_client)
    answer = send(alice, EDIT, row, payor="", front=photo())
    hidden = re.findall(r'type="hidden" name="([^"]+)"', answer.text)
    assert {"_shown", "_front-sent"} <= set(hidden)
    kept_forms.keep("/x/", [(name, ["text"]) for name in (*hidden, "plan")], by=cast.alice)
    assert "plan" in KeptForm.objects.get().fields and "sent" not in KeptForm.objects.get().fields
    assert "shown" not in KeptForm.objects.get().fields


@pytest.mark.parametrize("key", ["nonsense", "{bobs}"])
def test_a_forged_key_brings_nobody_elses_picture(cast, alice, key):
    bobs = Upload(client=cast.bob_client, sent_by=cast.bob, name="b", kind="png", size=1, sha256="b", area="profile")
    bobs.file = "uploads/b"
    bobs.save()
    send(alice, **{"_front-sent": key.format(bobs=bobs.pk)})
    assert "front" not in waiting(Coverage.objects.get())


def card(cast, **fields):
    known = {"name": "card.png", "kind": "png", "size": 1, "sha256": "c", "area": "profile", "file": "uploads/c"}
    return Upload.objects.create(client=cast.alice_client, sent_by=cast.alice, **{**known, **fields})


def test_a_picture_shows_once_it_was_checked(cast, alice):
    upload = card(cast)
    active(cast.alice_client, front=upload)
    shown = reverse("uploads:preview", args=[upload.pk])
    assert "being checked" in page(alice)
    assert shown not in page(alice)
    Upload.objects.update(status="available", preview="previews/c.webp")
    assert shown in page(alice)
    assert reverse("uploads:download", args=[upload.pk]) in page(alice)


def test_a_picture_that_cannot_be_used_says_why(cast, alice):
    active(cast.alice_client, front=card(cast, status="rejected", refusal="encrypted", file=""))
    assert "locked with a password" in page(alice)


def test_a_replaced_picture_stays_until_staff_have_looked(cast, alice):
    old = card(cast)
    row = active(cast.alice_client, front=old)
    send(alice, EDIT, row, payor="Cigna", subscriber_id="U77", plan="", group="", valid_from="", front=photo())
    assert fresh(row).front == old
    new = Upload.objects.get(pk=waiting(row)["front"].new)
    Upload.objects.update(status="available")
    assert decide_all(row, cast.bill).front == new
    assert fresh(old).withdrawn_at is None


# Editing --------------------------------------------------------------------------------------


def edited(alice, row, **typed):
    same = {"payor": "Cigna", "subscriber_id": "U77", "plan": "", "group": "", "valid_from": ""}
    return send(alice, EDIT, row, **{**same, **typed})


def test_only_what_was_touched_is_proposed(cast, alice):
    row = active(cast.alice_client)
    assert SENT in edited(alice, row, plan="Gold").text
    assert list(waiting(row)) == ["plan"]


def test_the_form_begins_with_what_waits_and_says_what_is(cast, alice):
    row = active(cast.alice_client, group="Old group")
    edited(alice, row, group="New group")
    text = page(alice, EDIT, row)
    assert 'value="New group"' in text
    assert "Old group" in text
    assert "What the practice has now" in text


def test_the_old_value_typed_again_takes_the_proposal_back(cast, alice):
    row = active(cast.alice_client)
    edited(alice, row, plan="Gold")
    edited(alice, row, plan="")
    assert not waiting(row)


def test_two_tabs_touch_only_what_each_has_changed(cast, alice):
    row = active(cast.alice_client)
    old_tab = SIGNED.search(alice.get(reverse(EDIT, args=[row.pk])).text)[1]
    edited(alice, row, plan="Gold")
    edited(alice, row, group="G2", _shown=old_tab)
    assert {name: change.new for name, change in waiting(row).items()} == {"plan": "Gold", "group": "G2"}


def test_a_field_that_staff_changed_meanwhile_is_an_error_with_the_new_value(cast, alice):
    row = active(cast.alice_client, plan="Bronze")
    shown = SIGNED.search(alice.get(reverse(EDIT, args=[row.pk])).text)[1]
    Coverage.objects.update(plan="Silver")
    answer = edited(alice, row, plan="Gold", _shown=shown)
    assert "it is now “Silver”" in errors(answer)["plan"]
    assert 'value="Gold"' in answer.text
    again = SIGNED.search(answer.text)[1]
    assert SENT in edited(alice, row, plan="Gold", _shown=again).text


@pytest.mark.parametrize("shown", ["", "forged", None])
def test_a_page_without_its_seal_is_asked_for_once_more(cast, alice, shown):
    row = active(cast.alice_client)
    answer = edited(alice, row, plan="Gold", _shown=shown)
    assert answer.status_code == 422
    assert 'value="Gold"' in answer.text
    assert not waiting(row)


def test_the_seal_of_one_policy_is_none_for_another(cast, alice):
    one, two = active(cast.alice_client), active(cast.alice_client, order=2, subscriber_id="X")
    shown = SIGNED.search(alice.get(reverse(EDIT, args=[one.pk])).text)[1]
    assert edited(alice, two, plan="Gold", _shown=shown).status_code == 422


# The end, and none ----------------------------------------------------------------------------


def test_one_asks_to_end_it_on_a_day(cast, alice):
    row = active(cast.alice_client)
    answer = alice.post(reverse(END, args=[row.pk]), {"valid_to": "2026-03-31"}, follow=True)
    assert SENT in answer.text
    assert waiting(row)["valid_to"].new == "2026-03-31"


@pytest.mark.parametrize(("day", "words"), [("", "choose the day"), ("2025-01-01", "before it begins"), ("x", "valid")])
def test_a_day_that_cannot_be_is_said(cast, alice, day, words):
    row = active(cast.alice_client, valid_from=date(2026, 1, 1))
    answer = alice.post(reverse(END, args=[row.pk]), {"valid_to": day})
    assert words in errors(answer)["valid_to"]


def test_what_waits_is_withdrawn_and_not_ended(cast, alice):
    row = add(cast)
    assert "Only an insurance that is valid can end." in alice.get(reverse(END, args=[row.pk]), follow=True).text


def say(browser, person, **data):
    return browser.post(reverse(NONE, args=[person.pk]), data, follow=True)


def test_i_have_no_insurance_waits_and_can_be_withdrawn(cast, alice):
    text = say(alice, cast.alice_client).text
    assert SENT in text
    assert "You told us that there is no insurance." in text
    assert ">I have no insurance" not in text
    assert not fresh(cast.alice_client).uninsured
    say(alice, cast.alice_client, is_so="no")
    assert ProfileChange.objects.get().status == "withdrawn"


@pytest.mark.parametrize("state", ["active", "draft"])
def test_with_one_valid_or_waiting_it_is_not_offered(cast, alice, state):
    active(cast.alice_client, status=state)
    assert "I have no insurance" not in page(alice)
    assert "There is an insurance on the list" in say(alice, cast.alice_client).text
    assert not ProfileChange.objects.exists()


def test_that_there_is_none_was_not_taken_over_says_why_for_a_month(cast, alice):
    say(alice, cast.alice_client)
    decide(ProfileChange.objects.get(), by=cast.olga, apply=False, reason="Your plan runs until May.")
    text = page(alice)
    assert "Your plan runs until May." in text and "Waiting for the practice:" not in text
    ProfileChange.objects.update(decided_at=timezone.now() - READ_FOR)
    assert "Your plan runs until May." not in page(alice)


def test_once_the_practice_knows_it_is_said_and_not_offered_again(cast, alice):
    Client.objects.update(uninsured=True)
    text = page(alice)
    assert "The practice knows that there is no insurance." in text
    assert ">I have no insurance" not in text
    assert "Add insurance" in text


# The practice's choice ------------------------------------------------------------------------


def test_where_the_practice_keeps_it_itself_the_page_shows_and_does_not_ask(cast, alice):
    row = active(cast.alice_client)
    factories.practice(client_fields=["phone"])
    text = page(alice)
    assert "Your practice keeps the insurance itself." in text
    assert "+1 212 555 0100" in text
    assert "Cigna" in text
    for url in (reverse(ADD), reverse(EDIT, args=[row.pk]), reverse(END, args=[row.pk])):
        assert url not in text
        answer = alice.post(url, TYPED, follow=True)
        assert "Please call us to change something." in answer.text
    assert "keeps the insurance itself" in say(alice, cast.alice_client).text
    assert not CoverageChange.objects.exists()
    assert not ProfileChange.objects.exists()
