"""The ready-made forms: their words and arithmetic as published, their terms, and that they can be used as they are."""

import re
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from forms_app import answers, ready_made
from forms_app.actions.proposals import FIELDS, PATIENT
from forms_app.answers.problems import problems

MEASURES = ("phq-9", "gad-7", "audit-c")
PATIENT_ROW = {
    "resourceType": "Patient",
    "id": "1",
    "name": [{"text": "Alice Adams"}],
    "birthDate": "1990-05-17",
    "telecom": [{"system": "email", "value": "a@example.com"}, {"system": "phone", "value": "+1 212 555 0199"}],
    "address": [{"text": "12 Linden Street\nNew York"}],
    "contact": [
        {
            "relationship": [{"text": "sister"}],
            "name": {"text": "Ann Adams"},
            "telecom": [{"system": "phone", "value": "+1 212 555 0111"}],
        }
    ],
}
CONTEXT = answers.Context(zone=ZoneInfo("America/New_York"), now=datetime(2026, 11, 23, 15, tzinfo=UTC))


def form(name):
    return answers.read(ready_made.resource_of(name))


def items(name):
    return {item.link_id: item for item in form(name).walk()}


def scored(name):
    """The questions that count."""
    return [item for item in form(name).walk() if any(option.score is not None for option in item.options)]


def filled(name, *points, **more):
    """The measure with an answer of so many points to each question."""
    asked = scored(name)
    given = {item.link_id: [item.options[point].token] for item, point in zip(asked, points, strict=False)}
    return answers.fill(form(name), {**given, **more}, CONTEXT)


def said(filled, link_id):
    return [answer.value[1] for answer in filled.node(link_id).answers if answer.value]


def spread(total, count, most):
    """So many points over the questions."""
    return [min(most, max(0, total - most * place)) for place in range(count)]


# All of them -----------------------------------------------------------------------------------


def test_these_are_ready_made():
    assert ready_made.names() == [
        "audit-c", "gad-7", "general-intake", "insurance", "phq-9", "release-of-information", "telehealth-consent",
        "treatment-consent",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ready_made.names())
def test_nothing_stands_against_importing_it_and_all_of_it_is_used(name):
    assert problems(ready_made.resource_of(name)) == []


@pytest.mark.parametrize("name", ready_made.names())
def test_it_has_an_address_of_its_own_and_says_what_it_is_and_on_which_terms(name):
    resource = ready_made.resource_of(name)
    assert UUID(resource["url"].removeprefix("urn:uuid:"))
    assert resource["status"] == "draft" and resource["version"] == "1.0" and resource["language"] == "en"
    assert resource["title"] and resource["description"] and resource["copyright"]


def test_their_addresses_are_all_different():
    assert len({ready_made.resource_of(name)["url"] for name in ready_made.names()}) == len(ready_made.names())


@pytest.mark.parametrize("name", ready_made.names())
def test_every_expression_of_it_comes_to_something_or_nothing_but_never_fails(name):
    questionnaire = form(name)
    context = answers.Context(zone=CONTEXT.zone, now=CONTEXT.now, patient=PATIENT_ROW)
    started = answers.fill(questionnaire, answers.initial(questionnaire, context), context)
    assert not started.errors(complete=False)
    assert started.scores() == {}


@pytest.mark.parametrize("name", ready_made.names())
def test_what_it_asks_first_is_not_hidden(name):
    assert all(node.enabled for node in answers.fill(form(name), {}, CONTEXT).nodes[:1])


