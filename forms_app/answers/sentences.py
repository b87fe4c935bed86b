"""What is said of problems of a questionnaire (to staff) and of errors of an answer (to clients), by code.

English templates with {names}; `gettext_noop` marks them for the translators, who are asked in `forms_app.words`.
"""

from collections.abc import Mapping
from typing import Any


def gettext_noop(text: str) -> str:
    return text


# To staff, about a questionnaire that is to be imported.
PROBLEMS = {
    # The whole
    "not_an_object": gettext_noop("This is not a FHIR resource: a JSON object is expected."),
    "not_a_questionnaire": gettext_noop(
        "This is not a FHIR Questionnaire: “resourceType” has to be “Questionnaire”, and is “{kind}”."
    ),
    "not_json": gettext_noop("This cannot be read as JSON: {why}"),
    "too_deep": gettext_noop("The items are nested {depth} deep; {max} is the most. Please make it flatter."),
    "too_large": gettext_noop("There is more in it than can be read. Please split the form into smaller ones."),
    "too_many_items": gettext_noop("It has {count} items; {max} is the most. Please split it into smaller forms."),
    "too_much_text": gettext_noop("Its texts are longer than {max} characters in all. Please shorten it."),
    "characters_odd": gettext_noop("There are characters in this text that cannot be kept. Please remove them."),
    "number_odd": gettext_noop("This is no number that can be kept."),
    "status_missing": gettext_noop("“status” is missing. Set it to “draft” or “active”."),
    "status_unknown": gettext_noop("“{status}” is no status. It is one of “draft”, “active”, “retired” and “unknown”."),
    "identifier_length": gettext_noop("“{name}” has to have between 1 and {n} characters."),
    "no_items": gettext_noop("It has no items: there is nothing to ask."),
    "title_missing": gettext_noop("It has no title. Please give it one, which clients will read."),
    "implicit_rules": gettext_noop("It follows rules of its own (“implicitRules”), which are not known here."),
    "contained_unused": gettext_noop("The contained {kind} is kept and not used here."),
    # Shape
    "wrong_type": gettext_noop("This value has the wrong type: it has to be of type “{expected}”."),
    "unknown_element": gettext_noop(
        "R4 has no element “{name}” here. Remove it, or correct its spelling; what it was meant to do is lost."
    ),
    "unknown_detail": gettext_noop("R4 has no element “{name}” here. It is kept and not used."),
    "empty_list": gettext_noop("This list is empty. It is passed over."),
    "blank": gettext_noop("This text is empty. It is passed over."),
    "too_long": gettext_noop("This text has {length} characters; {max} is the most. Please shorten it."),
    "odd_value": gettext_noop("This value is not written as R4 asks. It is kept as it is."),
    "extension_without_url": gettext_noop("This extension has no “url”, so nobody knows what it means."),
    "extension_without_value": gettext_noop("The extension “{url}” has no value. It is passed over."),
    "several_values": gettext_noop("Only one of {names} can be given here."),
    # Items
    "link_id_missing": gettext_noop("This item has no “linkId”. Give it one that no other item has."),
    "link_id_twice": gettext_noop("This “linkId” is used {times} times. Each item needs its own."),
    "link_id_long": gettext_noop("This “linkId” is longer than {max} characters. Please shorten it."),
    "type_missing": gettext_noop("This item has no “type”, so it is not known how to ask it."),
    "type_unknown": gettext_noop("“{type}” is no item type of R4."),
    "type_unsupported": gettext_noop(
        "Questions of type “{type}” are not supported. Ask in words (“string”) or with options (“choice”)."
    ),
    "no_text": gettext_noop("This item has no text: clients will see a field without a question."),
    "group_empty": gettext_noop("This group has no items. Only its text is shown."),
    "display_with_items": gettext_noop("A text to read cannot have items of its own. Make it a group."),
    "required_display": gettext_noop("“{name}” means nothing for a text to read. It is passed over."),
    "code_on_display": gettext_noop("A text to read has no code by the rules of R4. It is kept."),
    "initial_where_none": gettext_noop("This item takes no answer, so it has no initial one. It is passed over."),
    "initial_of_other_type": gettext_noop("This initial value is no answer to a question of type “{type}”."),
    "initial_several": gettext_noop("There are several initial values, and the question takes one answer."),
    "options_and_initial": gettext_noop(
        "With options the initial answer is marked at the option (“initialSelected”) by the rules of R4."
    ),
    "max_length_where_none": gettext_noop("“maxLength” means nothing for a question of type “{type}”."),
    "max_length_odd": gettext_noop("“maxLength” has to be 1 or more. It is passed over."),
    "regex_broken": gettext_noop("The pattern “{pattern}” cannot be read. Answers are not compared with it."),
    "limits_contradict": gettext_noop("The least is more than the most: no answer can be right."),
    # Options
    "options_missing": gettext_noop("This question has no options to choose from."),
    "open_options_missing": gettext_noop("This question has no options. Clients answer it in their own words."),
    "options_where_none": gettext_noop("Options mean nothing for an item of type “{type}”."),
    "options_and_value_set": gettext_noop("It has options and a value set. R4 allows one of them: remove the other."),
    "option_without_value": gettext_noop("This option has no value: there is nothing to choose."),
    "option_reference": gettext_noop("This option refers to another resource, which is not supported. Use a Coding."),
    "option_twice": gettext_noop("The option “{option}” is there more than once."),
    "value_set_external": gettext_noop(
        "The value set “{value_set}” is not part of this file. Include it (“contained”), or list the options."
    ),
    "value_set_not_there": gettext_noop(
        "The contained value set “{value_set}” is missing, or does not list its codes one by one."
    ),
    "value_set_open": gettext_noop(
        "The value set “{value_set}” is not part of this file. Clients answer in their own words."
    ),
    "answer_expression": gettext_noop("The options are to be looked up elsewhere, which is not supported. List them."),
    # Conditions
    "condition_without_question": gettext_noop("This condition does not say which question it is about (“question”)."),
    "condition_on_unknown": gettext_noop(
        "This condition is about the question “{question}”, which is not in the form."
    ),
    "condition_on_itself": gettext_noop("This item is shown by its own answer, so it would never be shown."),
    "condition_on_own_part": gettext_noop(
        "This condition is about “{question}”, which is part of this very item, so it would never be shown."
    ),
    "condition_on_no_question": gettext_noop("This condition is about “{question}”, which takes no answer."),
    "condition_loop": gettext_noop("These items wait for each other: {items}. Remove one of the conditions."),
    "condition_of_other_type": gettext_noop(
        "The answer has another type than the question “{question}” ({type}). They are compared as they are written."
    ),
    "condition_unknown_option": gettext_noop("This answer is none of the options of the question “{question}”."),
    "condition_without_answer": gettext_noop("This condition does not say which answer it waits for."),
    "condition_unusable": gettext_noop("When this item is shown cannot be evaluated: {why}"),
    "condition_never_met": gettext_noop("This item is never shown: its condition looks at {names}, not known here."),
    "exists_without_boolean": gettext_noop("With “exists” the answer is true or false (“answerBoolean”)."),
    "operator_missing": gettext_noop("This condition has no operator."),
    "operator_unknown": gettext_noop("“{operator}” is no operator. R4 has exists, =, !=, >, <, >= and <=."),
    "behavior_missing": gettext_noop(
        "There are several conditions, and it is not said whether any or all have to be met. Any is taken."
    ),
    "behavior_unknown": gettext_noop("“{behavior}” is neither “any” nor “all”."),
    # Extensions and expressions
    "modifier_extension": gettext_noop("It changes the meaning of the form in a way that is not known here: “{url}”."),
    "sub_questionnaire": gettext_noop("A part of this form is in another file (“{url}”). Put the form together first."),
    "extension_has_effect": gettext_noop("What the extension “{url}” is to do does not happen here."),
    "extension_unknown": gettext_noop("The extension “{url}” is not known here. It is kept and not used."),
    "extension_unused": gettext_noop("The extension “{url}” is kept and not used here."),
    "expression_unusable": gettext_noop("This expression cannot be evaluated and gives nothing: {why}"),
    "names_unknown": gettext_noop("This expression looks at {names}, which is not known here, and gives nothing."),
    "language_unsupported": gettext_noop("Expressions in “{language}” are not supported; this one gives nothing."),
}

