"""The pages on which staff build a form: who may, what they show, what a post does, and what it leaves alone."""

import json
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app import building
from forms_app.actions import items as verbs_of_items
from forms_app.actions import questionnaires as verbs
from forms_app.admin.items import Sheet
from forms_app.forms.conditions import Conditions
from forms_app.models import Draft, Questionnaire, QuestionnaireResponse
from tests.forms_app import corpus
from tests.forms_app.house import coding, item, resource
from tests.forms_app.test_building import REAL
from tests.forms_app.typing import typed

pytestmark = pytest.mark.django_db
WORDS = (
    "arrange",
    "move",
    "remove",
    "details",
    "discard",
    "item",
    "conditions",
    "preview",
    "publish",
    "json",
    "export",
)
CHANGES = ("arrange", "move", "remove", "details", "discard", "item", "conditions", "publish")


def url(word, row, **query):
    path = reverse(f"admin:forms_app_questionnaire_{word}", args=[row.pk])
    return f"{path}?{urlencode(query)}" if query else path


def again(row):
    return Questionnaire.objects.get(pk=row.pk)


def said(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def house(cast, signed_in):
    """Olga before a draft: yes (a boolean), one (a choice), group g with word in it."""
    options = [coding("a", "Often"), coding("b", "Never")]
    form = resource(
        item("yes", "boolean"),
        item("one", "choice", answerOption=options),
        item("g", "group", item=[item("word")]),
        item("x", enableWhen=[{"question": "yes", "operator": "=", "answerBoolean": True}]),
    )
    row = verbs.import_resource(form, by=cast.olga)
    return SimpleNamespace(row=row, browser=signed_in(cast.olga), cast=cast)


def get(house, word, **query):
    return house.browser.get(url(word, house.row, **query))


def post(house, word, query=None, **changes):
    """What the page sends with these inputs changed."""
    page = house.browser.get(url(word, house.row, **(query or {})))
    return house.browser.post(url(word, house.row, **(query or {})), typed(page, **changes))


def names(row):
    return [place.link_id for place in building.places(again(row).resource)]


# Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("who", ["bill", "rhea", "dana"])
def test_s4_who_may_not_build_changes_nothing(house, signed_in, who, word):
    browser, before = signed_in(getattr(house.cast, who)), again(house.row).resource
    sent = {"_revision": "0", "_do": "up:x", "text": "x", "title": "x", "where": "first"}
    answer = browser.post(url(word, house.row, link="x"), sent)
    reads = who != "bill" and word not in CHANGES
    assert answer.status_code == (200 if reads else 404 if who == "bill" else 403)
    assert again(house.row).resource == before and again(house.row).status == "draft"


@pytest.mark.parametrize("who", ["rhea", "dana"])
def test_who_assigns_forms_reads_them_and_sees_no_button(house, signed_in, who):
    page = signed_in(getattr(house.cast, who)).get(url("change", house.row))
    assert page.status_code == 200 and "Question x" in page.text
    assert 'name="_do"' not in page.text and "Check and publish" not in page.text


def test_clients_find_no_such_page(house, signed_in):
    for word in WORDS:
        answer = signed_in(house.cast.alice).get(url(word, house.row))
        assert answer.status_code in {302, 403, 404}, word


@pytest.mark.parametrize("word", CHANGES)
def test_of_a_published_form_no_page_changes_anything(house, word):
    verbs.publish(house.row, by=house.cast.olga)
    before = again(house.row).resource
    sent = {"_revision": "1", "_do": "up:x", "text": "x", "title": "x", "where": "first"}
    answer = house.browser.post(url(word, house.row, link="x"), sent)
    assert answer.status_code == 302 and answer.url == url("change", house.row)
    assert again(house.row).resource == before


def test_a_form_that_is_not_there_is_a_404(house):
    house.row.pk = "00000000-0000-4000-8000-000000000000"
    for word in WORDS:
        assert house.browser.get(url(word, house.row)).status_code == 404, word


def test_an_item_that_is_not_there_leads_back_with_a_word(house):
    for word in ("item", "conditions", "move", "remove"):
        answer = get(house, word, link="gone")
        assert answer.status_code == 302 and "not there any more" in said(answer), word


@pytest.mark.parametrize("revision", ["", "x", "-1", "1" * 30, "٣"])
def test_a_forged_revision_is_a_bad_request(house, revision):
    answer = house.browser.post(url("arrange", house.row), {"_do": "up:x", "_revision": revision})
    assert answer.status_code == 400


@pytest.mark.parametrize("do", ["", "delete:x", "up", "up:gone", "in:", "group:x"])
def test_a_forged_button_changes_nothing(house, do):
    before = again(house.row).resource
    answer = house.browser.post(url("arrange", house.row), {"_do": do, "_revision": "0"})
    assert answer.status_code in {302, 404, 422} and again(house.row).resource == before


# The list --------------------------------------------------------------------------------------


def test_the_list_shows_title_version_state_use_and_who_changed_it(house):
    page = house.browser.get(reverse("admin:forms_app_questionnaire_changelist"))
    for words in ("A form", "Version 1", "Draft", "Olga Owens"):
        assert words in page.text


def test_the_list_is_searched_and_filtered(house):
    other = verbs.import_resource(resource(item("a"), url="urn:other", title="Other form"), by=None)
    verbs.retire(verbs.publish(other, by=None), by=None)
    address = reverse("admin:forms_app_questionnaire_changelist")

    def listed(**query):
        return [row.title for row in house.browser.get(address, query).context["cl"].result_list]

    assert listed() == ["A form"] and listed(state="all") == ["A form", "Other form"]
    assert listed(state="retired") == ["Other form"] and listed(state="active") == []
    assert listed(q="other", state="all") == ["Other form"] and listed(q="zzz") == []


def test_the_list_asks_as_often_for_many_as_for_one(house):
    address = reverse("admin:forms_app_questionnaire_changelist")
    house.browser.get(address)
    with CaptureQueriesContext(connection) as few:
        house.browser.get(address)
    for n in range(20):
        verbs.import_resource(resource(item("a"), url=f"urn:{n}", title=f"Form {n}"), by=house.cast.olga)
    with CaptureQueriesContext(connection) as many:
        house.browser.get(address)
    assert len(many) <= len(few)
    assert not [query for query in many.captured_queries if '"forms_app_questionnaire"."resource"' in query["sql"]]


# A form as a whole -----------------------------------------------------------------------------


def test_a_form_begins_with_its_title(house):
    address = reverse("admin:forms_app_questionnaire_add")
    page = house.browser.get(address)
    answer = house.browser.post(address, typed(page, title="New intake", minutes="5"), follow=True)
    row = Questionnaire.objects.get(title="New intake")
    assert answer.redirect_chain[-1][0] == url("change", row)
    assert row.minutes == 5 and "Nothing is asked yet" in answer.text


def test_beginning_twice_by_a_double_click_makes_one_form(house):
    address = reverse("admin:forms_app_questionnaire_add")
    sent = typed(house.browser.get(address), title="New intake")
    for _ in range(2):
        assert house.browser.post(address, sent).status_code == 302
    assert Questionnaire.objects.filter(title="New intake").count() == 1


def test_a_form_without_a_title_is_asked_for_one(house):
    address = reverse("admin:forms_app_questionnaire_add")
    answer = house.browser.post(address, typed(house.browser.get(address)))
    assert answer.status_code == 200 and 'href="#id_title"' in answer.text


def test_title_description_and_duration_are_changed(house):
    assert post(house, "details", title="Other", description="About", minutes="7").status_code == 302
    row = again(house.row)
    assert (row.title, row.minutes, row.resource["description"]) == ("Other", 7, "About")


def test_discarding_is_asked_once_more(house):
    assert "Discard this draft?" in get(house, "discard").text and Questionnaire.objects.exists()
    assert post(house, "discard").status_code == 302 and not Questionnaire.objects.exists()


# The outline -----------------------------------------------------------------------------------


def test_the_outline_numbers_the_items_and_says_what_they_are(house):
    lines = get(house, "change").context["lines"]
    assert [(line["number"], line["link_id"]) for line in lines] == [
        ("1", "yes"), ("2", "one"), ("3", "g"), ("3.1", "word"), ("4", "x"),
    ]  # fmt: skip
    assert lines[1]["notes"] == ["Choose one", "2 answers"]
    assert lines[4]["notes"] == ["Short text", "Shown when “Question yes” is “Yes”"]


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("up:x", ["yes", "one", "x", "g", "word"]),
        ("down:yes", ["one", "yes", "g", "word", "x"]),
        ("in:x", ["yes", "one", "g", "word", "x"]),
        ("out:word", ["yes", "one", "g", "word", "x"]),
        ("copy:word", ["yes", "one", "g", "word", "word-2", "x"]),
        ("up:yes", ["yes", "one", "g", "word", "x"]),
    ],
)
def test_a_button_moves_an_item_and_the_focus_stays_with_it(house, do, expected):
    answer = _arrange(house, do)
    assert names(house.row) == expected
    assert answer.status_code == 302
    page = house.browser.get(answer.url)
    assert page.text.split("<main")[1].count("autofocus") == 1


