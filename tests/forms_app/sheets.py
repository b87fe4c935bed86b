"""Forms in every state that the page to fill them in shows."""

import json

from django.urls import reverse

from forms_app.actions import assignments, reviews
from tests.forms_app.house import asked, coding, item, save, submit
from tests.laws.sources import ROOT

CORE = "http://hl7.org/fhir/StructureDefinition/"
LONG = "Donaudampfschifffahrtsgesellschaft" * 4


def control(code):
    return {
        "url": CORE + "questionnaire-itemControl",
        "valueCodeableConcept": {
            "coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}]
        },
    }


def limit(name, **value):
    return {"url": CORE + name, **value}


def unit(code):
    return limit("questionnaire-unitOption", valueCoding={"code": code, "display": code})


def signature(link_id="sign", **more):
    signs = limit("questionnaire-signatureRequired", valueCodeableConcept={})
    return item(link_id, text="I have read and understood this.", extension=[signs], **more)


def choice(link_id, many=3, kind="choice", **more):
    return item(link_id, kind, answerOption=[coding(f"c{n}", f"Answer {n}") for n in range(many)], **more)


def group(link_id, *items, **more):
    return item(link_id, "group", item=list(items), **more)


def every_kind(required=True):
    """One question of each kind, in groups, with help, rows of a grid, and one that does not apply."""
    yes = {"enableWhen": [{"question": "boolean", "operator": "=", "answerBoolean": True}]}
    must = {"required": required}
    hint = item("h", "display", text="It stands on your card.\nLook closely.", extension=[control("help")])
    asks = [
        item("read", "display", text=f"Please take your time.\n{LONG}"),
        item("string", text="Your number", prefix="1.", item=[hint], **must),
        item("text", "text", text=f"In your own words {LONG}", **must),
        item("url", "url"),
        item("integer", "integer", extension=[limit("minValue", valueInteger=0), limit("maxValue", valueInteger=10)]),
        item("decimal", "decimal", **must),
        item("date", "date", **must),
        item("time", "time"),
        item("dateTime", "dateTime"),
        item("several", repeats=True),
        item("boolean", "boolean", **must),
        item("below", text="Since when?", **{**must, **yes}),
        choice("few", **must),
        choice("many", many=12, **must),
        choice("ticks", repeats=True),
        choice("own", kind="open-choice"),
        choice("owns", kind="open-choice", repeats=True),
        item("amount", "quantity", extension=[unit("kg"), unit("lb")]),
        item("fixed", readOnly=True, initial=[{"valueString": "as we know it"}]),
        item("file", "attachment", text="A letter"),
        group("scale", *[choice(f"row{n}", many=4, **must) for n in range(3)], text="How often?"),
        group("deep", group("deeper", item("deepest"))),
        group("medicines", item("name"), item("dose", "decimal"), repeats=True, text="A medicine"),
        signature(**must),
    ]
    # One part: it stays on one page.
    return [group("all", *asks, text="Everything that can be asked")]


def form(client, *items, **more):
    return asked(
        client, *items, **{"url": f"http://example.org/{client.pk}/fill", "title": "A form to fill in", **more}
    )


def empty(client, by, staff):
    return [form(client, *every_kind()).pk]


def begun(client, by, staff):
    """Some of it answered, some of that not as it should be, two medicines, and a question brought up."""
    made = form(client, *every_kind())
    typed = {
        "integer": "eleven",
        "date": "2026-02-30",
        "boolean": "true",
        "few": "1",
        "own": "other",
        "ticks": ["0", "2"],
    }
    save(made, by, **typed, **{"row1": "2", "several": ["a", LONG], "own~other": "my own"})
    save(made, by, revision=1, _do=["add:medicines"])
    return [made.pk]


def returned(client, by, staff):
    made = form(client, *every_kind(required=False))
    done = submit(made, by, string="12", few="1", row1="2")
    comments = {"string": "One digit is missing.", "few": f"Really?\n{LONG}", "row1": "Since when?"}
    reviews.send_back(done.response, by=staff, comment="Thank you.\nPlease look once more.", comments=comments)
    return [made.pk]


def submitted(client, by, staff):
    made = form(client, item("a"))
    submit(made, by, a="x")
    return [made.pk]


def cancelled(client, by, staff):
    made = form(client, item("a"))
    assignments.cancel(made, by=staff)
    return [made.pk]


def in_steps(client, by, staff):
    """The ready-made intake."""
    resource = json.loads((ROOT / "forms_app/library/general-intake.json").read_text())
    return [form(client, *resource["item"], title=resource["title"]).pk]


def last_look(page, cast):
    [pk] = in_steps(cast.alice_client, cast.alice, cast.olga)
    page.goto(f"{reverse('forms_app:fill', args=[pk])}?step=99")
    return page.reload().status


def refused(page, cast):
    """Submitted with much missing."""
    [pk] = begun(cast.alice_client, cast.alice, cast.olga)
    page.goto(reverse("forms_app:fill", args=[pk]))
    with page.expect_navigation() as answer:
        page.get_by_role("button", name="Submit").click()
    return answer.value.status
