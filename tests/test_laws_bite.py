"""Each law is broken once, on purpose, in a house of a few lines: its check says so, and leaves the good one alone."""

from textwrap import dedent

import pytest

from tests.laws import architecture, house, words

MODELS = """
    from django.db import models

    class Note(models.Model):
        belongs_to = BelongsTo("client", None)
        class Meta:
            pass

    class Visit(models.Model):
        user = models.ForeignKey("User", models.CASCADE)

    class Practice(models.Model):
        name = models.TextField()
"""


def source(text):
    return dedent(text).strip() + "\n"


def test_models_are_told_apart_by_their_owner():
    kinds = architecture.models_by_owner({"accounts/models/all.py": source(MODELS)})
    assert kinds == ({"Note"}, {"Visit"}, {"Practice"})


def test_a_model_without_an_owner_needs_a_reason():
    assert architecture.unowned_models({"Practice", "Diary"}, {"Practice": "the one"})[0].startswith("Diary")


GOOD_PAGES = [
    "Note.objects.visible_to(user).filter(pk=pk)",
    "get_object_or_404(Note.objects.visible_to(user), pk=pk)",
    "Visit.objects.filter(user=user)",
    "Practice.objects.first()",
    "isinstance(row, Note) or Note.Status.OPEN",
]
BAD_PAGES = [
    "Note.objects.all()",
    "Note.objects.filter(client__user=user)",
    "Note.objects.get(pk=pk)",
    "models.Note.objects.get(pk=pk)",
    "Note._default_manager.all()",
    "get_object_or_404(Note, pk=pk)",
    "Note(client=client)",
    "Visit.objects.filter(pk=pk)",
    "rows.filter(access__user=user)",
]


def asked(code, path="accounts/views/notes.py"):
    text = f"def page(request, pk):\n    return {code}\n"
    return architecture.rows_without_question({path: text}, {"Note"}, {"Visit"}, ())


@pytest.mark.parametrize("code", GOOD_PAGES)
def test_law_3_lets_a_page_ask_whose_row(code):
    assert not asked(code)


@pytest.mark.parametrize("code", BAD_PAGES)
def test_law_3_catches_a_page_that_fetches_rows_by_itself(code):
    assert asked(code)


@pytest.mark.parametrize(
    "room", ["consumers.py", "admin/notes.py", "tasks.py", "receivers.py", "cards.py", "management/commands/x.py"]
)
def test_law_3_holds_in_every_room_of_pages(room):
    assert asked("Note.objects.all()", f"chat/{room}")


def test_law_3_sees_what_stands_beside_the_functions():
    text = "ROWS = Note.objects.all()\n"
    assert architecture.rows_without_question({"accounts/cards.py": text}, {"Note"}, set(), ())


WRITING = [
    "row.save()",
    "Note.objects.create(client=client)",
    "client.notes.create(text='')",
    "Note.objects.get_or_create(client=client)",
    "Note.objects.filter(pk=1).update(text='')",
    "Note.objects.bulk_create([])",
    "row.delete()",
    "await_(row.asave())",
    "User.objects.create_user('a@example.com')",
    "cursor.execute('update accounts_note set text = null')",
]


@pytest.mark.parametrize("code", WRITING)
def test_law_5_catches_a_page_that_writes(code):
    files = {"accounts/views/notes.py": f"def page(request):\n    {code}\n"}
    assert architecture.writes_outside_actions(files, ())
    assert not architecture.writes_outside_actions(files, {"accounts/views/notes.py::page": "because"})
    assert not architecture.writes_outside_actions({"accounts/actions/notes.py": files["accounts/views/notes.py"]}, ())


@pytest.mark.parametrize(
    "code", ["words.update(more)", "cursor.execute('select 1')", "cache.delete('key')", "found.add(row)"]
)
def test_law_5_knows_what_is_no_row(code):
    assert not architecture.writes_outside_actions({"accounts/views/notes.py": f"def page(request):\n    {code}\n"}, ())


