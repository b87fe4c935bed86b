"""Two versions of the answers side by side: either can be taken, the other stays, without a script too."""

import re

import pytest
from django.urls import reverse

from forms_app.actions import assignments, drafts
from forms_app.models import Draft, DraftVersion
from tests import factories
from tests.forms_app.house import asked, coding, item, save, submit
from tests.forms_app.sheets import unit
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(cast):
    colours = [coding("r", "Red"), coding("b", "Blue")]
    return asked(
        cast.alice_client,
        item("name"),
        item("colour", "choice", answerOption=colours),
        item("age", "integer"),
        item("same"),
    )


@pytest.fixture
def kept(cast, form):
    """What the laptop typed, after the phone."""
    save(form, cast.alice, page="phone", name="from the phone", colour="0", same="same")
    return save(form, cast.alice, page="laptop", name="from the laptop", colour="1", age="old", same="same").conflict


def url(form, **query):
    return reverse("forms_app:versions", args=[form.pk], query=query)


def fill(form):
    return reverse("forms_app:fill", args=[form.pk])


def rows(answer):
    """The cells of each row of the table, as text."""
    body = re.search(r"<tbody>(.*?)</tbody>", answer.text, re.DOTALL)[1]
    lines = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def entries(form):
    return Draft.objects.get(pk=form.pk).entries


def test_what_differs_stands_side_by_side_in_words(cast, signed_in, form, kept):
    assert rows(signed_in(cast.alice).get(url(form))) == [
        ["Question name", "from the phone", "from the laptop"],
        ["Question colour", "Red", "Blue"],
        ["Question age", "No answer", "old"],
    ]


def test_what_differs_within_several_of_a_group_names_which_and_shows_words_only(cast, signed_in):
    weighed = item("much", "quantity", extension=[unit("mg"), unit("g")])
    form = asked(cast.alice_client, item("m", "group", text="Medicine", repeats=True, item=[weighed]))
    two = {"_do": ["add:m"]}
    save(form, cast.alice, page="phone", **two, **{"much#0": "1", "much#0~unit": "0"})
    save(form, cast.alice, page="phone", revision=1, **{"much#1": "two", "much#1~unit": "1"})
    save(form, cast.alice, page="laptop", **{"much#1": "three", "much#1~unit": "1"})
    assert rows(signed_in(cast.alice).get(url(form))) == [["Medicine 2 · Question much", "two", "three"]]


def test_a_version_is_taken_and_the_other_is_kept_in_its_place(cast, signed_in, form, kept):
    browser = signed_in(cast.alice)
    answer = browser.post(url(form), {"take": str(kept.pk)}, follow=True)
    assert answer.redirect_chain[0] == (fill(form), 302)
    assert "You go on with the version of" in answer.text
    assert entries(form)["name"] == ["from the laptop"]
    assert DraftVersion.objects.get().entries["name"] == ["from the phone"]


def test_one_can_go_back_to_the_other_until_it_is_submitted(cast, signed_in, form, kept):
    browser = signed_in(cast.alice)
    browser.post(url(form), {"take": str(kept.pk)})
    browser.post(url(form), {"take": str(DraftVersion.objects.get().pk)})
    assert entries(form)["name"] == ["from the phone"]
    assert DraftVersion.objects.get().entries["name"] == ["from the laptop"]


def test_of_several_versions_each_can_be_looked_at(cast, signed_in, form, kept):
    tablet = save(form, cast.alice, page="tablet", name="from the tablet").conflict
    browser = signed_in(cast.alice)
    for version, name in ((kept, "from the laptop"), (tablet, "from the tablet")):
        answer = browser.get(url(form, version=version.pk))
        assert rows(answer)[0] == ["Question name", "from the phone", name]
        assert answer.text.count(f'<a href="?version={version.pk}" aria-current="true"') == 1


@pytest.mark.parametrize("version", ["x", "00000000-0000-0000-0000-000000000000", "../", ""])
def test_a_version_that_is_not_there_is_the_newest(cast, signed_in, form, kept, version):
    assert rows(signed_in(cast.alice).get(url(form, version=version)))[0][2] == "from the laptop"