def _arrange(house, do, **more):
    sent = {"_do": do, "_revision": again(house.row).revision, **more}
    return house.browser.post(url("arrange", house.row), sent)


def test_focus_goes_to_the_other_button_where_a_way_ends(house):
    page = house.browser.get(_arrange(house, "up:one").url)
    start = page.text.index("autofocus")
    assert 'value="down:one"' in page.text[start - 300 : start]


def test_a_double_click_moves_once(house):
    page = get(house, "change")
    token = typed(page)["csrfmiddlewaretoken"]
    sent = {"_do": "up:x", "_revision": "0", "csrfmiddlewaretoken": token}
    first, second = (house.browser.post(url("arrange", house.row), sent) for _ in range(2))
    assert names(house.row) == ["yes", "one", "x", "g", "word"]
    assert not said(second) and first.url == second.url


def test_ticked_items_go_into_a_new_group(house):
    assert _arrange(house, "group", chosen=["yes", "one"], text="Both").status_code == 302
    assert names(house.row)[:3] == ["both", "yes", "one"]


def test_a_group_of_nothing_is_told(house):
    answer = _arrange(house, "group", text="Both")
    assert answer.status_code == 422 and "Please tick the items" in answer.text


def test_an_item_is_moved_to_any_place(house):
    assert post(house, "move", {"link": "x"}, where="under:g").status_code == 302
    assert names(house.row) == ["yes", "one", "g", "word", "x"]
    assert post(house, "move", {"link": "g"}, where="first").status_code == 302
    assert names(house.row)[0] == "g"


