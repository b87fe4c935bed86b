"""The rows in which staff say when an item is shown."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from forms_app import building
from forms_app.forms.items import CHECKS, said
from forms_app.wording import answer_words, cut, item_words, operator_words

MOST = 50
# Stands for an answer of an imported file that the page cannot offer, and leaves as it is.
KEPT = "as-it-is"


class ConditionRow:
    """One condition on the page: its question is settled, operator and answer are chosen or typed."""

    def __init__(self, n: int, row: building.Row, index: building.Index, kept: str = "", known: str = "") -> None:
        self.n, self.row, self.kept, self.known, self.error = n, row, kept, known, ""
        self.question = index.question(row.question)
        self.options = index.options(self.question)

    @property
    def name(self) -> str:
        return f"row-{self.n}"

    @property
    def operator_id(self) -> str:
        return f"id_{self.name}-operator"

    @property
    def text(self) -> str:
        return item_words(self.question) or self.row.question

    @property
    def operators(self) -> list[tuple[str, str]]:
        known = building.operators_for(self.question)
        if self.known and self.known not in known:
            known = (*known, self.known)
        return [(each, operator_words(each, self.question)) for each in known]

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The answers to choose from; none where one is typed."""
        if self.question.get("type") == "boolean":
            offered = [("true", _("Yes")), ("false", _("No"))]
        else:
            offered = [(str(place), cut(building.label_of(each))) for place, each in enumerate(self.options)]
        return [*offered, (KEPT, self.kept)] if self.kept else offered

    @property
    def answer(self) -> str:
        return KEPT if self.row.answer is None else self.row.answer

    @property
    def is_typed(self) -> bool:
        return not self.answers

    @property
    def needs_answer(self) -> bool:
        return self.row.operator not in {"exists", building.MISSING}

    def check(self) -> str:
        """What is wrong with it, in words."""
        if self.row.operator not in dict(self.operators):
            return _("Please choose how to compare.")
        if not self.needs_answer or self.row.answer is None:
            return ""
        if not self.row.answer:
            return _("Please say which answer.")
        if self.answers:
            return "" if self.row.answer in dict(self.answers) else _("Please choose an answer.")
        check = CHECKS.get(str(self.question.get("type")))
        try:
            if check:
                check(self.row.answer)
        except ValidationError as error:
            return str(error.messages[0])
        return ""


class Conditions:
    """All conditions of an item, as they stand or as they were posted."""

    def __init__(self, resource: building.Resource, item: building.Item, data: Any = None) -> None:
        self.index, self.item, self.wrong = building.Index(resource), item, list[str]()
        self.questions = {each["linkId"]: each for each in building.askable(resource, item["linkId"])}
        self.known = building.condition_rows(self.index, item)
        self.behavior = str(item.get("enableBehavior", "any"))
        self._set(self.known if data is None else self._posted(data))
        if data is not None and data.get("behavior") in {"any", "all"}:
            self.behavior = data["behavior"]
        self.asked = str(data.get("question", "")) if data is not None else ""

    def _set(self, rows: list[building.Row]) -> None:
        self.all = [
            ConditionRow(n, row, self.index, self._kept(row), self._known_operator(row)) for n, row in enumerate(rows)
        ]

    def _known_operator(self, row: building.Row) -> str:
        """That of the file, which stays possible where we would not offer it."""
        return "" if row.was is None else self.known[row.was].operator

    def _kept(self, row: building.Row) -> str:
        """The words of an answer that only stays as it is."""
        before = None if row.was is None else self.known[row.was]
        if before is None or before.answer is not None:
            return ""
        return answer_words(self.index, self.item["enableWhen"][row.was]) or _("as in the file")

    def _posted(self, data: Any) -> list[building.Row]:
        count = data.get("row-count", "")
        number = int(count) if count.isascii() and count.isdecimal() and len(count) < 4 else 0
        return [self._one(data, n) for n in range(min(number, MOST))]

    def _one(self, data: Any, n: int) -> building.Row:
        was = data.get(f"row-{n}-was", "")
        place = int(was) if was.isascii() and was.isdecimal() and len(was) < 4 else None
        before = self.known[place] if place is not None and place < len(self.known) else None
        posted = data.get(f"row-{n}-answer", "")
        row = building.Row(
            data.get(f"row-{n}-question", ""),
            data.get(f"row-{n}-operator", ""),
            None if posted == KEPT and before is not None and before.answer is None else str(said(posted)),
            place if before is not None else None,
        )
        # What means the same as before is the same.
        if before is not None and row.answer is not None and said(before.answer) == row.answer:
            row = replace(row, answer=before.answer)
        return row if row.operator not in {"exists", building.MISSING} else replace(row, answer="")

    def turn(self, act: str, place: str) -> str:
        """Add a row for the chosen question, or take one out; returns the id of what takes focus."""
        rows = [each.row for each in self.all]
        if act == "add":
            question = self.questions.get(self.asked)
            if question is None:
                self.wrong.append(_("Please choose the question that it depends on."))
                return ""
            operator = building.operators_for(question)[0]
            rows.append(building.Row(self.asked, operator, ""))
            self.asked = ""
        elif place.isascii() and place.isdecimal() and len(place) < 4:
            rows = [row for n, row in enumerate(rows) if n != int(place)]
        self._set(rows)
        return f"id_row-{len(rows) - 1}-operator" if rows else "id_question"

    def is_valid(self) -> bool:
        for each in self.all:
            is_same = each.row.was is not None and each.row == self.known[each.row.was]
            each.error = "" if is_same else each.check()
        return not any(each.error for each in self.all)

    @property
    def errors(self) -> list[ConditionRow]:
        return [each for each in self.all if each.error]

    def rows(self) -> list[building.Row]:
        return [each.row for each in self.all]

    @property
    def offered(self) -> list[tuple[str, str]]:
        return [(link_id, item_words(question)) for link_id, question in self.questions.items()]
