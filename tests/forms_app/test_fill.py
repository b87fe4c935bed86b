"""Filling in a form by plain posts: shown, saved, stepped through, submitted."""

import pytest

from tests.forms_app.house import asked, item

pytestmark = pytest.mark.django_db


def url(assignment):
    return f"/forms/{assignment.pk}/fill/"


def test_a_form_is_shown_with_its_questions(cast, signed_in):
    made = asked(cast.alice_client, item("a"), item("b", "boolean"))
    page = signed_in(cast.alice).get(url(made)).content.decode()
    assert "Question a" in page and "Your provider does not see this until you submit." in page
