"""The practice's colour as a style sheet, for everybody, signed in or not."""

from django.urls import reverse

from tests import factories


def test_the_colour_is_one_rule_that_browsers_may_keep_a_while(client, db):
    factories.practice(hue=210)
    answer = client.get(reverse("brand"))
    assert answer.content == b":root{--hue:210}"
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "public" in answer.headers["Cache-Control"] and "max-age=300" in answer.headers["Cache-Control"]


def test_an_unnamed_practice_has_a_colour_too(client, db):
    assert client.get(reverse("brand")).content.startswith(b":root{--hue:")