@pytest.mark.parametrize("where", ["under:g", "after:word", "after:g", "under:gone", "", "under:"])
def test_a_group_is_not_offered_a_place_within_itself(house, where):
    assert post(house, "move", {"link": "g"}, where=where).status_code == 422
    assert again(house.row).revision == 0


def test_removing_says_what_depends_on_it_first(house):
    page = get(house, "remove", link="yes")
    assert "Question x" in page.text and again(house.row).revision == 0
    assert post(house, "remove", {"link": "yes"}).status_code == 302
    assert names(house.row) == ["one", "g", "word", "x"]
    assert "enableWhen" not in building.find(again(house.row).resource, "x")


def test_removing_a_group_says_how_many_go_with_it(house):
    assert "1 item below it goes with it" in get(house, "remove", link="g").text


# Two at once -----------------------------------------------------------------------------------


def test_the_second_of_two_reads_who_changed_it_and_keeps_what_was_typed(house):
    page = get(house, "item", link="x")
    post(house, "item", {"link": "x"}, text="Theirs")
    answer = house.browser.post(url("item", house.row, link="x"), typed(page, text="Mine", help="Also mine"))
    assert answer.status_code == 409
    for words in ("Olga Owens changed this form at", "Theirs", "Mine", "Also mine"):
        assert words in answer.text
    assert building.find(again(house.row).resource, "x")["text"] == "Theirs"
    assert house.browser.post(url("item", house.row, link="x"), typed(answer)).status_code == 302
    assert building.find(again(house.row).resource, "x")["text"] == "Mine"


@pytest.mark.parametrize(
    ("word", "query", "sent"),
    [
        ("move", {"link": "x"}, {"where": "first"}),
        ("remove", {"link": "x"}, {}),
        ("details", {}, {"title": "Mine"}),
        ("discard", {}, {}),
        ("publish", {}, {}),
        ("conditions", {"link": "x"}, {}),
    ],
)
def test_no_page_overwrites_what_somebody_else_did(house, word, query, sent):
    page = get(house, word, **query)
    _arrange(house, "up:x")
    before = again(house.row).resource
    answer = house.browser.post(url(word, house.row, **query), typed(page, **sent))
    assert "changed this form at" in said(answer) + answer.text
    assert again(house.row).resource == before and again(house.row).status == "draft"


