"""A long intake with conditions: on a phone by keyboard alone, offline in between, signed out and back; and without
a script."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from forms_app.models import Draft, QuestionnaireResponse
from tests.browser.conftest import PHONE, listens
from tests.browser.forms import field, open_form, url_of
from tests.browser.test_idle import sign_in_by_form
from tests.forms_app.house import asked, coding, item

OFTEN = [coding(str(n), words) for n, words in enumerate(("Never", "Sometimes", "Often", "Always"))]
COUNTRIES = [coding(f"c{n}", f"Country {n}") for n in range(12)]
SIGNED = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"}
SIGNED["valueCodeableConcept"] = {
    "coding": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7"}]
}


def group(link_id, *items):
    return item(link_id, "group", text=f"Part {link_id}", item=list(items))


def follow_up(n):
    when = [{"question": f"had{n}", "operator": "=", "answerBoolean": True}]
    return item(f"year{n}", "integer", enableWhen=when, required=True)


def intake():
    """Sixty questions in five parts; every second of the second part depends on the one before it."""
    about = [item(f"about{n}", required=n < 3) for n in range(8)]
    choices = [item("country", "choice", answerOption=COUNTRIES), item("born", "date"), item("tall", "integer")]
    had = [each for n in range(8) for each in (item(f"had{n}", "boolean"), follow_up(n))]
    often = [item(f"often{n}", "choice", answerOption=OFTEN, required=True) for n in range(16)]
    words = [item(f"words{n}", "text") for n in range(14)]
    drinks = item(
        "drinks", "choice", repeats=True, answerOption=[{"valueString": s} for s in ("Tea", "Coffee", "Water")]
    )
    end = [drinks, item("agrees", "boolean", required=True), item("sign", extension=[SIGNED], required=True)]
    return [
        group("about", *about, *choices),
        group("had", *had),
        group("often", *often),
        group("words", *words),
        group("end", *end),
    ]


ANSWERS = {
    **{f"about{n}": f"About {n}" for n in range(8)},
    "country": "3",
    "born": "05171990",
    "tall": "180",
    **{f"had{n}": "true" if n % 2 else "false" for n in range(8)},
    **{f"year{n}": str(2000 + n) for n in range(1, 8, 2)},
    **{f"often{n}": str(n % 4) for n in range(16)},
    **{f"words{n}": f"Words of {n}" for n in range(14)},
    "drinks": "1",
    "agrees": "true",
    "sign~name": "Alice Adams",
}


@pytest.fixture
def form(cast):
    questions = intake()
    assert sum(len(part["item"]) for part in questions) == 60
    return asked(cast.alice_client, *questions)


# By keyboard alone --------------------------------------------------------------------------------

FOCUSED = """() => {
  const e = document.activeElement;
  return { name: e.name ?? "", type: e.type ?? "", value: e.value ?? "", tag: e.tagName, text: e.textContent.trim() };
}"""


def tab(page):
    page.keyboard.press("Tab")
    return page.evaluate(FOCUSED)


def tab_to(page, wanted, most=120):
    """Press Tab until something with these words has the focus."""
    for _ in range(most):
        if wanted.fullmatch(tab(page)["text"]):
            return
    raise AssertionError(f"{wanted} is not reached")


def answer_by_keyboard(page, focus, wanted):
    if focus["type"] == "radio":
        page.keyboard.press("Space")
        for _ in range(10):
            if page.evaluate(FOCUSED)["value"] == wanted:
                break
            page.keyboard.press("ArrowDown")
    elif focus["type"] == "checkbox":
        if focus["value"] == wanted:
            page.keyboard.press("Space")
    elif focus["tag"] == "SELECT":
        page.keyboard.type(f"Country {wanted}")
    else:
        page.keyboard.type(wanted)


def follow_up_comes(page, name, wanted):
    """Where an answer brings up the next question, it stands there before one goes on."""
    later = page.locator(f'[data-item="{name.replace("had", "year")}"]')
    if name.startswith("had"):
        expect(later).to_be_visible() if wanted == "true" else expect(later).to_be_hidden()


def fill_step(page, before="Save and continue", only=None):
    """Go through the fields of this step with Tab, answer each, and stop at its button."""
    done = set()
    for _ in range(150):
        focus = tab(page)
        if focus["text"] == before:
            return done
        name, wanted = focus["name"], ANSWERS.get(focus["name"])
        if wanted is None or (name in done and focus["type"] != "checkbox") or (only and name not in only):
            continue
        answer_by_keyboard(page, focus, wanted)
        follow_up_comes(page, name, wanted)
        done.add(name)
    raise AssertionError("The end of the step is not reached")


def go_on(page, heading):
    page.keyboard.press("Enter")
    expect(page.locator(".fill-steps summary")).to_contain_text(heading)
    listens(page)


def test_an_intake_of_sixty_items_on_a_phone_by_keyboard_alone(new_context, cast, sign_in, form, axe):
    context = new_context(viewport=PHONE, watched=False)
    page = context.new_page()
    open_form(page, sign_in, cast.alice, form)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    axe(page)
    fill_step(page)
    go_on(page, "Part had")
    loses_the_line(context, page, axe)
    signs_out_and_comes_back(page)
    go_on_from(page, form)
    fill_step(page)
    axe(page)
    go_on(page, "Part often")
    fill_step(page)
    axe(page)
    go_on(page, "Part words")
    fill_step(page)
    go_on(page, "Part end")
    fill_step(page)
    axe(page)
    go_on(page, "Look over")
    axe(page)
    assert not QuestionnaireResponse.objects.exists()
    tab_to(page, re.compile("Submit"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/response/"))
    axe(page)
    says_what_was_answered()


def loses_the_line(context, page, axe):
    """In the middle of the second part."""
    tab_to(page, re.compile("Step 2 of 6.*", re.DOTALL))
    while tab(page)["name"] != "had0":
        pass
    context.set_offline(True)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-saved]")).to_have_text("Not saved yet; trying again")
    axe(page)
    with page.expect_response("**/autosave/"):
        context.set_offline(False)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    assert Draft.objects.get().entries["had0"] == ["false"]


def signs_out_and_comes_back(page):
    tab_to(page, re.compile("Account of Alice.*|A.*Alice.*", re.DOTALL), most=200)
    page.keyboard.press("Enter")
    tab_to(page, re.compile("Log out"), most=200)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account/"))
    page.goto(reverse("forms_app:forms"))
    sign_in_by_form(page)
    page.wait_for_url(f"**{reverse('forms_app:forms')}")
    listens(page)


def go_on_from(page, form):
    """From the list, by its link; the first part is as it was, and one goes to the second."""
    tab_to(page, re.compile("Continue.*", re.DOTALL))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{url_of(form)}")
    listens(page)
    for name in ("about0", "about7", "tall"):
        expect(field(page, name)).to_have_value(ANSWERS[name])
    expect(field(page, "born")).to_have_value("1990-05-17")
    tab_to(page, re.compile("Save and continue"))
    go_on(page, "Part had")
    expect(page.locator("[name=had0][value=false]")).to_be_checked()


def says_what_was_answered():
    resource = QuestionnaireResponse.objects.get().resource
    said = {
        one["linkId"]: one["answer"] for part in resource["item"] for one in part.get("item", []) if one.get("answer")
    }
    assert said["about0"] == [{"valueString": "About 0"}] and said["born"] == [{"valueDate": "1990-05-17"}]
    assert said["had1"] == [{"valueBoolean": True}] and said["year1"] == [{"valueInteger": 2001}]
    assert not {f"year{n}" for n in range(0, 8, 2)} & set(said), "hidden by a condition: no part of it"
    assert [said[f"often{n}"][0]["valueCoding"]["code"] for n in range(16)] == [str(n % 4) for n in range(16)]
    assert said["words13"] == [{"valueString": "Words of 13"}]
    assert said["drinks"] == [{"valueString": "Coffee"}] and said["agrees"] == [{"valueBoolean": True}]


# Without a script ---------------------------------------------------------------------------------


def type_in(page, name, wanted):
    inputs = page.locator(f'[name="{name}"]')
    if not inputs.count():
        return
    kind = inputs.first.get_attribute("type")
    if kind in {"radio", "checkbox"}:
        page.locator(f'[name="{name}"][value="{wanted}"]').check()
    elif name == "country":
        inputs.first.select_option(wanted)
    else:
        inputs.first.fill("1990-05-17" if name == "born" else wanted)


def fill_all(page):
    for name, wanted in ANSWERS.items():
        if page.locator(f'[name="{name}"]').count() and page.locator(f'[name="{name}"]').first.is_visible():
            type_in(page, name, wanted)


def test_the_same_intake_without_a_script(plain_page, cast, sign_in, form):
    page = plain_page
    sign_in(page, cast.alice)
    page.goto(url_of(form))
    for part in ("Part had", "Part often", "Part words", "Part end", "Look over"):
        fill_all(page)
        page.get_by_role("button", name="Save and continue").click()
        if part == "Part often":
            expect(page.get_by_text("Your answers bring up 4 more questions")).to_be_visible()
            fill_all(page)
            page.get_by_role("button", name="Save and continue").click()
        expect(page.locator(".fill-steps summary")).to_contain_text(part)
    page.get_by_role("button", name="Submit", exact=True).click()
    page.wait_for_url(re.compile("/response/"))
    says_what_was_answered()