@pytest.mark.parametrize("name", ["telehealth-consent", "treatment-consent", "release-of-information"])
def test_a_consent_cannot_be_given_without_its_ticks_and_a_signature(name):
    questionnaire = form(name)
    wanted = {item.link_id for item in questionnaire.walk() if item.required}
    assert "sign" in wanted and items(name)["sign"].is_signature
    missing = {error.link_id for error in answers.fill(questionnaire, {}, CONTEXT).errors()}
    assert "sign" in missing
    ticks = [item.link_id for item in questionnaire.walk() if item.type == "boolean" and item.constraints]
    assert name == "release-of-information" or len(ticks) == 2
    for tick in ticks:
        refused = answers.fill(questionnaire, {tick: ["false"]}, CONTEXT).errors()
        assert [error.code for error in refused if error.link_id == tick] == ["constraint"]
        agreed = answers.fill(questionnaire, {tick: ["true"]}, CONTEXT).errors()
        assert tick not in {error.link_id for error in agreed}


# Scores ----------------------------------------------------------------------------------------

BANDS = {
    "phq-9": [
        (0, 4, "Minimal depression"),
        (5, 9, "Mild depression"),
        (10, 14, "Moderate depression"),
        (15, 19, "Moderately severe depression"),
        (20, 27, "Severe depression"),
    ],
    "gad-7": [
        (0, 4, "Minimal anxiety"),
        (5, 9, "Mild anxiety"),
        (10, 14, "Moderate anxiety"),
        (15, 21, "Severe anxiety"),
    ],
}  # fmt: skip
TOTALS = {"phq-9": "44261-6", "gad-7": "70274-6", "audit-c": "75626-2"}
EVERY_TOTAL = [
    (name, total, words)
    for name, bands in BANDS.items()
    for low, high, words in bands
    for total in range(low, high + 1)
]


@pytest.mark.parametrize(("name", "total", "words"), EVERY_TOTAL)
def test_every_total_of_it_is_called_as_published(name, total, words):
    count = {"phq-9": 9, "gad-7": 7}[name]
    done = filled(name, *spread(total, count, 3))
    assert done.scores() == {TOTALS[name]: total}
    assert said(done, "severity") == [words]


@pytest.mark.parametrize("name", ["phq-9", "gad-7"])
def test_each_question_counts_nothing_one_two_and_three(name):
    asked = scored(name)
    assert len(asked) == {"phq-9": 9, "gad-7": 7}[name]
    for item in asked:
        assert [(option.label, option.score) for option in item.options] == [
            ("Not at all", 0), ("Several days", 1), ("More than half the days", 2), ("Nearly every day", 3),
        ]  # fmt: skip
        assert item.required


@pytest.mark.parametrize("name", ["phq-9", "gad-7"])
def test_there_is_no_total_before_all_are_answered(name):
    count = len(scored(name))
    partly = filled(name, *[3] * (count - 1))
    assert partly.scores() == {} and said(partly, "severity") == []


@pytest.mark.parametrize("name", MEASURES)
def test_the_bands_of_the_chart_are_those_of_the_words(name):
    extensions = next(
        one for one in ready_made.resource_of(name)["item"] if one["linkId"] == TOTALS[name]
    )["extension"]  # fmt: skip
    bands = [
        tuple(next(value for key, value in part.items() if key != "url") for part in one["extension"])
        for one in extensions
        if one["url"] == "urn:client-portal:band"
    ]
    assert bands == BANDS.get(name, AUDIT_BANDS)


@pytest.mark.parametrize("name", MEASURES)
def test_the_client_is_shown_neither_score_nor_severity_while_filling_it_in(name):
    known = items(name)
    assert all(known[link_id].hidden and known[link_id].read_only for link_id in (TOTALS[name], "severity"))
    assert (
        filled(name).progress().total == len([one for one in scored(name) if not one.conditions]) or name == "audit-c"
    )


@pytest.mark.parametrize("name", ["phq-9", "gad-7"])
def test_how_difficult_it_was_is_asked_of_whoever_checked_off_a_problem_and_does_not_count(name):
    count = len(scored(name))
    assert not filled(name, *[0] * count).node("69722-7").enabled
    for place in range(count):
        one = filled(name, *[1 if place == each else 0 for each in range(count)])
        assert one.node("69722-7").enabled
    worst = filled(name, *[1] * count, **{"69722-7": ["3"]})
    assert worst.scores() == {TOTALS[name]: count} and not worst.errors()