def test_an_item_that_was_removed_meanwhile_is_told(house):
    page = get(house, "item", link="x")
    post(house, "remove", {"link": "x"})
    answer = house.browser.post(url("item", house.row, link="x"), typed(page, text="Mine"))
    assert answer.status_code == 302 and "not there any more" in said(answer)


# An item ---------------------------------------------------------------------------------------


def test_what_can_be_added_is_offered_in_plain_words(house):
    page = get(house, "item")
    for words in ("Short text", "Choose one", "Scale", "Consent tick", "Signature", "File", "Date"):
        assert words in page.text


@pytest.mark.parametrize("kind", [kind for kind in building.KINDS if kind != "other"])
def test_every_kind_can_be_added_and_published(house, kind):
    sent = {"text": "Something new", "_do": "save"}
    if "options" in building.FIELDS[kind]:
        sent["options-lines"] = "Yes = 1\nNo = 0"
    assert post(house, "item", {"kind": kind}, **sent).status_code == 302
    made = building.find(again(house.row).resource, "something-new")
    assert building.kind_of(made) == kind and made["text"] == "Something new"
    if kind == "group":
        post(house, "item", {"kind": "string", "under": "something-new"}, text="Within", _do="save")
    assert verbs.publish(again(house.row), by=house.cast.olga).status == "active"


@pytest.mark.parametrize("kind", ["other", "nothing", "<b>"])
def test_a_kind_that_is_none_is_not_found(house, kind):
    assert get(house, "item", kind=kind).status_code == 404


def test_saving_and_adding_another_goes_on_with_the_same_kind_below(house):
    answer = post(house, "item", {"kind": "string", "after": "yes"}, text="First", _do="another")
    assert names(house.row)[:2] == ["yes", "first"]
    page = house.browser.get(answer.url)
    house.browser.post(answer.url, typed(page, text="Second", _do="save"))
    assert names(house.row)[:3] == ["yes", "first", "second"]


@pytest.mark.parametrize("where", ["after", "under"])
def test_an_item_whose_neighbour_a_colleague_removed_meanwhile_is_kept_at_the_end(house, where):
    at = {"kind": "string", where: "g"}
    verbs_of_items.remove_item(house.row, "g", by=house.cast.olga, revision=0)
    assert post(house, "item", at, text="Long thought about", _do="save").status_code == 302
    assert names(house.row)[-1] == "long-thought-about"


def test_an_item_without_words_is_asked_for_them(house):
    answer = post(house, "item", {"link": "x"}, text="  ", _do="save")
    assert answer.status_code == 422 and 'href="#id_text"' in answer.text
    assert again(house.row).revision == 0


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("string", {"text": ""}),
        ("integer", {"minimum": "many"}),
        ("integer", {"minimum": "5", "maximum": "1"}),
        ("decimal", {"decimals": "-1"}),
        ("decimal", {"minimum": "1e99999999"}),
        ("choice", {"options-count": "1", "option-0-label": "A", "option-0-score": "1e9999999"}),
        ("date", {"minimum": "tomorrow"}),
        ("date", {"minimum": "20260101"}),
        ("date", {"minimum": "2026-02-30"}),
        ("dateTime", {"maximum": "2026-01-01T10:00"}),
        ("dateTime", {"maximum": "2026-W01-1"}),
        ("dateTime", {"maximum": "20260101T10+0100"}),
        ("scale", {"minimum": "", "maximum": "10"}),
        ("decimal", {"calculated": "1 +"}),
        ("string", {"max_length": "long"}),
        ("string", {"text": "control \x07"}),
        ("choice", {"options-lines": ""}),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_stored_nowhere(house, kind, wrong):
    answer = post(house, "item", {"kind": kind}, **{"text": "New", "_do": "save", **wrong})
    assert answer.status_code == 422 and "error-summary" in answer.text
    assert again(house.row).revision == 0


