"""PDFs: a client's text is text, the file can be read by a screen reader, and setting it asks nobody for anything."""

import io
import re

import pikepdf
import pypdfium2
import pytest
import typst

from accounts import pdf
from tests.laws.sources import ROOT

EVIL = [
    '#import "@preview/tablex:0.0.9": *',
    '#read("/etc/passwd")',
    '#image("../../../../etc/hostname")',
    "#panic(1) #while true {}",
    '" + read("record.typ") + "',
    "$ sum_(i=0)^n i $ *bold* _it_ `raw` <label> @ref = Heading",
    "</text><script>alert(1)</script>",
    "\\u{1f600} \\ \\# /* comment */ // comment",
    "#let data = 1",
    "[#set text(size: 0pt)]",
]


def data(*texts, **more):
    section = {"heading": "Facts", "facts": [["Fact", text] for text in texts], "head": [], "rows": [], "nothing": ""}
    table = {**section, "heading": "Table", "facts": [], "head": ["A"], "rows": [[text] for text in texts]}
    known = {"title": "Alice Adams", "lead": "What we held.", "lang": "en", "practice": "Linden", "page": "Page"}
    return {**known, "incomplete": "Some characters cannot be drawn.", "sections": [section, table], **more}


def text_of(made):
    document = pypdfium2.PdfDocument(made)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("evil", EVIL)
def test_g11_what_looks_like_source_is_shown_as_text(evil):
    made = text_of(pdf.make("accounts/record", data(evil, title=evil)))
    assert squeezed(made).count(squeezed(evil)) == 3


def test_it_is_tagged_for_screen_readers_and_says_its_language_and_title():
    with pikepdf.open(io.BytesIO(pdf.make("accounts/record", data("x", lang="es")))) as document:
        root = document.Root
        assert root.MarkInfo.Marked and root.StructTreeRoot and root.Lang == "es"
        assert root.ViewerPreferences.DisplayDocTitle and str(document.docinfo["/Title"]) == "Alice Adams"
        assert "pdfuaid" in root.Metadata.read_bytes().decode()


def test_its_fonts_are_inside():
    with pikepdf.open(io.BytesIO(pdf.make("accounts/record", data("plain", "שלום", "مرحبا")))) as document:
        fonts = [one for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/FontName" in one]
        assert fonts and all({"/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا", "Ünïcödé ñ ß", "Żółć", "Ελληνικά", "Привет"])
def test_other_scripts_can_be_read_and_copied(text):
    made = squeezed(text_of(pdf.make("accounts/record", data(text))))
    assert squeezed(text) in made


def test_4000_emoji_make_a_pdf():
    with pikepdf.open(io.BytesIO(pdf.make("accounts/record", data("😀" * 4000)))) as document:
        assert document.Root.MarkInfo.Marked and len(document.pages) > 1


def test_a_character_that_no_font_has_makes_a_pdf_that_says_that_something_is_missing():
    made = pdf.make("accounts/record", data("\U000f1234 and plain"))
    assert "Some characters cannot be drawn." in text_of(made) and "and plain" in text_of(made)
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.Root.MarkInfo.Marked


def test_where_every_character_is_known_nothing_is_said_to_be_missing():
    assert "cannot be drawn" not in text_of(pdf.make("accounts/record", data("plain")))


@pytest.mark.parametrize("text", ["x" * 5000, "a@" + "b" * 300, "word " * 2000, "\n" * 200, ""])
def test_no_text_runs_over_the_edge_of_the_page(text):
    document = pypdfium2.PdfDocument(pdf.make("accounts/record", data(text)))
    for page in document:
        words = page.get_textpage()
        width = page.get_width()
        assert all(words.get_rect(n)[2] <= width for n in range(words.count_rects()))


def test_a_fault_of_the_template_is_not_taken_for_a_missing_character():
    with pytest.raises(typst.TypstError):
        pdf.make("accounts/record", {})


REACHES = re.compile(r"\b(import|include|eval|plugin|read|image|bibliography|csv|toml|yaml|xml|cbor)\b *[(\"@]")


@pytest.mark.parametrize("source", ROOT.glob("templates/*/pdf/*.typ"), ids=lambda path: path.name)
def test_no_template_reads_a_file_asks_the_network_or_runs_what_it_is_given(source):
    """Packages come over the network, and only by `import`; data comes in by `sys.inputs` alone."""
    assert not REACHES.search(source.read_text())
