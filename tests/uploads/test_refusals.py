"""Each reason has its sentence, which says what to do next."""

import pytest
from django.utils.translation import override

from uploads.content.refusal import Refusal
from uploads.refusals import SENTENCES, sentence


@pytest.mark.parametrize("reason", Refusal)
def test_every_reason_has_its_own_sentence_that_says_what_to_do(reason):
    with override("en"):
        words = str(sentence(reason))
    assert words.endswith(".") and words.count(".") + words.count(";") >= 2
    assert "lease" in words


def test_no_two_reasons_say_the_same():
    assert len({str(words) for words in SENTENCES.values()}) == len(Refusal) == len(SENTENCES)


def test_a_reason_of_another_release_has_a_sentence_too():
    assert sentence("unheard-of") == sentence(Refusal.BROKEN)