# To clients, about an answer. Where R4 has a word for the rule, that is the code.
ERRORS = {
    "required": gettext_noop("Please answer this question."),
    "answer type": gettext_noop("This is not the kind of answer that is asked for."),
    "boolean": gettext_noop("Please choose Yes or No."),
    "integer": gettext_noop("Please enter a whole number, such as 12."),
    "decimal": gettext_noop("Please enter a number, such as 12.5."),
    "range": gettext_noop("This number is too large or too small."),
    "date": gettext_noop("Please enter a date that exists."),
    "time": gettext_noop("Please enter a time, such as 14:30."),
    "dateTime": gettext_noop("Please enter a date and a time that exist."),
    "gap": gettext_noop("On that day the clocks jump over this time. Please enter another."),
    "characters": gettext_noop("There are characters in this text that cannot be kept. Please type it again."),
    "url": gettext_noop("Please enter a web address, such as https://example.org."),
    "other": gettext_noop("Please say what, in your own words."),
    "option": gettext_noop("Please choose one of the answers that are offered."),
    "optionExclusive": gettext_noop("One of your answers cannot go together with others. Please choose again."),
    "exclusive": gettext_noop("One of your answers cannot go together with others. Please choose again."),
    "signature": gettext_noop("Please type your full name to sign."),
    "relationship": gettext_noop("Please say how you are related to the person this form is about."),
    "drawing": gettext_noop("The drawing could not be kept. Please draw again, or leave it out."),
    "quantity": gettext_noop("Please enter a number."),
    "unit": gettext_noop("Please choose a unit."),
    "file": gettext_noop("This file is not there any more. Please add it again."),
    "mimeType": gettext_noop("This kind of file is not taken here. It has to be: {kinds}."),
    "maxSize": gettext_noop("This file is too large: {limit} is the most."),
    "maxLength": gettext_noop("This is too long: it has {length} characters, and {limit} is the most."),
    "minLength": gettext_noop("This is too short: it has {length} characters, and {limit} is the least."),
    "minValue": gettext_noop("This is too small: the least is {limit}."),
    "maxValue": gettext_noop("This is too large: the most is {limit}."),
    "maxDecimalPlaces": gettext_noop("There are too many digits after the point: {limit} is the most."),
    "regex": gettext_noop("This is not written in the way that is asked for."),
    "repeats": gettext_noop("Only one answer is asked for."),
    "minOccurs": gettext_noop("Too few answers: {limit} is the least."),
    "maxOccurs": gettext_noop("Too many answers: {limit} is the most."),
    "constraint": gettext_noop("This does not go together: {human}"),
    # Of responses that come from elsewhere.
    "unknown linkId": gettext_noop("The form has no question “{link_id}”."),
    "linkId": gettext_noop("This item does not stand where the form has it."),
    "questionnaire": gettext_noop("This response belongs to another form: “{given}”."),
    "status": gettext_noop("The response has no status that R4 knows."),
    "resourceType": gettext_noop("This is not a FHIR QuestionnaireResponse."),
    "disabled": gettext_noop("This question is answered, though the other answers leave it out."),
    "structure": gettext_noop("“{element}” is not as R4 asks for it in a response."),
}

UNKNOWN = gettext_noop("Something is not right here ({code}).")
MEGABYTE = 1_048_576

# The standard's rule behind codes that say it in more detail.
RULES = {
    **dict.fromkeys(
        ("boolean", "integer", "decimal", "range", "date", "time", "dateTime", "gap", "characters", "url"),
        "answer type",
    ),
    **dict.fromkeys(("quantity", "unit", "file", "signature", "relationship", "drawing"), "answer type"),
    "other": "option",
    "exclusive": "optionExclusive",
}


def rule(code: str) -> str:
    """The standard's word for what an error breaks."""
    return RULES.get(code, code)


def template(code: str) -> str:
    return PROBLEMS.get(code) or ERRORS.get(code) or UNKNOWN


def fill(words: str, code: str, params: Mapping[str, Any]) -> str:
    """A template with what it names: sizes in megabytes, and a dash for what nobody said."""
    known = _Params({**params, "code": code})
    if code == "maxSize" and isinstance(params.get("limit"), int):
        known["limit"] = f"{params['limit'] / MEGABYTE:.3g} MB"
    return words.format_map(known)


def sentence(code: str, params: Mapping[str, Any]) -> str:
    return fill(template(code), code, params)


class _Params(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"