def test_law_5_lets_a_model_complete_itself():
    text = source("""
        class Note(models.Model):
            def save(self, *args, **kwargs):
                self.search = self.text.casefold()
                super().save(*args, **kwargs)
    """)
    assert not architecture.writes_outside_actions({"accounts/models/notes.py": text}, ())


GOOD_VERB = source("""
    @transaction.atomic
    def close(note, *, by):
        require(by, "accounts.change_note", note)
        note.save()

    def _helper(note):
        note.save()
""")


def verbs(text, **excuses):
    return architecture.careless_verbs(
        {"accounts/actions/notes.py": text}, **{"asks_nobody": (), "not_atomic": (), **excuses}
    )


def test_law_5_is_content_with_a_careful_verb():
    assert not verbs(GOOD_VERB)
    assert not verbs(GOOD_VERB.replace("require(by, ", "_may(by, ") + 'def _may(by, *_):\n    require(by, "x")\n')


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (GOOD_VERB.replace("@transaction.atomic\n", ""), "atomic"),
        (GOOD_VERB.replace("*, by", "by"), "keyword-only"),
        (GOOD_VERB.replace('    require(by, "accounts.change_note", note)\n', ""), "asks nobody"),
        (
            source("""
                @transaction.atomic
                def close(note, *, by):
                    note.save()
                    require(by, "accounts.change_note", note)
            """),
            "writes before it asks",
        ),
    ],
)
def test_law_5_catches_a_careless_verb(broken, complaint):
    assert [line for line in verbs(broken) if complaint in line]


def test_an_excuse_that_nothing_needs_is_found():
    assert architecture.stale({"a.py::f": "gone"}, []) and not architecture.stale(
        {"a.py::f": "here"}, ["a.py::f: .save()"]
    )
    assert architecture.stale({"b/*": "gone"}, ["a/x.py::f: .save()"]) and not architecture.stale(
        {"a/*": ""}, ["a/x.py::f: .save()"]
    )


def test_law_6_catches_pages_in_actions_and_class_views():
    assert architecture.http_in_actions({"chat/actions.py": "from django.http import Http404\n"})
    assert house.class_views({"chat/views.py": "class Page(View):\n    pass\n"})
    assert house.class_views({"chat/urls.py": 'path("", views.Page.as_view())\n'})
    assert not house.class_views({"chat/views.py": "def page(request):\n    pass\n"})


def test_law_2_catches_ears_on_the_saving_of_rows():
    assert architecture.post_save_receivers({"chat/receivers.py": "from django.db.models.signals import post_save\n"})


ROUTE = words.Route("appointments/<int:pk>/cancel/", "appointments:cancel", "appointments.views", "cancel")


def named(route=ROUTE, template="appointments/cancel.html", test="tests/appointments/test_cancel.py"):
    return list(words.misnamed(route, path_words={}, exists=lambda path: path == test, templates=[template]))


def test_law_1_is_content_with_one_word():
    assert not named()
    link = words.Route("join/<str:t>/new-link/", "accounts:join_new_link", "accounts.views.join", "join_new_link")
    assert not named(link, "accounts/join_sent.html", "tests/accounts/test_join.py")


@pytest.mark.parametrize(
    "broken",
    [
        {"route": words.Route(ROUTE.path, ROUTE.name, ROUTE.view_module, "cancel_view")},
        {"route": words.Route("appointments/<int:pk>/call-off/", ROUTE.name, ROUTE.view_module, "cancel")},
        {"template": "appointments/confirm.html"},
        {"template": "billing/cancel.html"},
        {"test": "tests/appointments/test_pages.py"},
    ],
)
def test_law_1_catches_a_second_word(broken):
    assert named(**broken)


