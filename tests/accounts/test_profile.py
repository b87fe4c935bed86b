"""The profile: product.md's section, sentence by sentence, without insurance."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.changes import decide
from accounts.models import Access, Client, ClientField, Practice, ProfileChange, User
from accounts.ownership import Area
from tests import factories
from tests.accounts.reading import page, text_of, url

PROFILE = "/profile/"
NOT_SHOWN = "This text holds a character that cannot be shown. Please type it again."


@pytest.fixture
def alice(cast, signed_in):
    cast.alice_client.address = "12 Elm Street\nBrooklyn, NY 11201"
    cast.alice_client.phone = "+1 212 555 0177"
    cast.alice_client.save()
    return signed_in(cast.alice)


@pytest.fixture
def edit(cast, alice):
    """`edit(phone="…")` opens the form, types that and sends it; `page=` is a page that was opened before."""

    def send(browser=alice, client=cast.alice_client, page=None, **typed):
        where = url("profile_edit", client)
        shown = page or browser.get(where)
        return browser.post(where, {**fields_of(shown), **typed}, follow=True)

    return send


def fields_of(answer):
    form = answer.context["form"]
    hidden = re.search(r'name="_shown" value="([^"]+)"', answer.text)[1]
    return {"_shown": hidden, **{bound.name: value_of(bound) for bound in form}}


def value_of(bound):
    value = bound.value()
    return "" if value is None else value.isoformat() if isinstance(value, date) else value


def record(cast):
    return Client.objects.get(pk=cast.alice_client.pk)


def waiting(**more):
    return dict(ProfileChange.objects.filter(status="proposed", **more).values_list("field", "new"))


# The page -------------------------------------------------------------------------------------


def test_on_top_stands_that_one_talks_to_the_provider_first(alice, cast):
    sentence = "Only add or edit details after discussing with your provider."
    assert sentence in page(alice) and sentence in page(alice, url("profile_edit", cast.alice_client))


def test_it_shows_the_record_and_the_ways_on(alice):
    shown = page(alice)
    for words in ("Alice Adams", "May 17, 1990", "12 Elm Street<br>Brooklyn", "+1 212 555 0177", "Emergency contact"):
        assert words in shown
    for name in ("billing:insurance", "accounts:security", "uploads:export", "accounts:profile_settings"):
        assert f'href="{reverse(name)}"' in shown


def test_with_one_person_nothing_about_choosing_shows(alice):
    assert "Everyone" not in page(alice)


def test_with_several_everything_names_its_person_and_can_be_filtered(cast, signed_in):
    gina = signed_in(cast.gina)
    both = page(gina)
    assert "Everyone" in both and "Who has looked at the record of Timo" in both and "Insurance of Lena" in both
    one = page(gina, f"{PROFILE}?person={cast.timo.pk}")
    assert "Timo Gray" in one and "Lena Gray" not in one
    assert "Details of Timo" in page(gina, url("profile_edit", cast.timo))
    assert "Picture of Timo" in page(gina, url("profile_picture", cast.timo))


def test_anothers_person_in_the_filter_is_not_found(cast, signed_in):
    for key in (cast.bob_client.pk, "nonsense"):
        assert signed_in(cast.gina).get(PROFILE, {"person": key}).status_code == 404


def test_without_the_right_there_is_no_page_and_no_way_to_it(cast, signed_in):
    paul = factories.user("Paul Pine")
    factories.access(paul, cast.alice_client, "partner", areas=[Area.APPOINTMENTS])
    browser = signed_in(paul)
    assert f'href="{PROFILE}"' not in page(browser, "/")
    assert browser.get(PROFILE).status_code == 404
    for word in ("profile_edit", "profile_picture", "record_views"):
        assert browser.get(url(word, cast.alice_client)).status_code == 404
        assert browser.post(url(word, cast.alice_client), {"phone": "1"}).status_code in {404, 405}


def test_with_the_right_it_stands_in_the_navigation(alice):
    assert f'<a href="{PROFILE}"' in page(alice, "/")


def test_staff_are_led_to_their_own_side(cast, signed_in):
    for address in (PROFILE, url("profile_edit", cast.alice_client), url("record_views", cast.alice_client)):
        assert signed_in(cast.olga).get(address).url == "/admin/"


def test_a_practice_that_asks_for_a_second_step_asks_for_it_here_too(cast, alice):
    Practice.objects.update(requires_second_factor=True)
    assert alice.get(PROFILE).url == reverse("mfa_index")


def test_the_page_asks_the_database_as_often_for_three_people_as_for_one(cast, signed_in):
    counts = []
    for user in (cast.alice, cast.gina):
        browser = signed_in(user)
        with CaptureQueriesContext(connection) as asked:
            browser.get(PROFILE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Sent for review ------------------------------------------------------------------------------


def test_what_is_reviewed_waits_and_the_old_value_stays(cast, edit):
    answer = edit(
        name="Alice Archer", birth_date="1990-05-18", address="7 Harbor Lane", phone="+1 646 555 0123",
        emergency_name="Ben Adams", emergency_phone="+1 212 555 0180", emergency_relationship="Brother",
    )  # fmt: skip
    assert "Sent for review. Until Linden Practice has checked it we keep the old value." in text_of(answer)
    assert waiting() == {
        "name": "Alice Archer", "birth_date": "1990-05-18", "address": "7 Harbor Lane", "phone": "+1 646 555 0123",
        "emergency_name": "Ben Adams", "emergency_phone": "+1 212 555 0180", "emergency_relationship": "Brother",
    }  # fmt: skip
    assert (record(cast).name, record(cast).phone, record(cast).emergency_name) == (
        "Alice Adams", "+1 212 555 0177", "",
    )  # fmt: skip


def test_the_page_shows_old_and_proposed_and_a_way_back(cast, alice, edit):
    edit(phone="+1 646 555 0123")
    shown = page(alice)
    assert "+1 212 555 0177" in shown and "+1 646 555 0123" in shown and "Withdraw" in shown
    (change,) = ProfileChange.objects.all()
    answer = alice.post(url("profile_withdraw", cast.alice_client, change.pk), follow=True)
    assert "Withdrawn. The old value stays." in answer.text and "+1 646 555 0123" not in answer.text
    assert waiting() == {}


def test_withdrawing_what_was_decided_meanwhile_is_explained(cast, alice, edit):
    edit(phone="+1 646 555 0123")
    (change,) = ProfileChange.objects.all()
    decide(change, by=cast.rhea, apply=True)
    answer = alice.post(url("profile_withdraw", cast.alice_client, change.pk), follow=True)
    assert "Rhea Reed already took this over" in text_of(answer)


def test_anothers_proposal_cannot_be_withdrawn(cast, alice, edit, signed_in):
    edit(phone="+1 646 555 0123")
    (change,) = ProfileChange.objects.all()
    bob = signed_in(cast.bob)
    for client in (cast.alice_client, cast.bob_client):
        assert bob.post(url("profile_withdraw", client, change.pk)).status_code == 404
    assert waiting()


def test_what_was_not_taken_over_shows_its_reason_until_asked_anew_or_for_a_month(cast, alice, edit):
    edit(phone="+1 646 555 0123")
    decide(ProfileChange.objects.get(), by=cast.rhea, apply=False, reason="This is a fax.")
    assert "Not taken over" in page(alice) and "This is a fax." in page(alice)
    ProfileChange.objects.update(decided_at=timezone.now() - timedelta(days=31))
    assert "This is a fax." not in page(alice)
    ProfileChange.objects.update(decided_at=timezone.now())
    edit(phone="+1 646 555 0124")
    assert "This is a fax." not in page(alice)


def test_what_was_taken_over_says_so(cast, alice, edit):
    edit(phone="+1 646 555 0123")
    decide(ProfileChange.objects.get(), by=cast.rhea, apply=True)
    assert "Taken over" in page(alice)


def test_a_name_that_is_taken_over_is_what_the_portal_calls_ones_own_login(alice, cast, edit):
    mother = factories.user("Mona Adams")
    factories.access(mother, cast.alice_client, "guardian")
    edit(name="Alice Baker")
    decide(ProfileChange.objects.get(), by=cast.olga, apply=True)
    assert User.objects.get(pk=cast.alice.pk).name == "Alice Baker"
    assert User.objects.get(pk=mother.pk).name == "Mona Adams", "whoever is somebody else keeps their name"


def test_sending_the_form_as_it_was_changes_nothing(edit):
    assert "Nothing was changed." in edit().text
    assert not ProfileChange.objects.exists()


def test_the_same_form_sent_twice_proposes_once(alice, cast, edit):
    opened = alice.get(url("profile_edit", cast.alice_client))
    edit(page=opened, phone="+1 646 555 0123")
    assert "Sent for review." in edit(page=opened, phone="+1 646 555 0123").text, "the second press shows this page"
    assert ProfileChange.objects.count() == 1


def test_what_waits_stands_in_the_form_and_other_fields_do_not_touch_it(edit):
    edit(phone="+1 646 555 0123")
    edit(address="7 Harbor Lane")
    assert waiting() == {"phone": "+1 646 555 0123", "address": "7 Harbor Lane"}


def test_of_two_tabs_the_second_replaces_the_first_and_only_in_what_it_changed(alice, cast, edit):
    first, second = (alice.get(url("profile_edit", cast.alice_client)) for _ in range(2))
    edit(page=first, phone="+1 646 555 0001", address="7 Harbor Lane")
    edit(page=second, phone="+1 646 555 0002")
    assert waiting() == {"phone": "+1 646 555 0002", "address": "7 Harbor Lane"}


def test_a_field_that_staff_changed_meanwhile_is_an_error_there_and_the_typed_text_stays(alice, cast, edit):
    opened = alice.get(url("profile_edit", cast.alice_client))
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="+1 999 555 0000")
    answer = edit(page=opened, phone="+1 646 555 0123", address="7 Harbor Lane", pronouns="she/her")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"phone": ["The value changed since: it is now “+1 999 555 0000”."]}
    assert 'value="+1 646 555 0123"' in answer.text and "7 Harbor Lane" in answer.text and "she/her" in answer.text
    assert waiting() == {} and record(cast).pronouns == ""
    again = alice.post(
        url("profile_edit", cast.alice_client), {**fields_of(answer), "phone": "+1 646 555 0123"}, follow=True
    )
    assert "Sent for review" in again.text
    assert waiting() == {"phone": "+1 646 555 0123", "address": "7 Harbor Lane"}


def test_what_staff_changed_in_a_field_that_was_left_alone_stays(alice, cast, edit):
    opened = alice.get(url("profile_edit", cast.alice_client))
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="+1 999 555 0000")
    edit(page=opened, address="7 Harbor Lane")
    assert waiting() == {"address": "7 Harbor Lane"}


def test_pronouns_that_were_left_alone_stay_as_staff_changed_them_meanwhile(alice, cast, edit):
    opened = alice.get(url("profile_edit", cast.alice_client))
    Client.objects.filter(pk=cast.alice_client.pk).update(pronouns="they/them")
    answer = edit(page=opened, phone="+1 646 555 0123")
    assert record(cast).pronouns == "they/them" and "Saved." not in answer.text


def test_pronouns_that_staff_changed_meanwhile_are_an_error_there_with_the_new_ones(alice, cast, edit):
    opened = alice.get(url("profile_edit", cast.alice_client))
    Client.objects.filter(pk=cast.alice_client.pk).update(pronouns="they/them")
    answer = edit(page=opened, phone="+1 646 555 0123", pronouns="she/her")
    assert answer.context["form"].errors == {"pronouns": ["The value changed since: it is now “they/them”."]}
    assert record(cast).pronouns == "they/them" and waiting() == {}
    alice.post(url("profile_edit", cast.alice_client), {**fields_of(answer), "pronouns": "she/her"})
    assert record(cast).pronouns == "she/her" and waiting() == {"phone": "+1 646 555 0123"}


def test_the_records_own_value_typed_again_takes_the_proposal_back_and_says_so(edit):
    edit(phone="+1 646 555 0123")
    assert "Withdrawn. The old value stays." in edit(phone="+1 212 555 0177").text
    assert waiting() == {}


def test_an_address_comes_back_from_the_browser_unchanged(edit):
    """Browsers end lines with CR LF; the record does not."""
    edit(address="12 Elm Street\r\nBrooklyn, NY 11201")
    assert waiting() == {}


def test_a_forged_or_missing_note_of_what_was_shown_does_no_harm(alice, cast):
    where = url("profile_edit", cast.alice_client)
    facts = {"name": "Alice Adams", "birth_date": "1990-05-17", "address": "12 Elm Street\r\nBrooklyn, NY 11201"}
    for forged in ("", "nonsense", "a:b:c"):
        alice.post(where, {**facts, "phone": "+1 646 555 0123", "_shown": forged})
        assert waiting() == {"phone": "+1 646 555 0123"}


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, {"name": ["Please type the legal name."]}),
        ({"birth_date": "1790-01-01"}, {"birth_date": ["Please check the year of the birth date."]}),
        ({"birth_date": "2990-01-01"}, {"birth_date": ["Please check the year of the birth date."]}),
        ({"birth_date": ""}, {"birth_date": ["Please give the birth date."]}),
        ({"phone": "none"}, {"phone": ["Please type a phone number, with its area code."]}),
        ({"emergency_phone": "n/a"}, {"emergency_phone": ["Please type a phone number, with its area code."]}),
        ({"name": "x" * 201}, {"name": ["Ensure this value has at most 200 characters (it has 201)."]}),
        ({"address": "a\u202eb"}, {"address": [NOT_SHOWN]}),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_is_said_at_its_field_and_nothing_is_sent(edit, typed, wrong):
    answer = edit(emergency_name="Ben Adams", pronouns="she/her", **typed)
    assert (answer.status_code, answer.context["form"].errors) == (422, wrong)
    assert "There is a problem" in answer.text and "Ben Adams" in answer.text and "she/her" in answer.text
    assert not ProfileChange.objects.exists()


def test_browsers_are_told_what_each_field_is(alice, cast, signed_in):
    shown = page(alice, url("profile_edit", cast.alice_client))
    inputs = {
        re.search(r'name="(\w+)"', tag)[1]: tag for tag in re.findall(r"<(?:input|textarea)[^>]+name[^>]+>", shown)
    }
    assert 'autocomplete="name"' in inputs["name"] and 'autocomplete="street-address"' in inputs["address"]
    assert 'type="date"' in inputs["birth_date"] and 'autocomplete="bday"' in inputs["birth_date"]
    assert 'type="tel"' in inputs["phone"] and 'autocomplete="tel"' in inputs["phone"]
    # A guardian's own name is not the child's.
    assert 'autocomplete="name"' not in page(signed_in(cast.gina), url("profile_edit", cast.timo))


def test_a_guardian_proposes_for_the_child_whose_page_it_is(cast, edit, signed_in):
    edit(browser=signed_in(cast.gina), client=cast.timo, phone="+1 646 555 0123")
    assert ProfileChange.objects.get().client == cast.timo


# The practice's choice ------------------------------------------------------------------------


def test_a_closed_field_is_shown_with_whom_to_call_and_a_forged_one_changes_nothing(alice, cast, edit):
    Practice.objects.update(client_fields=["phone"])
    shown = alice.get(url("profile_edit", cast.alice_client))
    assert "To change this, please call" in shown.text and "+1 212 555 0100" in shown.text
    assert set(shown.context["form"].fields) == {"phone"}
    edit(page=shown, phone="+1 646 555 0123", name="Alice Archer", pronouns="she/her", emergency_name="Ben")
    assert waiting() == {"phone": "+1 646 555 0123"}
    assert record(cast).pronouns == ""


@pytest.mark.parametrize(
    ("closed", "forged"),
    [
        ("pronouns", {"pronouns": "she/her"}),
        ("name", {"name": "Alice Archer"}),
        ("birth_date", {"birth_date": "1991-01-01"}),
        ("address", {"address": "New Street 2"}),
        ("phone", {"phone": "+1 646 555 0123"}),
        ("emergency_contact", {"emergency_name": "Ben", "emergency_phone": "1", "emergency_relationship": "Brother"}),
    ],
)
def test_each_closed_field_is_closed_to_a_form_that_was_drawn_before(alice, cast, edit, closed, forged):
    drawn = alice.get(url("profile_edit", cast.alice_client))
    Practice.objects.update(client_fields=[name for name in ClientField.values if name != closed])
    edit(page=drawn, **forged)
    assert waiting() == {} and record(cast).pronouns == ""


def test_with_everything_closed_there_is_only_what_to_read(alice, cast):
    Practice.objects.update(client_fields=[])
    shown = page(alice, url("profile_edit", cast.alice_client))
    assert "Send for review" not in shown and "May 17, 1990" in shown
    assert alice.get(url("profile_picture", cast.alice_client)).status_code == 404
    assert "Add a picture" not in page(alice)


def test_the_practice_chooses_on_its_own_page(cast, signed_in):
    where = reverse("admin:accounts_practice_change", args=[1])
    olga = signed_in(cast.olga)
    assert 'name="client_fields" value="emergency_contact"' in re.sub(r"\s+", " ", olga.get(where).text).replace(
        'type="checkbox" ', ""
    )
    form = olga.get(where).context["adminform"].form
    facts = {bound.name: bound.value() for bound in form if bound.value() not in (None, "", False)}
    facts.pop("logo", None)
    answer = olga.post(where, {**facts, "client_fields": ["phone", "picture"]})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert Practice.current().client_fields == ["phone", "picture"]


# At once --------------------------------------------------------------------------------------


def test_pronouns_are_saved_at_once(cast, edit):
    assert "Saved." in edit(pronouns="they/them").text
    assert record(cast).pronouns == "they/them" and not ProfileChange.objects.exists()


def test_language_time_zone_and_mails_are_saved_at_once_and_ones_own_record_follows(cast, alice):
    where = reverse("accounts:profile_settings")
    alice.post(where, {"language": "es", "time_zone": "Europe/Madrid", "mails": ["files"]})
    login = User.objects.get(pk=cast.alice.pk)
    assert (login.language, login.time_zone, login.muted) == ("es", "Europe/Madrid", ["profile"])
    assert (record(cast).language, record(cast).time_zone) == ("es", "Europe/Madrid")
    assert 'lang="es"' in page(alice)


def test_a_guardians_settings_are_not_the_childs(cast, signed_in):
    signed_in(cast.gina).post(
        reverse("accounts:profile_settings"), {"language": "es", "time_zone": "Europe/Madrid", "mails": []}
    )
    assert set(Client.objects.filter(name__endswith="Gray").values_list("language", "time_zone")) == {("en", "UTC")}


def test_what_else_was_muted_stays_muted(cast, alice):
    User.objects.filter(pk=cast.alice.pk).update(muted=["messages", "files"])
    where = reverse("accounts:profile_settings")
    alice.post(where, {"language": "en", "time_zone": "UTC", "mails": ["files", "profile"]})
    assert User.objects.get(pk=cast.alice.pk).muted == ["messages"]


def test_mails_about_safety_cannot_be_muted_and_the_page_says_so(alice):
    shown = text_of(alice.get(reverse("accounts:profile_settings")))
    assert "E-mails about signing in and the safety of your login are always sent." in shown
    answer = alice.post(
        reverse("accounts:profile_settings"), {"language": "xx", "time_zone": "Nowhere", "mails": ["security"]}
    )
    assert answer.status_code == 422 and set(answer.context["form"].errors) == {"language", "time_zone", "mails"}


def test_a_login_without_the_right_to_a_profile_still_has_its_settings(cast, signed_in):
    paul = factories.user("Paul Pine")
    factories.access(paul, cast.alice_client, "partner", areas=[Area.APPOINTMENTS])
    browser, where = signed_in(paul), reverse("accounts:profile_settings")
    assert where in page(browser, "/")
    answer = browser.post(where, {"language": "en", "time_zone": "Asia/Tokyo", "mails": []}, follow=True)
    assert answer.status_code == 200 and User.objects.get(pk=paul.pk).time_zone == "Asia/Tokyo"
    assert record(cast).time_zone == "UTC"


def test_access_that_was_withdrawn_opens_nothing(cast, alice):
    Access.objects.filter(user=cast.alice).update(withdrawn_at=timezone.now())
    for address in (
        PROFILE,
        *(url(word, cast.alice_client) for word in ("profile_edit", "record_views", "client_picture")),
    ):
        assert alice.get(address).status_code == 404