def test_options_are_added_scored_marked_turned_over_and_removed(house):
    answer = post(house, "item", {"link": "one"}, _do="down:0")
    assert [form["label"].value() for form in answer.context["sheet"].options.forms] == ["Never", "Often"]
    assert again(house.row).revision == 0
    sent = typed(
        answer, **{"_do": "save", "option-0-score": "0", "option-1-alerts": "on", "options-lines": "Always = 3"}
    )
    assert house.browser.post(url("item", house.row, link="one"), sent).status_code == 302
    rows = building.option_rows(building.find(again(house.row).resource, "one"))
    assert [(row.label, row.score, row.alerts) for row in rows] == [
        ("Never", "0", False), ("Often", "", True), ("Always", "3", False),
    ]  # fmt: skip
    answer = post(house, "item", {"link": "one"}, _do="remove:0")
    house.browser.post(url("item", house.row, link="one"), typed(answer, _do="save"))
    assert len(building.option_rows(building.find(again(house.row).resource, "one"))) == 2


@pytest.mark.parametrize("do", ["up:99", "down:-1", "remove:x", "up:", "remove:99999999999999999999"])
def test_forged_buttons_of_options_change_nothing(house, do):
    assert post(house, "item", {"link": "one"}, _do=do).status_code == 200
    assert again(house.row).revision == 0


def test_an_answer_that_a_condition_names_is_not_removed(house):
    post(house, "conditions", {"link": "word"}, question="one", _do="add")
    verbs_row = building.Row("one", "=", "0")
    changed = building.set_conditions(again(house.row).resource, "word", [verbs_row], "any")
    Questionnaire.objects.filter(pk=house.row.pk).update(resource=changed)
    page = post(house, "item", {"link": "one"}, _do="remove:0")
    answer = house.browser.post(url("item", house.row, link="one"), typed(page, _do="save"))
    assert answer.status_code == 422 and "only shown when this is chosen" in answer.text


def test_another_kind_shows_its_fields_with_what_was_typed(house):
    page = post(house, "item", {"link": "x"}, text="Typed", kind="integer", _do="kind")
    assert page.status_code == 200 and "Typed" in page.text and 'name="minimum"' in page.text
    sent = typed(page, minimum="1", _do="save")
    assert house.browser.post(url("item", house.row, link="x"), sent).status_code == 302
    changed = building.find(again(house.row).resource, "x")
    assert (changed["type"], changed["text"]) == ("integer", "Typed") and changed["enableWhen"]


def test_words_in_markup_are_words_everywhere(house):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    post(house, "item", {"link": "one"}, **{"text": evil, "help": evil, "options-lines": evil, "_do": "save"})
    for word in ("change", "item", "conditions", "remove", "move", "preview", "publish", "json"):
        page = get(house, word, link="one")
        assert page.status_code == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text, word


# Conditions ------------------------------------------------------------------------------------


def test_a_condition_is_made_by_choosing_question_operator_and_answer(house):
    page = post(house, "conditions", {"link": "word"}, question="one", _do="add")
    assert page.status_code == 200 and again(house.row).revision == 0
    sent = typed(page, **{"row-0-operator": "=", "row-0-answer": "1", "_do": "save"})
    assert house.browser.post(url("conditions", house.row, link="word"), sent).status_code == 302
    assert building.find(again(house.row).resource, "word")["enableWhen"] == [
        {"question": "one", "operator": "=", "answerCoding": coding("b", "Never")["valueCoding"]}
    ]


def test_several_conditions_have_to_be_so_all_or_one(house):
    page = post(house, "conditions", {"link": "x"}, question="one", _do="add")
    sent = typed(page, **{"row-1-answer": "0", "behavior": "all", "_do": "save"})
    house.browser.post(url("conditions", house.row, link="x"), sent)
    changed = building.find(again(house.row).resource, "x")
    assert changed["enableBehavior"] == "all" and len(changed["enableWhen"]) == 2


def test_a_condition_is_taken_out(house):
    page = post(house, "conditions", {"link": "x"}, _do="remove:0")
    house.browser.post(url("conditions", house.row, link="x"), typed(page, _do="save"))
    assert "enableWhen" not in building.find(again(house.row).resource, "x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"row-0-answer": "", "_do": "save"},
        {"row-0-answer": "maybe", "_do": "save"},
        {"row-0-operator": ">", "_do": "save"},
        {"row-0-operator": "", "_do": "save"},
        {"question": "", "_do": "add"},
        {"question": "x", "_do": "add"},
        {"question": "gone", "_do": "add"},
    ],
)
def test_a_condition_that_is_none_is_told(house, wrong):
    answer = post(house, "conditions", {"link": "x"}, **wrong)
    assert answer.status_code == 422 and "error-summary" in answer.text
    assert again(house.row).revision == 0


