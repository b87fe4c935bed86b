"""A page of a form as a browser posts it."""

from django.urls import reverse

from tests.forms_app.house import PAGE, asked, item, save

JSON = {"accept": "application/json"}


def fields(revision=0, page=PAGE, **answers):
    """What the page of these questions posts; an answer is a word or a list of words, `a__other` stands for a~other."""
    said = {name.replace("__", "~"): words for name, words in answers.items()}
    shown = list(dict.fromkeys(name.partition("~")[0] for name in said))
    return {"_revision": revision, "_page": page, "_shown": shown, **said}


def autosave(browser, assignment, *, headers=None, **more):
    url = reverse("forms_app:autosave", args=[assignment.pk])
    return browser.post(url, fields(**more), headers={**JSON, **(headers or {})})


def two_versions(client, by, _staff):
    """A form that was filled in on two devices; the path's arguments."""
    form = asked(client, item("name"), item("why", "text"), item("same"))
    save(form, by, page="phone", name="From the phone", why="Because\nof this.", same="same")
    save(form, by, page="laptop", name="From the laptop " * 8, same="same")
    return [form.pk]
