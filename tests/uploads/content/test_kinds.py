"""`kind_of` and `inspect` meet anything; names that files are saved under cannot run."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.uploads.content.samples import GOOD
from uploads.content.inspect import inspect
from uploads.content.kinds import BEGINNINGS, TABLE, Kind, kind_of
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

MAGIC = st.sampled_from(
    [magic for _offset, magic, _what in BEGINNINGS] + [b"PK\x03\x04", b"\0\0\0\x18ftypheic", b"RIFF"]
)
SAMPLES = {name: make() for name, make in GOOD.items()}


@given(
    st.one_of(st.binary(max_size=600), st.builds(bytes.__add__, MAGIC, st.binary(max_size=600))), st.text(max_size=30)
)
def test_any_bytes_are_a_kind_or_a_refusal(head, name):
    assert isinstance(kind_of(head, name), Kind | Refusal)


@st.composite
def mutated(draw):
    """A good file with some bytes changed, cut out, doubled or cut off."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    content = bytearray(SAMPLES[name])
    for _change in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        length = draw(st.integers(0, 12))
        match draw(st.sampled_from(["change", "cut", "double", "end"])):
            case "change":
                content[at : at + 1] = draw(st.binary(min_size=1, max_size=4))
            case "cut":
                del content[at : at + length]
            case "double":
                content[at:at] = content[at : at + length]
            case "end":
                del content[max(at, len(content) // 2) :]
    return name, bytes(content)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_a_damaged_file_ends_with_a_verdict_or_a_refusal(damaged):
    name, content = damaged
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        try:
            assert isinstance(inspect(path, name), Verdict)
        except Refused as refused:
            assert refused.reason in Refusal


def test_every_kind_says_its_content_type_and_its_extensions():
    assert set(TABLE) == set(Kind)
    assert all(kind.content_type and kind.extensions for kind in Kind)
    extensions = [extension for kind in Kind for extension in kind.extensions]
    assert len(set(extensions)) == len(extensions) and all(extension.startswith(".") for extension in extensions)


@pytest.mark.parametrize(
    ("kind", "name", "saved"),
    [
        (Kind.PDF, "letter.pdf", "letter.pdf"),
        (Kind.JPEG, "PHOTO.JPEG", "PHOTO.JPEG"),
        (Kind.TXT, "run.bat", "run.bat.txt"),
        (Kind.TXT, "page.htm.pdf", "page.htm.pdf.txt"),
        (Kind.JPEG, "photo", "photo.jpg"),
        (Kind.PNG, "photo.jpg", "photo.jpg.png"),
        (Kind.PDF, "", ".pdf"),
    ],
)
def test_a_file_is_saved_under_a_name_that_says_what_it_is(kind, name, saved):
    assert kind.named(name) == saved


def test_a_dicom_file_whose_first_value_is_cut_off_is_damaged(tmp_path):
    (tmp_path / "slice.dcm").write_bytes(bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00\xce\x00\x00")
    with pytest.raises(Refused) as refused:
        inspect(tmp_path / "slice.dcm", "slice.dcm")
    assert refused.value.reason == Refusal.BROKEN
