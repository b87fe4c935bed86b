"""Random questionnaires, random answers to them, and random rubbish (hypothesis)."""

from hypothesis import strategies as st

from forms_app.answers.nodes import key_of

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"
SYSTEM = "urn:example:options"

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff"), min_size=1, max_size=20
).filter(lambda text: text.strip())
DATES = st.dates().map(str) | st.dates().map(lambda day: str(day)[:7]) | st.dates().map(lambda day: str(day)[:4])
NUMBERS = st.decimals(-1_000_000, 1_000_000, allow_nan=False, places=2).map(lambda number: f"{number:f}")

# What somebody may type, by the type of the question.
RAWS = {
    "boolean": st.sampled_from(["true", "false"]),
    "integer": st.integers(-(2**31), 2**31 - 1).map(str),
    "decimal": NUMBERS,
    "date": DATES,
    "dateTime": st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M").zfill(16)) | DATES,
    "time": st.times().map(lambda time: time.strftime("%H:%M")),
    "string": WORDS,
    "text": st.lists(WORDS, min_size=1, max_size=3).map("\n".join),
    "url": st.sampled_from(["https://example.org/", "urn:uuid:1", "mailto:a@example.org"]),
    "quantity": st.fixed_dictionaries({"value": NUMBERS, "unit": st.sampled_from(["0", "1"])}),
    "attachment": st.fixed_dictionaries(
        {
            "url": st.sampled_from(["https://example.org/a.pdf"]),
            "title": WORDS,
            "contentType": st.just("application/pdf"),
        }
    ),
}
PLAIN = sorted(RAWS)
CHOICES = ["choice", "open-choice"]

# How a condition asks for an answer of each type.
ANSWERS = {
    "boolean": st.booleans().map(lambda value: {"answerBoolean": value}),
    "integer": st.integers(-5, 5).map(lambda value: {"answerInteger": value}),
    "decimal": st.integers(-5, 5).map(lambda value: {"answerDecimal": value / 2}),
    "date": st.dates().map(lambda value: {"answerDate": str(value)}),
    "time": st.times().map(lambda value: {"answerTime": value.strftime("%H:%M:00")}),
    "string": WORDS.map(lambda value: {"answerString": value}),
    "text": WORDS.map(lambda value: {"answerString": value}),
}
OPERATORS = st.sampled_from(["=", "!=", ">", "<", ">=", "<="])
EXISTS = st.booleans().map(lambda value: {"operator": "exists", "answerBoolean": value})


class _Maker:
    """Draws items one after the other; a condition looks back at questions that are in sight of its item."""

    def __init__(self, draw, most):
        self.draw, self.left, self.number = draw, most, 0

    def items(self, depth, seen):
        return [self.item(depth, seen) for _ in range(self.draw(st.integers(1, 4))) if self.left > 0]

    def item(self, depth, seen):
        self.left -= 1
        self.number += 1
        kinds = [*PLAIN, *CHOICES, "display"] + (["group", "group", "group"] if depth and self.left > 0 else [])
        kind = self.draw(st.sampled_from(kinds))
        item = {"linkId": f"q{self.number}", "type": kind, "text": self.draw(WORDS)}
        if seen and self.draw(st.booleans()):
            item["enableWhen"] = [self.condition(seen) for _ in range(self.draw(st.integers(1, 2)))]
            item["enableBehavior"] = self.draw(st.sampled_from(["any", "all"]))
        if kind != "display":
            item |= self.draw(st.fixed_dictionaries({}, optional={"required": st.booleans(), "repeats": st.booleans()}))
            self.answered(item)
        self.below(item, depth, seen)
        return item

    def answered(self, item):
        if item["type"] in CHOICES:
            item["answerOption"] = self.draw(options())
        elif item["type"] == "quantity":
            item["extension"] = [
                {"url": UNIT, "valueCoding": {"code": code, "display": code}} for code in ("kg", "[lb_av]")
            ]
        elif item["type"] in {"string", "text"} and self.draw(st.booleans()):
            item["maxLength"] = 200

    def below(self, item, depth, seen):
        """What repeats is in sight of what stands in it, not of what comes after."""
        if item["type"] not in {"group", "display"}:
            seen.append(item)
        within = list(seen) if item.get("repeats") else seen
        wanted = item["type"] == "group" or (
            item["type"] != "display" and depth and self.left > 0 and self.draw(st.integers(0, 5)) == 0
        )
        if wanted:
            item["item"] = self.items(depth - 1, within) or [self.item(0, within)]

    def condition(self, seen):
        asked = self.draw(st.sampled_from(seen))
        condition = {"question": asked["linkId"]}
        if asked["type"] in CHOICES and self.draw(st.booleans()):
            (name, value), *_ = self.draw(st.sampled_from(asked["answerOption"])).items()
            return condition | {
                "operator": self.draw(st.sampled_from(["=", "!="])),
                name.replace("value", "answer"): value,
            }
        if asked["type"] in ANSWERS and self.draw(st.booleans()):
            return condition | {"operator": self.draw(OPERATORS)} | self.draw(ANSWERS[asked["type"]])
        return condition | self.draw(EXISTS)