@pytest.mark.parametrize("name", MEASURES)
def test_the_total_and_its_words_are_part_of_what_is_submitted(name):
    response = filled(name, *[1] * len(scored(name))).to_response(questionnaire="urn:x|1.0", authored=CONTEXT.now)
    by_link_id = {one["linkId"]: one for one in response["item"]}
    assert by_link_id[TOTALS[name]]["answer"] == [{"valueInteger": len(scored(name))}]
    assert by_link_id["severity"]["answer"][0]["valueString"]


# PHQ-9 -----------------------------------------------------------------------------------------

PHQ_9 = """Little interest or pleasure in doing things
Feeling down, depressed, or hopeless
Trouble falling or staying asleep, or sleeping too much
Feeling tired or having little energy
Poor appetite or overeating
Feeling bad about yourself – or that you are a failure or have let yourself or your family down
Trouble concentrating on things, such as reading the newspaper or watching television
Moving or speaking so slowly that other people could have noticed? Or the opposite – being so fidgety or restless that \
you have been moving around a lot more than usual
Thoughts that you would be better off dead or of hurting yourself in some way"""
GAD_7 = """Feeling nervous, anxious, or on edge
Not being able to stop or control worrying
Worrying too much about different things
Trouble relaxing
Being so restless that it is hard to sit still
Becoming easily annoyed or irritable
Feeling afraid, as if something awful might happen"""
LOINC = {
    "phq-9": "44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8",
    "gad-7": "69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7",
    "audit-c": "68518-0 68519-8 68520-6",
}


@pytest.mark.parametrize(("name", "published"), [("phq-9", PHQ_9), ("gad-7", GAD_7)])
def test_its_questions_are_asked_as_published(name, published):
    assert [item.text for item in scored(name)] == published.splitlines()
    assert "over the last 2 weeks" in items(name)[name].text.casefold()


@pytest.mark.parametrize("name", MEASURES)
def test_its_questions_bear_the_codes_of_loinc(name):
    assert [item.link_id for item in scored(name)] == LOINC[name].split()
    asked = next(one for one in ready_made.resource_of(name)["item"] if one["type"] == "group")["item"]
    assert [one["code"][0]["code"] for one in asked] == LOINC[name].split()


@pytest.mark.parametrize("name", ["phq-9", "gad-7"])
def test_pfizers_terms_are_told(name):
    assert (
        "No permission required to reproduce, translate, display or distribute."
        in (ready_made.resource_of(name)["copyright"])
    )


@pytest.mark.parametrize("points", [1, 2, 3])
def test_question_9_alerts_with_any_answer_but_not_at_all(points):
    alerts = filled("phq-9", *[0] * 8, points).alerts()
    assert [(link_id, answer) for link_id, _question, answer in alerts] == [
        ("44260-8", ["", "Several days", "More than half the days", "Nearly every day"][points])
    ]


def test_nothing_else_of_the_phq_9_alerts():
    assert filled("phq-9", *[3] * 8, 0).alerts() == []


@pytest.mark.parametrize(("points", "shown"), [(0, False), (1, True), (3, True)])
def test_whoever_thinks_of_hurting_themselves_reads_at_once_where_help_is(points, shown):
    node = filled("phq-9", *[0] * 8, points).node("help-now")
    assert node.enabled == shown and "988" in node.item.text


def test_a_severe_gad_7_alerts_nobody_by_itself():
    assert filled("gad-7", *[3] * 7).alerts() == []


# AUDIT-C ---------------------------------------------------------------------------------------

AUDIT_BANDS = [
    (0, 2, "Below the cut-off"),
    (3, 3, "At the cut-off for women, below the cut-off for men"),
    (4, 12, "At or above the cut-off for women and men"),
]


@pytest.mark.parametrize(
    ("total", "words"), [(total, words) for low, high, words in AUDIT_BANDS for total in range(low, high + 1) if total]
)
def test_every_total_of_the_audit_c_is_called_by_the_cut_offs_of_women_and_men(total, words):
    done = filled("audit-c", *spread(total, 3, 4))
    assert done.scores() == {"75626-2": total} and said(done, "severity") == [words]


