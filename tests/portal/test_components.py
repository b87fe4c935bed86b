"""The components of templates/components: what they tie together, and that they show text as text."""

import re

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError

from accounts.templatetags.ui import dialable, initials

ATTACK = '<script>alert("x")</script>'


class Sample(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="Where we can write to you.")
    password = forms.CharField(widget=forms.PasswordInput)
    nickname = forms.CharField(required=False)
    contact = forms.ChoiceField(
        label="How to reach you", choices=[("e", "E-mail"), ("p", "Phone")], widget=forms.RadioSelect
    )
    terms = forms.BooleanField(label="I agree to the terms")
    token = forms.CharField(widget=forms.HiddenInput)


def render(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


def sample(data=None):
    return Sample(data)


def attribute(html, name, of):
    tag = re.search(rf"<{of}[^>]*>", html)[0]
    found = re.search(rf'{name}="([^"]*)"', tag)
    return found and found[1]


def test_a_label_names_its_input():
    html = render("{% field form.email %}", form=sample())
    assert attribute(html, "for", "label") == attribute(html, "id", "input") == "id_email"


def test_required_and_optional_are_said_in_words():
    assert ">required<" in render("{% field form.email %}", form=sample())
    assert ">optional<" in render("{% field form.nickname %}", form=sample())


def test_the_words_can_be_left_out_where_they_are_noise():
    assert ">required<" not in render("{% field form.email mark=False %}", form=sample())


def test_a_field_that_cannot_be_changed_is_neither_required_nor_optional():
    form = sample()
    form.fields["email"].disabled = True
    html = render("{% field form.email %}", form=form)
    assert "optional" not in html
    assert ">required<" not in html


def test_help_and_errors_describe_the_input_and_stand_before_it():
    html = render("{% field form.email %}", form=sample({"email": "nonsense"}))
    described_by = attribute(html, "aria-describedby", "input").split()
    assert described_by == ["id_email_helptext", "id_email_error"]
    for part in described_by:
        assert html.index(f'id="{part}"') < html.index("<input")
    assert attribute(html, "aria-invalid", "input") == "true"


def test_a_field_without_error_is_not_called_invalid():
    assert "aria-invalid" not in render("{% field form.email %}", form=sample())


def test_choices_are_a_group_with_a_name_and_its_errors():
    html = render("{% field form.contact %}", form=sample({}))
    assert re.search(r"<legend>\s*How to reach you", html)
    assert attribute(html, "aria-describedby", "fieldset") == "id_contact_error"
    assert 'id="id_contact_error"' in html


def test_a_tick_stands_before_its_label():
    html = render("{% field form.terms %}", form=sample())
    assert html.index("<input") < html.index("<label")
    assert attribute(html, "for", "label") == "id_terms"


def test_a_password_can_be_shown_but_offers_no_button_that_needs_javascript():
    html = render("{% field form.password %}", form=sample())
    assert "data-show-password" in html
    assert "<button" not in html


def test_a_field_shows_what_was_typed_as_text():
    html = render("{% field form.email %}{% field form.nickname %}", form=sample({"email": ATTACK, "nickname": ATTACK}))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_all_fields_of_a_form_come_with_the_hidden_ones():
    html = render("{% form_fields form %}", form=sample())
    assert [name for name in Sample.base_fields if f'name="{name}"' not in html] == []
    assert "id_token_error" not in html


def test_the_summary_takes_focus_and_links_to_each_field():
    html = render("{% error_summary form %}", form=sample({}))
    assert 'role="alert" tabindex="-1" autofocus data-autofocus' in html
    assert "There is a problem" in html
    assert re.findall('href="#([^"]+)"', html) == ["id_email", "id_password", "id_contact_0", "id_terms"]


@pytest.mark.parametrize("target", ["id_email", "id_contact_0", "id_terms"])
def test_every_link_of_the_summary_leads_to_an_input(target):
    assert f'id="{target}"' in render("{% form_fields form %}", form=sample({}))


def test_the_summary_names_errors_that_belong_to_no_visible_field():
    form = sample({})
    form.add_error(None, "These two do not go together.")
    html = render("{% error_summary form %}", form=form)
    assert "<li>These two do not go together.</li>" in html
    assert html.count("<li>") == 6


def test_the_summary_covers_several_forms():
    html = render("{% error_summary one two %}", one=Sample({}, prefix="a"), two=Sample({}, prefix="b"))
    assert html.count("There is a problem") == 1
    assert 'href="#id_a-email"' in html
    assert 'href="#id_b-email"' in html


def test_no_summary_where_nothing_is_wrong():
    assert render("{% error_summary form %}", form=sample()) == ""


def test_the_summary_shows_labels_and_errors_as_text():
    form = sample({})
    form.fields["email"].label = ATTACK
    form.add_error("email", ATTACK)
    html = render("{% error_summary form %}", form=form)
    assert "<script" not in html


def test_a_button_submits_and_passes_attributes_on():
    html = render(
        '{% button kind="danger" name="verb" value=value data_once="1" disabled=True %}End{% endbutton %}',
        value=ATTACK,
    )
    assert html.startswith('<button class="button danger" type="submit"')
    assert 'data-once="1"' in html
    assert " disabled" in html
    assert "<script" not in html


def test_a_button_with_an_address_is_a_link():
    html = render('{% button href=url kind="quiet" class="wide" %}Go{% endbutton %}', url='/?a="b"')
    assert html == '<a class="button quiet wide" href="/?a=&quot;b&quot;">Go</a>'


def test_a_card_is_named_by_its_heading():
    html = render('{% card title=title id="todo" count=2 %}{{ text }}{% endcard %}', title=ATTACK, text=ATTACK)
    assert attribute(html, "aria-labelledby", "section") == attribute(html, "id", "h2") == "todo-title"
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_a_card_has_its_link_only_with_an_address():
    source = '{% card title="To do" more="See all" href=url %}{% endcard %}'
    assert "<a" not in render(source, url=None)
    assert '<a class="more" href="/forms/">See all</a>' in render(source, url="/forms/")


@pytest.mark.parametrize("tone", ["info", "ok", "warn", "error"])
def test_a_notice_has_its_tone_and_a_picture_that_is_not_read_out(tone):
    html = render("{% notice tone=tone %}{{ text }}{% endnotice %}", tone=tone, text=ATTACK)
    assert f'class="notice {tone}"' in html
    assert 'aria-hidden="true"' in html
    assert "<script" not in html


def test_a_badge_an_empty_state_and_a_dialog_show_text_as_text():
    html = render(
        '{% badge tone="due" %}{{ t }}{% endbadge %}{% empty title=t art="done" %}{{ t }}{% endempty %}'
        '{% dialog id="stay" title=t %}{{ t }}{% enddialog %}',
        t=ATTACK,
    )
    assert html.count("&lt;script&gt;") == 5
    assert "<script" not in html
    assert attribute(html, "aria-labelledby", "dialog") == "stay-title"


def test_a_table_has_a_caption_and_scrolls_by_keyboard():
    html = render("{% table caption=t %}<tbody></tbody>{% endtable %}", t=ATTACK)
    assert "<caption>&lt;script&gt;" in html
    assert 'role="region" tabindex="0"' in html


def test_a_block_without_its_end_is_refused():
    with pytest.raises(TemplateSyntaxError):
        render("{% card title='x' %}")


@pytest.mark.parametrize(
    ("number", "dialled"),
    [("(555) 010-4477", "5550104477"), ("+1 212 555 0100", "+12125550100"), ("911", "911"), (ATTACK, "")],
)
def test_a_phone_number_is_dialled_by_its_digits(number, dialled):
    assert dialable(number) == dialled
    assert f'href="tel:{dialled}"' in render("{% phone number %}", number=number)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Alice Adams", "AA"),
        ("Alice", "A"),
        ("Ana María del Río", "AR"),
        ("", ""),
        ("  ", ""),
        ("שרה כהן", "שכ"),
    ],
)
def test_initials_are_those_of_the_first_and_the_last_name(name, letters):
    assert initials(name) == letters


def test_no_component_leaves_a_space_before_a_full_stop():
    assert render("Call {% phone number %}.", number="911").endswith("</a>.")
