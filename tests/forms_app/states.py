"""Forms of a client in every state that the pages show; see tests/browser/pages.py."""

from datetime import timedelta

from django.utils import timezone

from forms_app.actions import assignments, reviews
from forms_app.models import Assignment, Attachment
from tests.forms_app.house import asked, coding, item, save, submit, submitted
from tests.uploads.sent import checked, send, text

SIGNED = "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"
LONG = "Donaudampfschifffahrtsgesellschaft" * 9


def form(client, title, *items, **more):
    return asked(client, *(items or [item("a")]), title=title, url=f"http://example.org/{title}/{client.pk}", **more)


def listed(client, by, staff):
    """To do: asked, late, begun and returned; completed: submitted, accepted, signed."""
    today = timezone.localdate()
    assignments.set_due(form(client, "How you sleep"), by=staff, due_on=today + timedelta(days=3))
    assignments.set_due(form(client, "Release of information"), by=staff, due_on=today - timedelta(days=3))
    save(form(client, "Before your first visit", item("a"), item("b"), item("c")), by, a="begun")
    back = submitted(
        client, by, item("a"), answers={"a": "x"}, title="Your insurance", url=f"http://example.org/{client}"
    )
    reviews.send_back(back, by=staff, comment="Thank you.\nOne number does not match your card.")
    reviews.accept(long(client, by), by=staff)
    submitted(client, by, item("a"), answers={"a": "x"}, title=LONG[:190], url=f"http://example.org/{client.pk}")
    return []


def long(client, by):
    """Submitted and signed: parts within parts, several of one kind, texts, files, blanks and very long words."""
    medicine = item("m", "group", text="A medicine", repeats=True, item=[item("name"), item("dose", "decimal")])
    answer = [coding("n", "Never"), coding("o", "Often")]
    row = form(
        client,
        "Consent to treatment",
        item("t", "display", text="Please ask until it is clear.\nIt is your decision."),
        item("g", "group", prefix="A.", text="About you", item=[
            item("words", "text", prefix="1.", text="In your own words"),
            item("often", "choice", text="How often?", repeats=True, answerOption=answer, item=[item("why")]),
            medicine,
            item("after", "boolean", text="Do you smoke?"),
        ]),
        item("letter", "attachment", text="A letter"),
        item("left", text="Anything else?"),
        item("sign", required=True, text="I agree to be treated.", extension=[{"url": SIGNED, "valueBoolean": True}]),
    )  # fmt: skip
    upload = checked(send(by, client, text("x", f"{LONG}.txt"), area="forms", is_draft=True))
    Attachment.objects.create(assignment=row, client=client, upload=upload, added_by=by)
    known = {"words": f"Two lines\nand {LONG}", "often": ["0", "1"], "why#0": "I forget", "name#0": "Aspirin"}
    known |= {"dose#0": "1,5", "after": "false", "letter": str(upload.pk), "sign": "", "sign~name": by.name}
    done = submit(row, by, **known)
    assert done.response, done.saved.filled.errors()
    return done.response


def read(client, by):
    """Somebody's signed form, as the page's arguments."""
    return [long(client, by).assignment_id]


def returned(client, by, staff):
    """It came back with comments, and was not yet sent again."""
    response = long(client, by)
    comments = {"words": "Since when?", "sign": f"Please sign with your whole name, {LONG}", "g": "Thank you for this."}
    reviews.send_back(response, by=staff, comment="Please look again.", comments=comments)
    return [response.assignment_id]


def again(client, by, staff):
    """Sent twice."""
    key = returned(client, by, staff)
    assert submit(Assignment.objects.get(pk=key[0]), by, words="Since May").response
    return key