def test_taking_one_that_was_taken_in_another_tab_leads_on(cast, signed_in, form, kept):
    browser = signed_in(cast.alice)
    browser.post(url(form), {"take": str(kept.pk)})
    assert browser.post(url(form), {"take": str(kept.pk)})["Location"] == fill(form)
    assert entries(form)["name"] == ["from the laptop"]


@pytest.mark.parametrize("take", ["", "x", "1", "None"])
def test_a_forged_key_is_not_found(cast, signed_in, form, kept, take):
    assert signed_in(cast.alice).post(url(form), {"take": take}).status_code == 404


def test_without_a_second_version_there_is_no_such_page(cast, signed_in, form):
    save(form, cast.alice, name="only")
    assert signed_in(cast.alice).get(url(form))["Location"] == fill(form)


def test_once_submitted_there_is_nothing_to_choose(cast, signed_in, form, kept):
    submit(form, cast.alice, page="phone", name="done")
    assert not DraftVersion.objects.exists()
    assert signed_in(cast.alice).get(url(form))["Location"] == fill(form)


def test_what_was_cancelled_meanwhile_is_told(cast, signed_in, form, kept):
    browser = signed_in(cast.alice)
    assignments.cancel(form, by=cast.dana)
    answer = browser.post(url(form), {"take": str(kept.pk)}, follow=True)
    assert "This form is no longer needed." in answer.text
    assert entries(form)["name"] == ["from the phone"]


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_nobody_else_sees_or_takes_them(cast, signed_in, form, kept, who):
    browser = signed_in(getattr(cast, who))
    assert browser.get(url(form)).status_code == 404
    assert browser.post(url(form), {"take": str(kept.pk)}).status_code == 404
    assert entries(form)["name"] == ["from the phone"]


def test_anothers_version_is_not_taken_into_ones_own_form(cast, signed_in, form, kept):
    own = asked(cast.bob_client, item("name"), url="http://example.org/Questionnaire/bob")
    save(own, cast.bob, name="Bob")
    signed_in(cast.bob).post(url(own), {"take": str(kept.pk)})
    assert entries(own)["name"] == ["Bob"] and DraftVersion.objects.get() == kept


def test_each_of_two_guardians_may_choose(cast, signed_in, form, kept):
    factories.access(cast.gina, cast.alice_client, "guardian")
    assert "from the laptop" in signed_in(cast.gina).get(url(form)).text


def test_markup_in_either_is_text(cast, signed_in, form):
    save(form, cast.alice, page="phone", name="<script>alert(1)</script>")
    save(form, cast.alice, page="laptop", name="<img src=x onerror=alert(2)>")
    text = signed_in(cast.alice).get(url(form)).text
    assert "<script>alert" not in text and "<img src=x" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_saving_without_a_script_from_an_old_page_leads_to_the_choice(cast, signed_in, form):
    save(form, cast.alice, page="phone", name="phone")
    fields = {"_revision": 0, "_page": "laptop", "_shown": ["name"], "name": "laptop", "_do": "save"}
    answer = signed_in(cast.alice).post(fill(form), fields, follow=True)
    assert answer.redirect_chain == [(url(form), 302)]
    assert rows(answer) == [["Question name", "phone", "laptop"]]


@pytest.mark.django_db(transaction=True)
def test_taken_in_two_tabs_at_once_nothing_is_lost(cast):
    form = asked(cast.alice_client, item("name"))
    save(form, cast.alice, page="phone", name="phone")
    version = save(form, cast.alice, page="laptop", name="laptop").conflict
    outcomes = at_once(*[lambda: drafts.take_version(version, by=cast.alice)] * 2)
    kept = [entries(form)["name"], *(each.entries["name"] for each in DraftVersion.objects.all())]
    assert sorted(kept) == [["laptop"], ["phone"]], outcomes
    assert entries(form)["name"] == ["laptop"]
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
