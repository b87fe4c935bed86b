"""Forms for tests: small questionnaires, published and assigned, and what a page of them posts."""

from forms_app.actions import assignments, drafts, responses
from forms_app.hashing import sha256
from forms_app.models import Assignment, Questionnaire

PAGE = "one-page"


def item(link_id, type="string", **more):
    """One item of a questionnaire, in FHIR's spelling."""
    return {"linkId": link_id, "type": type, "text": f"Question {link_id}", **more}


def coding(code, display="", **more):
    return {"valueCoding": {"system": "http://example.org/codes", "code": code, "display": display or code}, **more}


def resource(*items, url="http://example.org/Questionnaire/test", **more):
    """A FHIR R4 Questionnaire."""
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "version": "1",
        "title": "A form",
        "status": "draft",
        "item": list(items),
        **more,
    }


def published(*items, **more):
    """A published form of these items, as a row."""
    form = {**resource(*items, **more), "status": "active"}
    return Questionnaire.objects.create(
        url=form["url"],
        version=form["version"],
        title=form["title"],
        resource=form,
        status=Questionnaire.Status.ACTIVE,
        sha256=sha256(form),
    )


def asked(client, *items, by=None, **more):
    """A form that this client is asked to fill in."""
    return assignments.assign(client=client, questionnaire=published(*items, **more), by=by)


def post(shown=None, **answers):
    """What a page of these questions posts: each answer a word or a list of words."""
    said = {key: list(value) if isinstance(value, list) else [value] for key, value in answers.items()}
    return {"_shown": list(answers) if shown is None else shown, **said}


def save(assignment, by, revision=0, page=PAGE, **answers):
    return drafts.save(assignment, drafts.Save(post(**answers), revision, page), by=by)


def submit(assignment, by, revision=None, page=PAGE, **answers):
    """Submit these answers from the page that saved last."""
    if revision is None:
        draft = getattr(Assignment.objects.get(pk=assignment.pk), "draft", None)
        revision = draft.revision if draft else 0
    what = drafts.Save(post(**answers), revision, page)
    return responses.submit(assignment, what, by=by, address="192.0.2.7")


def submitted(client, by, *items, answers=None, **more):
    """A response, submitted by `by` for this client."""
    done = submit(asked(client, *items, **more), by, **(answers or {}))
    assert done.response, done.saved.filled.errors()
    return done.response
