"""Good files of every kind, made here."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pikepdf
import pillow_heif
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
WORD, EXCEL = MAIN.format("wordprocessingml.document"), MAIN.format("spreadsheetml.sheet")
RELATIONS = f'<Relationships xmlns="{PACKAGE}/relationships">{{}}</Relationships>'


def colours(size=(60, 40), mode="RGB"):
    """Left half red, right half blue."""
    picture = Image.new(mode, size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    return picture


def image(kind, picture=None, **options):
    written = BytesIO()
    (picture or colours()).save(written, kind, **options)
    return written.getvalue()


def heic(picture=None, **options):
    written = BytesIO()
    pillow_heif.from_pillow(picture or colours((64, 64))).save(written, quality=60, **options)
    return written.getvalue()


def pages(count):
    """Scanned pages in one TIFF."""
    page = Image.new("1", (200, 300), 1)
    return image("TIFF", page, save_all=True, append_images=[page] * (count - 1), compression="group4")


def pdf(change=None, *, count=2, **options):
    """A PDF of empty pages; `change(pdf)` may add to it."""
    made = pikepdf.new()
    for _page in range(count):
        made.add_blank_page(page_size=(200, 300))
    if change:
        change(made)
    written = BytesIO()
    made.save(written, **options)
    return written.getvalue()


def dicom(change=None):
    facts = Dataset()
    facts.file_meta = FileMetaDataset()
    facts.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    facts.SOPClassUID, facts.SOPInstanceUID, facts.Modality = CTImageStorage, generate_uid(), "CT"
    facts.Rows, facts.Columns, facts.BitsAllocated, facts.SamplesPerPixel = 2, 3, 8, 1
    facts.BitsStored, facts.HighBit, facts.PixelRepresentation = 8, 7, 0
    facts.PhotometricInterpretation, facts.PixelData = "MONOCHROME2", bytes(6)
    if change:
        change(facts)
    written = BytesIO()
    facts.save_as(written, enforce_file_format=True)
    return written.getvalue()


def relation(kind, target, mode="Internal"):
    return f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'


def zipped(parts, compression=ZIP_DEFLATED):
    written = BytesIO()
    with ZipFile(written, "w", compression) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return written.getvalue()


def _package(main, kind, parts, **options):
    types = f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/{main}" ContentType="{kind}"/></Types>'
    known = {
        "[Content_Types].xml": types,
        "_rels/.rels": RELATIONS.format(relation("officeDocument", main)),
        main: '<w:document xmlns:w="w"><w:body/></w:document>',
    }
    return zipped(known | parts, **options)


def docx(parts=(), kind=WORD, **options):
    return _package("word/document.xml", kind, dict(parts), **options)


def xlsx(parts=(), kind=EXCEL):
    return _package("xl/workbook.xml", kind, dict(parts))


def related(relations, of="word/_rels/document.xml.rels"):
    return {of: RELATIONS.format(relations)}


TEXT = "Schlaf: gut. Größe 1,72 m. Fünf Stück.\n"
GOOD = {
    "letter.pdf": pdf,
    "photo.jpg": lambda: image("JPEG"),
    "picture.png": lambda: image("PNG"),
    "phone.heic": heic,
    "picture.webp": lambda: image("WEBP"),
    "scan.tiff": lambda: pages(3),
    "letter.docx": docx,
    "table.xlsx": xlsx,
    "note.txt": TEXT.encode,
    "values.csv": lambda: b"day;pulse\n2031-01-05;-61\n",
    "slice.dcm": dicom,
}