def test_sizes_are_measured():
    assert house.too_long({"a/b.py": "x = 1\n" * 400}) and not house.too_long({"a/b.py": "x = 1\n" * 399})
    assert house.too_long({"templates/a.html": "<p>\n" * 200})
    assert house.too_long({"a/b.py": "def f():\n" + "    x = 1\n" * 50}) and not house.too_long(
        {"a/b.py": "def f():\n" + "    x = 1\n" * 49}
    )


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (house.deferred_imports, "a/b.py", "def f():\n    import json\n"),
        (house.deferred_imports, "a/b.py", "def f():\n    return import_module('x')\n"),
        (house.broad_excepts, "a/b.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
        (house.broad_excepts, "a/b.py", "try:\n    f()\nexcept:\n    pass\n"),
        (house.gossip, "a/b.py", "x = 1  # TODO: later\n"),
        (house.gossip, "a/b.html", "{# see /home/someone/notes #}\n"),
        (house.inline, "t/a.html", "<script>alert(1)</script>"),
        (house.inline, "t/a.html", "<script type=module>alert(1)</script>"),
        (house.inline, "t/a.html", "<style>p {}</style>"),
        (house.inline, "t/a.html", '<p style="color: red">'),
        (house.inline, "t/a.html", '<p {% if x %}hidden{% endif %} onclick="f()">'),
        (house.inline, "t/a.html", '<a href="javascript:f()">'),
        (house.inline, "t/a.html", '<img alt="" src="https://example.com/x.png">'),
        (house.inline, "t/a.html", "{{ text|safe }}"),
    ],
)
def test_untidiness_is_found(check, path, text):
    assert check({path: text})


def test_tidiness_is_left_alone():
    script = '<script type="module" src="{% static \'js/x.js\' %}"></script>'
    page = script + '<p {# style="" #}>{% if one %}one = two{% endif %}'
    assert not house.inline({"t/a.html": page})
    assert not house.gossip({"a/b.py": 'x = "/tmp/x"  # the race: two tabs\n'})
    assert not house.deferred_imports({"a/apps.py": "class AConfig:\n    def ready(self):\n        import a\n"})


def test_rooms_for_nothing_in_particular_are_found():
    assert house.nameless_rooms(["accounts/utils.py", "core/models.py", "accounts/views/lib/x.py"]) == [
        "accounts/utils.py",
        "core/models.py",
        "accounts/views/lib/x.py",
    ]
    assert not house.nameless_rooms(["accounts/views/join.py"])
    assert house.strangers({"accounts", "tests", "shared"}) == ["shared"]


def exists(path):
    return path in {"static/js/a.js", "static/img/a.svg"}


@pytest.mark.parametrize(
    "text",
    [
        'import x from "./missing.js";',
        'import "htmx";',
        "import { x } from '/static/js/a.js'",
        'await import("./b.js")',
    ],
)
def test_a_broken_import_of_a_script_is_found(text):
    assert house.broken_imports({"static/js/b2.js": text}, exists)
    assert not house.broken_imports({"static/js/b2.js": 'import { a } from "./a.js";'}, exists)


def test_a_ring_of_scripts_is_found():
    ring = {"static/js/a.js": 'import "./b.js";', "static/js/b.js": 'import "./a.js";'}
    assert len(house.script_cycles(ring)) == 2
    assert not house.script_cycles({**ring, "static/js/b.js": ""})


@pytest.mark.parametrize(
    "css",
    [
        "a { b: url(//example.com/x) }",
        "a { b: url('../img/no.svg') }",
        "@import 'x.css';",
        "a{b:url(https://x.example/y)}",
    ],
)
def test_a_foreign_or_missing_file_in_a_style_sheet_is_found(css):
    assert house.foreign_urls({"static/css/x.css": css}, exists)
    assert not house.foreign_urls(
        {"static/css/x.css": 'a { b: url("../img/a.svg#x") url(data:image/png;base64,x) }'}, exists
    )


def test_an_unknown_static_file_in_a_template_is_found():
    assert house.unknown_static({"t/a.html": "{% static 'js/no.js' %}"}, exists)
    assert not house.unknown_static({"t/a.html": '{% static "js/a.js" %}'}, exists)
