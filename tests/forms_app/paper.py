"""A page of a form in a browser without scripts: its fields as they stand there, what is changed, which button."""

from html.parser import HTMLParser
from types import SimpleNamespace

from django.urls import reverse


class Reading(HTMLParser):
    """All elements with their attributes and text, and the fields of the form with `id="fill"`."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.fields = [], [], []
        self.select = self.area = None
        self.feed(html)

    VOID = {"input", "meta", "link", "br", "img", "use", "path", "hr", "wbr"}

    def handle_starttag(self, tag, given):
        attributes = {name: value or "" for name, value in given}
        element = SimpleNamespace(tag=tag, attributes=attributes, text="", within=list(self.open))
        self.elements.append(element)
        if tag not in self.VOID:
            self.open.append(element)
        self._field(element)

    def handle_startendtag(self, tag, given):
        self.elements.append(SimpleNamespace(tag=tag, attributes=dict(given), text="", within=list(self.open)))

    def handle_endtag(self, tag):
        while self.open and any(element.tag == tag for element in self.open):
            if self.open.pop().tag == tag:
                break

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def _field(self, element):
        given = element.attributes
        if not any(one.attributes.get("id") == "fill" for one in element.within):
            return
        if element.tag == "input" and given.get("name") and "disabled" not in given:
            kind = given.get("type", "text")
            if kind not in {"submit", "file"} and (kind not in {"radio", "checkbox"} or "checked" in given):
                self.fields.append((given["name"], given.get("value", "")))
        if element.tag == "option" and "selected" in given:
            self.fields.append((element.within[-1].attributes["name"], given["value"]))
        if element.tag == "textarea":
            self.fields.append((given["name"], element))


class Paper:
    """`paper["a"] = "yes"` types, `paper.press("next")` sends; what the server answers is the next paper."""

    def __init__(self, browser, answer):
        self.browser, self.answer, self.status = browser, answer, answer.status_code
        self.html = answer.content.decode()
        read = Reading(self.html)
        self.elements = read.elements
        self.fields = {}
        for name, value in read.fields:
            # HTML leaves out the line end at the start of a text area.
            text = value if isinstance(value, str) else value.text.removeprefix("\n")
            self.fields.setdefault(name, []).append(text)

    def __setitem__(self, name, value):
        self.fields[name] = list(value) if isinstance(value, (list, tuple)) else [value]

    def __getitem__(self, name):
        return self.fields.get(name, [])

    def press(self, do, **more):
        url = self.answer.request["PATH_INFO"]
        sent = self.browser.post(url, {**self.fields, "_do": do, **more})
        return Paper(self.browser, self.browser.get(sent.url) if sent.status_code == 302 else sent)

    def find(self, tag, **given):
        """Elements by their attributes; `data_item="a"` is data-item."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in given.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def item(self, key):
        """What stands for the item with that key."""
        return next(element for element in self.elements if element.attributes.get("data-item") == key)

    def inside(self, key, tag):
        wrapper = self.item(key)
        return [element for element in self.elements if element.tag == tag and wrapper in element.within]

    def by_id(self, id):
        return next(element for element in self.elements if element.attributes.get("id") == id)

    def is_hidden(self, key):
        wrapper = self.item(key)
        return any("hidden" in element.attributes for element in [wrapper, *wrapper.within])

    @property
    def title(self):
        return next(element.text for element in self.elements if element.tag == "title")

    @property
    def summary(self):
        """The lines of the summary of errors: (words, address)."""
        boxes = [e for e in self.elements if e.attributes.get("class") == "error-summary"]
        links = [e for e in self.elements if e.tag == "a" and any(box in e.within for box in boxes)]
        return [(link.text.strip(), link.attributes["href"]) for link in links]


def open_form(browser, assignment, query=""):
    return Paper(browser, browser.get(reverse("forms_app:fill", args=[assignment.pk]) + query))