@st.composite
def options(draw):
    kind = draw(st.sampled_from(["valueCoding", "valueCoding", "valueString", "valueInteger"]))
    found = []
    for number in range(draw(st.integers(1, 5))):
        coding = {"system": SYSTEM, "code": f"c{number}", "display": f"Answer {number}"}
        value = {"valueCoding": coding, "valueString": f"answer {number}", "valueInteger": number}[kind]
        scored = {"extension": [{"url": ORDINAL, "valueDecimal": number}]} if draw(st.booleans()) else {}
        found.append({kind: value} | scored)
    return found


@st.composite
def questionnaires(draw, most=25):
    """Importable ones: all types, groups in groups, items below questions, conditions, options, repeats."""
    return {
        "resourceType": "Questionnaire",
        "url": "https://example.org/Questionnaire/random",
        "status": draw(st.sampled_from(["draft", "active"])),
        "title": draw(WORDS),
        "item": _Maker(draw, most).items(3, []),
    }


@st.composite
def entries(draw, questionnaire):
    """What somebody may have typed into a questionnaire that was read (answers.read)."""
    found = {}
    _fill(draw, questionnaire.items, (), found)
    return found


def _fill(draw, items, path, found):
    for item in items:
        key = key_of(item.link_id, path)
        if item.type == "group" and item.repeats:
            found[key] = [str(number) for number in range(draw(st.integers(1, 3)))]
            for each in found[key]:
                _fill(draw, item.items, (*path, each), found)
        elif item.type == "group":
            _fill(draw, item.items, path, found)
        elif item.is_question:
            found[key] = draw(st.lists(raws(item), max_size=3 if item.repeats else 1))
            for place in range(len(found[key]) if item.repeats else 1):
                _fill(draw, item.items, (*path, str(place)) if item.repeats else path, found)


def raws(item):
    if item.type not in CHOICES:
        return RAWS[item.type]
    tokens = st.sampled_from([option.token for option in item.options])
    return tokens | WORDS.map(lambda text: {"other": text.strip()}) if item.type == "open-choice" else tokens


@st.composite
def filled_in(draw):
    """A questionnaire as a resource, and entries for it."""
    from forms_app import answers

    resource = draw(questionnaires())
    return resource, draw(entries(answers.read(resource)))


# Rubbish ----------------------------------------------------------------------------------------

ELEMENTS = ["resourceType", "status", "item", "linkId", "type", "text", "answer", "valueString", "valueCoding", "code"]
OTHERS = [
    "enableWhen",
    "question",
    "operator",
    "extension",
    "url",
    "q1",
    "q2",
    "q1#0",
    "other",
    "value",
    "unit",
    "_shown",
]
NAMES = st.sampled_from([*ELEMENTS, *OTHERS])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=4)
    | st.sampled_from(
        ["QuestionnaireResponse", "Questionnaire", "q1", "q2", "string", "group", "completed", "0", "\x00"]
    )
)
RUBBISH = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=5), max_leaves=25
)