# Trying, checking, handing out -----------------------------------------------------------------


def test_what_no_clock_shows_is_no_answer_of_a_condition(house):
    post(house, "item", {"kind": "time"}, text="When", _do="save")
    page = post(house, "conditions", {"link": "word"}, question="when", _do="add")
    sent = typed(page, **{"row-0-operator": ">=", "row-0-answer": "noon", "_do": "save"})
    answer = house.browser.post(url("conditions", house.row, link="word"), sent)
    assert answer.status_code == 422 and "10:30" in answer.text
    sent = typed(answer, **{"row-0-answer": "12:00", "_do": "save"})
    assert house.browser.post(url("conditions", house.row, link="word"), sent).status_code == 302
    assert verbs.publish(again(house.row), by=house.cast.olga).status == "active"


def test_the_preview_shows_what_conditions_bring_and_stores_nothing(house):
    page = get(house, "preview")
    assert not page.context["page"].filled.node("x").enabled
    page = house.browser.post(url("preview", house.row), typed(page, yes="true", _do="try"))
    assert page.context["page"].filled.node("x").enabled
    page = house.browser.post(url("preview", house.row), typed(page, _do="submit"))
    assert page.status_code == 200 and "It could be submitted like this." in page.text
    assert not Draft.objects.exists() and not QuestionnaireResponse.objects.exists()
    assert again(house.row).revision == 0


def test_the_preview_says_what_would_be_missing(cast, signed_in):
    row = verbs.import_resource(resource(item("a", required=True)), by=None)
    browser = signed_in(cast.olga)
    page = browser.post(url("preview", row), typed(browser.get(url("preview", row)), _do="submit"))
    assert page.context["page"].errors and "error-summary" in page.text


def test_the_preview_adds_and_removes_what_repeats(cast, signed_in):
    row = verbs.import_resource(resource(item("g", "group", repeats=True, item=[item("a")])), by=None)
    browser, address = signed_in(cast.olga), url("preview", row)
    page = browser.post(address, typed(browser.get(address), _do="add:g"))
    assert "a#1" in page.context["shown_keys"]
    page = browser.post(address, typed(page, **{"a#1": "kept", "_do": "remove:g:0"}))
    assert "a#0" not in page.context["shown_keys"] and "kept" in page.text


@pytest.mark.parametrize("entries", ["", "[", "[]", "7", '{"a": 7}', "null", "[" * 100_000, '{"a": [{"b": []}]}'])
def test_a_forged_preview_is_a_page(house, entries):
    sent = {"_entries": entries, "_shown": ["yes", "gone"], "yes": ["x", "y"], "_do": "remove:x:y:z"}
    assert house.browser.post(url("preview", house.row), sent).status_code == 200


def test_publishing_is_refused_with_what_has_to_be_solved(house):
    changed = {**again(house.row).resource, "item": [item("a", "choice")]}
    Questionnaire.objects.filter(pk=house.row.pk).update(resource=changed)
    page = get(house, "publish")
    assert not page.context["may_publish"] and page.context["levels"][0]["lines"]
    answer = house.browser.post(url("publish", house.row), {"_revision": "0"})
    assert answer.status_code == 422 and again(house.row).status == "draft"


def test_publishing_freezes_and_leads_back(house):
    answer = post(house, "publish")
    assert answer.status_code == 302 and again(house.row).status == "active"
    page = house.browser.get(answer.url)
    assert "New version" in page.text and 'name="chosen"' not in page.text


def test_a_new_version_is_one_press(house):
    verbs.publish(house.row, by=house.cast.olga)
    answer = house.browser.post(reverse("admin:forms_app_questionnaire_do", args=[house.row.pk, "new_version"]))
    newer = Questionnaire.objects.drafts().get()
    assert answer.url == url("change", newer) and newer.version == "2"