def test_whoever_never_drinks_is_asked_no_further_and_has_nothing():
    done = filled("audit-c", 0)
    assert [done.node(link_id).enabled for link_id in ("68519-8", "68520-6")] == [False, False]
    assert done.scores() == {"75626-2": 0} and said(done, "severity") == ["Below the cut-off"] and not done.errors()


def test_what_was_answered_before_never_is_not_counted():
    assert filled("audit-c", 0, 4, 4).scores() == {"75626-2": 0}


def test_whoever_drinks_has_no_total_before_all_three():
    assert filled("audit-c", 2).scores() == {} and filled("audit-c", 2, 1).scores() == {}


def test_the_audits_answers_are_those_of_the_who():
    asked = items("audit-c")
    labels = [[option.label for option in asked[link_id].options] for link_id in LOINC["audit-c"].split()]
    assert labels == [
        ["Never", "Monthly or less", "2 to 4 times a month", "2 to 3 times a week", "4 or more times a week"],
        ["1 or 2", "3 or 4", "5 or 6", "7 to 9", "10 or more"],
        ["Never", "Less than monthly", "Monthly", "Weekly", "Daily or almost daily"],
    ]
    assert all(
        [option.score for option in asked[link_id].options] == [0, 1, 2, 3, 4] for link_id in LOINC["audit-c"].split()
    )


def test_six_or_more_nearly_every_day_alerts_and_less_does_not():
    assert [answer for *_rest, answer in filled("audit-c", 4, 2, 4).alerts()] == ["Daily or almost daily"]
    assert filled("audit-c", 4, 4, 3).alerts() == []


def test_the_whos_terms_are_told():
    terms = ready_made.resource_of("audit-c")["copyright"]
    assert "World Health Organization" in terms and "not for sale or for use in conjunction with commercial" in terms


# Intake ----------------------------------------------------------------------------------------


def test_the_intake_has_about_sixty_items():
    assert 55 <= len([item for item in form("general-intake").walk() if item.type != "display"]) <= 75


def test_it_is_filled_in_from_the_profile():
    questionnaire = form("general-intake")
    context = answers.Context(zone=CONTEXT.zone, now=CONTEXT.now, patient=PATIENT_ROW)
    given = answers.initial(questionnaire, context)
    assert {key: values for key, values in given.items() if key in KNOWN} == KNOWN


KNOWN = {
    "name": ["Alice Adams"],
    "birth-date": ["1990-05-17"],
    "phone": ["+1 212 555 0199"],
    "address": ["12 Linden Street\nNew York"],
    "emergency-name": ["Ann Adams"],
    "emergency-relationship": ["sister"],
    "emergency-phone": ["+1 212 555 0111"],
}


def test_an_empty_profile_fills_in_nothing_and_breaks_nothing():
    questionnaire = form("general-intake")
    context = answers.Context(patient={"resourceType": "Patient"})
    assert not set(answers.initial(questionnaire, context)) & set(KNOWN)


def test_what_of_it_may_flow_back_is_offered_to_the_profile():
    named = {item.definition.removeprefix(PATIENT) for item in form("general-intake").walk() if item.definition}
    assert named == set(FIELDS)


CONDITIONS = [
    ("reach", "phone", "voicemail"),
    ("by-other", True, "filled-by"),
    ("before", True, "before-helped"),
    ("conditions", "diabetes", "diabetes-kind"),
    ("conditions", "other", "conditions-other"),
    ("pregnant", "yes", "pregnant-due"),
    ("operations", True, "operation"),
    ("takes-medicines", True, "medicine"),
    ("has-allergies", True, "allergy"),
    ("smokes", "daily", "cigarettes"),
    ("doctor", "Dr. Who", "doctor-phone"),
    ("interpreter", True, "interpreter-language"),
]


