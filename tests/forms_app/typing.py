"""A page's form as a browser sends it back: every input with what stands in it."""

from html.parser import HTMLParser


class Inputs(HTMLParser):
    """The names and values of a form's inputs, as HTML says that they are sent (HTML §4.10.22.4)."""

    def __init__(self):
        super().__init__()
        self.found, self.select, self.textarea, self.option = [], None, None, None

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "input" and "name" in known and "disabled" not in known:
            self._input(known)
        elif tag == "select":
            self.select = [known.get("name"), None, None]
        elif tag == "option" and self.select:
            value = known.get("value", "")
            self.select[1] = value if self.select[1] is None else self.select[1]
            if "selected" in known:
                self.select[2] = value
        elif tag == "textarea":
            self.textarea = [known.get("name"), ""]

    def _input(self, known):
        kind = known.get("type", "text")
        if kind in {"checkbox", "radio"}:
            if "checked" in known:
                self.found.append((known["name"], known.get("value", "on")))
        elif kind not in {"submit", "file"}:
            value = known.get("value") or ""
            one_line = kind != "hidden"
            self.found.append((known["name"], value.replace("\n", "").replace("\r", "") if one_line else value))

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1] += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            name, first, chosen = self.select
            if name:
                self.found.append((name, (first if chosen is None else chosen) or ""))
            self.select = None
        elif tag == "textarea" and self.textarea:
            name, text = self.textarea
            # The first line end after the tag is no content, and line ends are sent as CR LF.
            text = text.removeprefix("\n").replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
            self.found.append((name, text))
            self.textarea = None


def typed(answer, **changes):
    """What the last form of a page sends; with changes, what somebody typed. None leaves a name out."""
    body = answer.text
    reader = Inputs()
    start = body.index("<main")
    reader.feed(body[start : body.index("</main>")])
    sent = {}
    for name, value in reader.found:
        sent.setdefault(name, []).append(value)
    for name, value in changes.items():
        sent[name] = value if isinstance(value, list) else [value]
    return {name: values for name, values in sent.items() if values != [None]}
