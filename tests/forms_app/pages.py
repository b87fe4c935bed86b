"""A page of a form as a browser posts it."""

from django.urls import reverse

from tests.forms_app.house import PAGE

JSON = {"accept": "application/json"}


def fields(revision=0, page=PAGE, **answers):
    """What the page of these questions posts; an answer is a word or a list of words, `a__other` stands for a~other."""
    said = {name.replace("__", "~"): words for name, words in answers.items()}
    shown = list(dict.fromkeys(name.partition("~")[0] for name in said))
    return {"_revision": revision, "_page": page, "_shown": shown, **said}


def autosave(browser, assignment, *, headers=None, **more):
    url = reverse("forms_app:autosave", args=[assignment.pk])
    return browser.post(url, fields(**more), headers={**JSON, **(headers or {})})
