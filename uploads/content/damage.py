"""What parsers say of broken files, in one place."""

import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from pikepdf import PasswordError, PdfError
from PIL import Image
from pydicom.errors import BytesLengthException, InvalidDicomError

from uploads.content.refusal import Refusal, Refused

TOO_MUCH = (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning)
# Written for good files, parsers stumble over broken ones in every way that Python has.
DAMAGED = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RuntimeError,
    AssertionError, struct.error, zlib.error, BadZipFile, ExpatError, PdfError, InvalidDicomError,
    BytesLengthException,
)  # fmt: skip


@contextmanager
def parsing() -> Generator[None]:
    """Around a parser: whatever it stumbles over becomes Refused."""
    try:
        yield
    except TOO_MUCH as error:
        raise Refused(Refusal.BOMB) from error
    except PasswordError as error:
        raise Refused(Refusal.ENCRYPTED) from error
    except DAMAGED as error:
        raise Refused(Refusal.BROKEN) from error
