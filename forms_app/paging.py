"""Which page of a form is shown: its step, what is wrong there, how far everything is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_app import layout, words
from forms_app.answers import Error, Filled, Node
from forms_app.asking import Asked, Sheet
from forms_app.layout import Step


@dataclass(frozen=True)
class Wrong:
    """One line of the summary of errors."""

    href: str
    question: str
    words: str


@dataclass(frozen=True)
class Link:
    """One step in the list of steps."""

    number: int
    title: str
    words: str = ""
    is_wrong: bool = False


@dataclass(frozen=True)
class Part:
    """What is looked over of one step before it is submitted."""

    step: Step
    asked: list[Asked]


@dataclass(frozen=True)
class Page:
    """One step of a form; a form in steps ends with one to look it over. With `checks` also what is missing is said."""

    filled: Filled
    wanted: str = ""
    checks: bool = False
    comments: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def all_steps(self) -> list[Step]:
        return layout.steps(self.filled.nodes)

    @cached_property
    def steps(self) -> list[Step]:
        """Those that something is asked or said on now."""
        return [step for step in self.all_steps if step.is_shown] or self.all_steps[:1]

    @property
    def last(self) -> Step:
        """Where one submits."""
        if len(self.all_steps) == 1:
            return self.all_steps[0]
        return Step(len(self.all_steps) + 1, _("Look over and submit"), [])

    @cached_property
    def numbered(self) -> list[Step]:
        return self.steps if len(self.all_steps) == 1 else [*self.steps, self.last]

    @cached_property
    def step(self) -> Step:
        """The one that was asked for; where it is hidden meanwhile, the next."""
        number = int(self.wanted) if self.wanted.isascii() and self.wanted.isdecimal() and len(self.wanted) < 6 else 0
        return next((step for step in self.numbered if step.number >= number), self.numbered[-1])

    @property
    def place(self) -> int:
        return self.numbered.index(self.step) + 1

    @property
    def is_review(self) -> bool:
        return len(self.all_steps) > 1 and self.step.number == self.last.number

    @property
    def is_last(self) -> bool:
        return self.step.number == self.numbered[-1].number

    @property
    def to_last(self) -> str:
        """What the button that leads to the end says to the server."""
        return f"step:{self.last.number}"

    def beside(self, way: int) -> Step:
        """The next step (1) or the one before (-1); at the end the same."""
        place = self.numbered.index(self.step) + way
        return self.numbered[min(max(place, 0), len(self.numbered) - 1)]

    # What is wrong ---------------------------------------------------------------------------------

    @cached_property
    def errors(self) -> list[Error]:
        """All that keeps it from being submitted; before that was tried, only what was typed and cannot be right."""
        if self.checks or self.is_review:
            return self.filled.errors()
        return [error for error in self.filled.errors(complete=False) if self._is_answered(error.key)]

    def _is_answered(self, key: str) -> bool:
        node = self.filled.node(key)
        return bool(node and node.answers)

    @cached_property
    def sheet_errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for error in self.errors:
            found.setdefault(error.key, []).append(words.error(error.code, error.params))
        return found

    @cached_property
    def _step_of(self) -> dict[str, Step]:
        return {node.key: step for step in self.all_steps for node in step.walk()}

    def summary(self) -> list[Wrong]:
        """Each error with a link to its field, those of this step first."""
        here = [self._wrong(error) for error in self.errors]
        return sorted(here, key=lambda wrong: not wrong.href.startswith("#"))

    def wrong_here(self) -> bool:
        """Something on this page was typed that cannot be right."""
        here = {node.key for node in self.step.walk()}
        return any(error.key in here for error in self.errors if self._is_answered(error.key))

    def _wrong(self, error: Error) -> Wrong:
        step, node = self._step_of.get(error.key), self.filled.node(error.key)
        text = layout.name_of(node) if node else ""
        at = "#" + layout.id_of(error.key) if node else "#fill"
        href = at if step is None or step == self.step else f"?step={step.number}&check=1{at}"
        return Wrong(href, text, words.error(error.code, error.params))

    def headline(self) -> str:
        """As in "3 answers are missing"."""
        missing = sum(error.code == "required" for error in self.errors)
        others = len(self.errors) - missing
        said = []
        if missing:
            said.append(ngettext("One answer is missing", "{n} answers are missing", missing).format(n=missing))
        if others:
            said.append(ngettext("One answer needs a look", "{n} answers need a look", others).format(n=others))
        return _("; ").join(said)

    # How far it is ---------------------------------------------------------------------------------

    def links(self) -> list[Link]:
        return [self._link(step) for step in self.numbered]

    def _link(self, step: Step) -> Link:
        wrong = sum(self._step_of.get(error.key) == step for error in self.errors)
        if wrong and (self.checks or self.is_review):
            said = ngettext("One needs a look", "{n} need a look", wrong).format(n=wrong)
            return Link(step.number, step.title, said, is_wrong=True)
        questions = list(asked_in(step.walk()))
        done = sum(bool(node.answers) for node in questions)
        said = _("{done} of {all}").format(done=done, all=len(questions)) if questions else ""
        return Link(step.number, step.title, said)

    def parts(self, sheet: Sheet) -> list[Part]:
        """What was answered, step by step."""
        return [
            Part(step, [Asked(node, sheet) for node in step.walk() if _is_visible(node) and node.item.is_question])
            for step in self.steps
        ]

    @property
    def shown_keys(self) -> list[str]:
        """What this page replaces in the draft."""
        nodes = (node for node in self.step.walk() if node.item.is_question and not node.item.is_given)
        return [node.key for node in nodes]

    def newly(self, before: Filled) -> list[Asked]:
        """Questions of this step that the answers just given bring up."""
        known = {node.key for node in before.walk() if node.enabled}
        return [Asked(node, Sheet()) for node in asked_in(self.step.walk()) if node.key not in known]


def _is_visible(node: Node) -> bool:
    return node.enabled and not node.item.hidden


def asked_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """The questions that somebody can answer now."""
    return (node for node in nodes if node.enabled and node.item.is_question and not node.item.is_given)
