"""DICOM files of scanners: their facts are read, their pixels are not."""

import logging
import warnings
from pathlib import Path

import pydicom
from pydicom.filereader import read_file_meta_info
from pydicom.uid import DeflatedExplicitVRLittleEndian

from uploads.content.kinds import Kind
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

# It tells of odd values, which are health data.
logging.getLogger("pydicom").disabled = True


def inspect_dicom(path: Path, kind: Kind) -> Verdict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The parser would unpack the whole file at once, however large that is; hardly any scanner writes such.
        if read_file_meta_info(path).get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
            raise Refused(Refusal.TYPE)
        found = pydicom.dcmread(path, stop_before_pixels=True, defer_size="64 KB")
        if "SOPClassUID" not in found and "DirectoryRecordSequence" not in found:
            raise Refused(Refusal.BROKEN)
        return Verdict(kind, width=_number(found.get("Columns")), height=_number(found.get("Rows")))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