def test_retiring_is_one_press(house):
    verbs.publish(house.row, by=house.cast.olga)
    house.browser.post(reverse("admin:forms_app_questionnaire_do", args=[house.row.pk, "retire"]))
    assert again(house.row).status == "retired"


def test_the_file_is_the_resource(house):
    answer = get(house, "export")
    assert answer["Content-Type"].startswith("application/fhir+json")
    assert "A-form" in answer["Content-Disposition"] or "a-form-1.json" in answer["Content-Disposition"]
    assert json.loads(answer.content) == again(house.row).resource
    assert next(iter(json.loads(answer.content))) == "resourceType"


@pytest.mark.parametrize("name", sorted(REAL)[::6])
def test_what_is_exported_is_imported_again_with_equal_content(cast, signed_in, name):
    row = verbs.import_resource(corpus.load("questionnaires", *name.split("/")), by=None)
    exported = json.loads(signed_in(cast.olga).get(url("export", row)).content)
    other = verbs.import_resource({**exported, "url": "urn:again"}, by=None)
    assert {**again(other).resource, "url": row.url} == again(row).resource


# Opened and saved ------------------------------------------------------------------------------


def sent_back(form):
    """What a browser sends of this form when nobody touches it."""
    sent = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, bool):
            sent |= {bound.html_name: "on"} if value else {}
        elif value is not None:
            sent[bound.html_name] = str(value).replace("\r\n", "\n").replace("\n", "\r\n")
    return sent


def untouched(sheet):
    sent = sent_back(sheet.form)
    if sheet.options is not None:
        for form in sheet.options.forms:
            sent |= {name: value.replace("\r\n", "") for name, value in sent_back(form).items()}
        sent["options-count"] = str(len(sheet.options.forms))
    query = QueryDict(mutable=True)
    query.update(sent)
    return query


@pytest.mark.parametrize("name", REAL)
def test_an_item_that_is_opened_and_saved_is_as_it_was(name):
    """Every item of every questionnaire from outside: nothing that the page does not know is lost."""
    form = REAL[name]
    for place in building.places(form):
        kind = building.kind_of(place.item)
        saved = Sheet(place.item, kind, untouched(Sheet(place.item, kind, None)))
        assert saved.is_valid(), (place.link_id, saved.form.errors)
        assert saved.changes() == {}, place.link_id


@pytest.mark.parametrize("name", REAL)
def test_conditions_that_are_opened_and_saved_are_as_they_were(name):
    form = REAL[name]
    for place in [place for place in building.places(form) if place.item.get("enableWhen")]:
        shown = Conditions(form, place.item)
        query = QueryDict(mutable=True)
        query["row-count"], query["behavior"] = str(len(shown.all)), shown.behavior
        for one in shown.all:
            query[f"{one.name}-question"], query[f"{one.name}-operator"] = one.row.question, one.row.operator
            query[f"{one.name}-answer"], query[f"{one.name}-was"] = one.answer, str(one.row.was)
        saved = Conditions(form, place.item, query)
        assert saved.is_valid(), place.link_id
        assert building.set_conditions(form, place.link_id, saved.rows(), saved.behavior) == form


def test_real_pages_are_opened_and_saved_without_a_change(cast, signed_in):
    """The same through the pages themselves, with one item of each kind."""
    browser, seen = signed_in(cast.olga), set()
    for name, form in REAL.items():
        fresh = [place for place in building.places(form) if not building.is_part(place.item)]
        fresh = [place for place in fresh if building.kind_of(place.item) not in seen]
        if not fresh:
            continue
        row = verbs.import_resource(form, by=None)
        for place in {building.kind_of(place.item): place for place in fresh}.values():
            seen.add(building.kind_of(place.item))
            for word in ("item", "conditions"):
                address = url(word, row, link=place.link_id)
                answer = browser.post(address, typed(browser.get(address), _do="save"))
                assert answer.status_code == 302, (name, word, place.link_id)
                assert again(row).revision == 0, (name, word, place.link_id)
    assert len(seen) > 12


@pytest.mark.parametrize("name", sorted(REAL)[::4])
def test_every_page_of_real_forms_is_shown(cast, signed_in, name):
    row = verbs.import_resource(REAL[name], by=None)
    browser = signed_in(cast.olga)
    for word in ("change", "preview", "publish", "json"):
        assert browser.get(url(word, row)).status_code == 200, word
