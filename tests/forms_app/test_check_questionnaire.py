"""`manage.py check_questionnaire`: what the portal makes of a form and a response, for those who cannot see it run."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from forms_app.answers import documents, reports
from tests.forms_app import corpus
from tests.forms_app.test_problems import choice, extended, form, formula, group, question, when

ROOT = Path(__file__).parents[2]
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def response(*items, status="completed", **more):
    return {"resourceType": "QuestionnaireResponse", "status": status, "item": list(items)} | more


def answered(link_id, *values):
    return {"linkId": link_id, "answer": list(values)}


FORM = form(
    question("name", required=True, maxLength=5),
    question("tired", "boolean"),
    group("more", question("why", enableWhen=[when("tired", answerBoolean=True)]), required=True),
    {"linkId": "thanks", "type": "display", "text": "Thanks"},
)


def run(*args, lines=None, monkeypatch=None):
    """What the command prints, line by line or as a whole."""
    out = io.StringIO()
    if lines is not None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
    call_command("check_questionnaire", *args, stdout=out)
    return (
        [json.loads(line) for line in out.getvalue().splitlines()] if lines is not None else json.loads(out.getvalue())
    )


@pytest.fixture
def ask(monkeypatch):
    return lambda *lines: run("-", lines=b"\n".join(_bytes(line) for line in lines) + b"\n", monkeypatch=monkeypatch)


def _bytes(line):
    return line if isinstance(line, bytes) else json.dumps(line).encode()


@pytest.fixture
def files(tmp_path):
    def write(**contents):
        paths = []
        for name, content in contents.items():
            path = tmp_path / f"{name}.json"
            path.write_bytes(_bytes(content))
            paths.append(str(path))
        return paths

    return write


# A file -----------------------------------------------------------------------------------------


def test_a_good_form_is_importable(files):
    assert run(*files(q=FORM)) == {"importable": True, "problems": []}


def test_a_problem_has_its_item_its_element_how_bad_it_is_and_a_sentence(files):
    report = run(*files(q=form(question("a", type="reference"))))
    assert report == {
        "importable": False,
        "problems": [
            {
                "linkId": "a",
                "element": "item[0].type",
                "severity": "error",
                "sentence": "Questions of type “reference” are not supported. "
                "Ask in words (“string”) or with options (“choice”).",
            }
        ],
    }


def test_a_response_is_told_what_is_enabled_valid_and_wrong(files):
    q, r = files(
        q=FORM, r=response(answered("name", {"valueString": "Aurelia"}), answered("tired", {"valueBoolean": True}))
    )
    report = run(q, "--response", r)
    assert report["importable"] is True
    assert report["enabled"] == {"name": True, "tired": True, "more": True, "why": True, "thanks": True}
    assert report["valid"] is False
    assert [(error["linkId"], error["rule"]) for error in report["errors"]] == [
        ("name", "maxLength"),
        ("more", "required"),
    ]
    assert report["errors"][0]["sentence"] == "This is too long: it has 7 characters, and 5 is the most."
    assert report["scores"] == {}


def test_what_is_valid_has_no_errors(files):
    answers = [answered("name", {"valueString": "Ann"}), answered("tired", {"valueBoolean": True})]
    q, r = files(q=FORM, r=response(*answers, {"linkId": "more", "item": [answered("why", {"valueString": "x"})]}))
    report = run(q, "--response", r)
    assert (report["valid"], report["errors"], report["enabled"]["why"]) == (True, [], True)


def test_it_is_the_same_in_a_process_of_its_own_without_a_database(files, tmp_path):
    q, r = files(q=FORM, r=response())
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "PORTAL", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check_questionnaire", q, "--response", r],
        cwd=tmp_path,
        env=clean | {"PORTAL_HOME": str(tmp_path / "home"), "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["valid"] is False
    assert not list(tmp_path.glob("home/postgres*"))


def test_it_asks_no_database(files, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        run(*files(q=FORM))


@pytest.mark.parametrize("path", ["/nowhere/q.json", "/", "a\0b"])
def test_a_file_that_cannot_be_read_is_a_failure(path):
    with pytest.raises(CommandError, match="cannot be read"):
        run(path)


def test_a_response_that_cannot_be_read_is_a_failure_too(files):
    with pytest.raises(CommandError, match="cannot be read"):
        run(*files(q=FORM), "--response", "/nowhere/r.json")


def test_responses_stand_in_the_lines(files):
    with pytest.raises(CommandError, match="leave out --response"):
        run("-", "--response", "r.json")


def test_the_help_says_what_comes_out(capsys):
    with pytest.raises(SystemExit):
        call_command("check_questionnaire", "--help")
    said = capsys.readouterr().out
    for word in ("importable", "problems", "enabled", "valid", "errors", "scores", "standard input", "exits with 0"):
        assert word in said


# No JSON ----------------------------------------------------------------------------------------

NO_JSON = {
    "nothing": b"",
    "blanks": b" \n ",
    "words": b"hello",
    "half": b'{"resourceType": "Questionnaire"',
    "NaN": b'{"resourceType": NaN}',
    "Infinity": b"[-Infinity]",
    "a name twice": b'{"resourceType": "Questionnaire", "resourceType": "Patient"}',
    "100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "100,000 deep in objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of 5,000 digits": b"1" * 5_000,
    "a number beyond all": b"1e999999999",
    "a fraction below all": b"1e-999999999",
    "no UTF-8": b'{"title": "\xff\xfe\xfd"}',
    "bytes": bytes(range(256)),
    "zeros": b"\x00" * 64,
    "two documents": b"{}{}",
}


@pytest.mark.parametrize("name", NO_JSON)
def test_what_is_no_json_gets_a_report(name, files):
    report = run(*files(q=NO_JSON[name]))
    assert report["importable"] is False
    (problem,) = report["problems"]
    assert problem["sentence"].startswith("This cannot be read as JSON: ")
    assert problem["severity"] == "error"


@pytest.mark.parametrize("name", NO_JSON)
def test_a_response_that_is_no_json_is_not_valid(name, files):
    q, r = files(q=FORM, r=NO_JSON[name])
    report = run(q, "--response", r)
    assert (report["importable"], report["valid"]) == (True, False)
    assert report["errors"][0]["sentence"].startswith("This cannot be read as JSON: ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_however_it_is_written(encoding, files):
    text = json.dumps(form(question("ä", text="Wie geht’s? 😀")), ensure_ascii=False)
    assert run(*files(q=text.encode(encoding)))["importable"] is True


def test_half_characters_do_not_break_the_output(files):
    q, r = files(q=form(question("a")), r=response(answered("\ud800", {"valueString": "x"})))
    report = run(q, "--response", r)
    assert report["errors"][0]["linkId"] == "\ud800"
    assert run(*files(q=form(question("\ud800"))))["importable"] is False


def test_digits_are_kept():
    assert str(documents.read(b"[1.50]")[0]) == "1.50"
    wanted = form(
        question("n", "decimal", **extended("http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces", valueInteger=2))
    )
    given = json.dumps(response(answered("n", {"valueDecimal": 7}))).replace("7", "1.000").encode()
    assert [error["rule"] for error in reports.of_pair(wanted, documents.read(given))["errors"]] == ["maxDecimalPlaces"]


# Lines ------------------------------------------------------------------------------------------


def test_each_line_is_answered_in_its_order(ask):
    good, bad = response(answered("name", {"valueString": "Ann"}), status="in-progress"), response()
    got = ask({"questionnaire": FORM, "response": good}, [FORM, bad], {"questionnaire": FORM}, [FORM])
    assert [each.get("valid") for each in got] == [True, False, None, None]
    assert all(each["importable"] for each in got)


def test_what_else_a_line_says_is_given_back(ask):
    (got,) = ask({"id": 7, "note": {"a": [1.5]}, "questionnaire": FORM})
    assert (got["id"], got["note"]) == (7, {"a": [1.5]})


def test_a_report_cannot_be_talked_over(ask):
    (got,) = ask({"questionnaire": {}, "importable": True, "problems": []})
    assert got["importable"] is False and got["problems"]


@pytest.mark.parametrize(
    "line", [b"{", b"7", b"[]", b"[1,2,3]", b'{"id": 3}', b'"a"', b"null", b"\xff", b"NaN", b"[" * 99_999]
)
def test_a_broken_line_is_answered_and_the_next_one_too(line, ask):
    first, second = ask(line, {"questionnaire": FORM})
    assert first["importable"] is False and first["problems"]
    assert second["importable"] is True


def test_a_broken_pair_keeps_its_id(ask):
    assert ask({"id": 3})[0]["id"] == 3


def test_empty_lines_are_passed_over(ask):
    assert len(ask(b"", b"  ", {"questionnaire": FORM}, b"")) == 1


@pytest.mark.parametrize("given", [None, 7, "a", [], {}, {"resourceType": "Patient"}, {"item": 7}, [[[]]], True])
def test_whatever_stands_for_a_questionnaire_or_a_response_is_answered(given, ask):
    one, other = ask({"questionnaire": given, "response": response()}, [FORM, given])
    assert one["importable"] is False
    assert given is None or other["valid"] is False


def test_a_process_answers_each_line_before_the_next_is_there(tmp_path):
    env = os.environ | {"PORTAL_HOME": str(tmp_path)}
    command = [sys.executable, str(ROOT / "manage.py"), "check_questionnaire", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=env) as process:
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "questionnaire": FORM}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


def test_all_pairs_from_outside_go_through_one_run(ask):
    pairs = [corpus.pair(base) for base in corpus.pairs()]
    got = ask(*({"id": number, "questionnaire": q, "response": r} for number, (q, r) in enumerate(pairs)))
    assert [each["id"] for each in got] == list(range(49))
    assert all({"importable", "problems", "enabled", "valid", "errors", "scores"} <= set(each) for each in got)


# What it says -----------------------------------------------------------------------------------


def test_every_item_is_there_even_where_the_form_cannot_be_imported():
    resource = form(question("a", "reference"), group("g", question("b", "colour")), question("a"), question(" "))
    assert set(reports.of_pair(resource, response())["enabled"]) == {"a", "g", "b", " "}


def test_of_several_occurrences_one_is_enough():
    repeated = group(
        "g", question("tired", "boolean"), question("why", enableWhen=[when("tired", answerBoolean=True)]), repeats=True
    )
    instances = [
        {"linkId": "g", "item": [answered("tired", {"valueBoolean": tired})]} for tired in (False, True, False)
    ]
    assert reports.of_pair(form(repeated), response(*instances))["enabled"]["why"] is True
    assert reports.of_pair(form(repeated), response(instances[0]))["enabled"]["why"] is False


def test_answers_to_a_value_set_elsewhere_are_no_mistake_of_the_answer():
    resource = form(question("a", "choice", answerValueSet="https://example.org/vs"))
    report = reports.of_pair(resource, response(answered("a", {"valueCoding": {"system": "urn:s", "code": "x"}})))
    assert (report["importable"], report["valid"]) == (False, True)


def test_a_form_that_was_just_opened_has_its_initial_values():
    resource = form(
        question("a", "boolean", initial=[{"valueBoolean": True}]),
        question("b", enableWhen=[when("a", answerBoolean=True)]),
    )
    opened = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    assert reports.of_pair(resource, opened)["enabled"]["b"] is True
    assert reports.of_pair(resource, opened | {"item": []})["enabled"]["b"] is False
    assert reports.of_pair(resource, opened | {"status": "completed"})["enabled"]["b"] is False


WRONG_RESPONSES = {
    "questionnaire": (form(question(), url="urn:a"), response(questionnaire="urn:b|1")),
    "status": (form(question()), response(status="draft")),
    "resourceType": (form(question()), {"resourceType": "Patient"}),
    "unknown linkId": (form(question()), response(answered("b", {"valueString": "x"}))),
    "answer type": (form(question()), response(answered("a", {"valueInteger": 1}))),
    "option": (form(choice()), response(answered("a", {"valueCoding": {"code": "z"}}))),
    "repeats": (form(question()), response(answered("a", {"valueString": "x"}, {"valueString": "y"}))),
    "required": (form(question(required=True)), response()),
    "structure": (form(question()), response(colour="red")),
    "maxLength": (form(question(maxLength=1)), response(answered("a", {"valueString": "xx"}))),
    "disabled": (
        form(question(), question("b", enableWhen=[when("a")])),
        response(answered("b", {"valueString": "x"})),
    ),
}


@pytest.mark.parametrize("rule", WRONG_RESPONSES)
def test_a_broken_rule_is_named_and_said_in_a_sentence(rule):
    report = reports.of_pair(*WRONG_RESPONSES[rule])
    assert report["importable"] and not report["valid"]
    (error,) = report["errors"]
    assert error["rule"] == rule
    assert "{" not in error["sentence"] and "–" not in error["sentence"] and "Something" not in error["sentence"]


STRUCTURES = {
    "author": response(author="Ann"),
    "item[0].answer": response({"linkId": "a", "answer": {"valueString": "x"}}),
    "item[0].colour": response({"linkId": "a", "colour": "red"}),
    "item[0].text": response({"linkId": "a", "text": " "}),
    "item[0].answer[0].note": response(answered("a", {"valueString": "x", "note": "y"})),
    "item[0].answer[0].value[x]": response(answered("a", {"valueString": "x", "valueInteger": 1})),
    "item[0].answer[0].item[0].colour": response(
        answered("a", {"valueString": "x", "item": [{"linkId": "b", "colour": "red"}]})
    ),
}


@pytest.mark.parametrize("element", STRUCTURES)
def test_a_response_has_the_shape_of_r4(element):
    resource = form(question("a", item=[question("b")]))
    errors = reports.of_pair(resource, STRUCTURES[element])["errors"]
    assert [error["sentence"] for error in errors if error["rule"] == "structure"] == [
        f"“{element}” is not as R4 asks for it in a response."
    ]


def test_scores_are_those_that_the_form_calculates_or_else_the_total_of_its_options():
    options = [{"valueCoding": {"code": str(n)}, "extension": [{"url": ORDINAL, "valueDecimal": n}]} for n in range(4)]
    asked = [question(name, "choice", answerOption=options) for name in "ab"]
    given = response(*(answered(name, {"valueCoding": {"code": "3"}}) for name in "ab"))
    assert reports.of_pair(form(*asked), given)["scores"] == {"total": 6}
    total = question(
        "sum", "decimal", **formula("calculatedExpression", "%resource.item.answer.value.weight().sum() / 4")
    )
    assert reports.of_pair(form(*asked, total), given)["scores"] == {"sum": 1.5}


def test_a_line_may_be_a_questionnaire_alone_and_a_response_may_be_null(ask):
    alone = {"importable": True, "problems": []}
    assert ask(FORM, [FORM], [FORM, None], {"questionnaire": FORM, "response": None}) == [alone] * 4