@pytest.mark.parametrize(("question", "answer", "then"), CONDITIONS)
def test_it_asks_further_only_where_the_answer_gives_a_reason(question, answer, then):
    item = items("general-intake")[question]
    tokens = {option.value[1]["code"]: option.token for option in item.options}
    raw = str(answer).lower() if isinstance(answer, bool) else tokens.get(answer, answer)
    assert not answers.fill(form("general-intake"), {}, CONTEXT).node(then).enabled
    assert answers.fill(form("general-intake"), {question: [raw]}, CONTEXT).node(then).enabled


def test_several_medicines_are_several_answers():
    given = {"takes-medicines": ["true"], "medicine": ["0", "1"], "medicine-name#0": ["A"], "medicine-name#1": ["B"]}
    done = answers.fill(form("general-intake"), given, CONTEXT)
    response = done.to_response(questionnaire="urn:x|1.0", authored=CONTEXT.now)
    group = next(one for one in response["item"] if one["linkId"] == "medicines")
    named = [one["item"][0]["answer"][0]["valueString"] for one in group["item"] if one["linkId"] == "medicine"]
    assert named == ["A", "B"]


def test_none_of_these_excludes_the_others():
    item = items("general-intake")["conditions"]
    none, heart = (next(one for one in item.options if one.value[1]["code"] == code) for code in ("none", "heart"))
    assert none.is_exclusive and not heart.is_exclusive
    both = answers.fill(form("general-intake"), {"conditions": [heart.token, none.token]}, CONTEXT)
    assert "conditions" in {error.link_id for error in both.errors(complete=False)}


def test_whoever_is_not_safe_at_home_is_heard_soon():
    item = items("general-intake")["safe"]
    no = next(option for option in item.options if option.label == "No")
    [(link_id, _question, answer)] = answers.fill(form("general-intake"), {"safe": [no.token]}, CONTEXT).alerts()
    assert (link_id, answer) == ("safe", "No")


# The others ------------------------------------------------------------------------------------


def test_whoever_wants_no_insurer_billed_is_asked_no_more_and_signs_nothing():
    questionnaire = form("insurance")
    given = {"name": ["Alice Adams"], "birth-date": ["1990-05-17"], "insured": ["false"]}
    assert not answers.fill(questionnaire, given, CONTEXT).errors()
    assert answers.fill(questionnaire, given, CONTEXT).node("self-pay").enabled
    assert {"sign", "first-insurer"} <= {
        error.link_id for error in answers.fill(questionnaire, {**given, "insured": ["true"]}, CONTEXT).errors()
    }


@pytest.mark.parametrize(("whose", "asked"), [("self", False), ("spouse", True), ("parent", True), ("", False)])
def test_whose_insurance_it_is_is_asked_further_only_if_it_is_somebody_elses(whose, asked):
    item = items("insurance")["first-holder"]
    token = [option.token for option in item.options if option.value[1]["code"] == whose]
    done = answers.fill(form("insurance"), {"insured": ["true"], "first-holder": token}, CONTEXT)
    assert done.node("first-holder-name").enabled == asked


def test_a_card_is_a_picture_or_a_pdf():
    limits = items("insurance")["first-front"].limits
    assert {"image/jpeg", "application/pdf"} <= set(limits.mime_types) and limits.max_size


def test_a_release_says_what_to_whom_what_for_and_until_when():
    missing = {error.link_id for error in answers.fill(form("release-of-information"), {}, CONTEXT).errors()}
    assert {"way", "party", "information", "purpose", "ends", "sign"} <= missing
    words = " ".join(item.text for item in form("release-of-information").walk())
    assert re.search(r"take this back at any time", words) and "do not depend on it" in words


@pytest.mark.parametrize("name", ["telehealth-consent", "treatment-consent", "release-of-information", "insurance"])
def test_the_practice_is_told_to_have_it_checked(name):
    assert "have it checked for the law" in ready_made.resource_of(name)["description"]
