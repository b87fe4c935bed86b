"""S44: what the scanner says is believed, and where it says nothing, nothing is released."""

import os
import socket as sockets
import threading
from pathlib import Path

import pytest

from tests import clamd as real
from tests.clamd import EICAR, FOUND, LARGEST, running
from tests.uploads.content.samples import docx, zipped
from uploads.clamd import ScannerDown, ping, scan


@pytest.mark.parametrize("chunks", [[b"Dear Dana"], [], [b""], [b"a", b"", b"b"], [os.urandom(LARGEST // 2)]])
def test_s44_a_clean_file_passes(chunks, clamd):
    assert scan(chunks, clamd.socket) is None


@pytest.mark.parametrize(
    "chunks",
    [[EICAR], [bytes([letter]) for letter in EICAR], [zipped({"a.com": EICAR})], [docx({"word/a.bin": EICAR})]],
)
def test_s44_a_virus_is_found_in_pieces_and_in_packages(chunks, clamd):
    assert scan(chunks, clamd.socket) == FOUND


def test_s44_a_scanner_that_answers_nothing_is_down(clamd):
    with clamd.asleep(), pytest.raises(ScannerDown):
        scan([b"Dear Dana"], clamd.socket, seconds=0.3)
    assert scan([b"Dear Dana"], clamd.socket) is None


def test_s44_a_file_that_is_too_large_for_the_scanner_is_not_called_clean(clamd):
    with pytest.raises(ScannerDown, match="size limit"):
        scan([bytes(LARGEST)] * 3, clamd.socket)


def test_s44_a_package_that_is_too_deep_for_the_scanner_is_neither_clean_nor_infected(clamd):
    package = EICAR
    for depth in range(6):
        package = zipped({f"{depth}.zip": package})
    with pytest.raises(ScannerDown, match=r"Limits\.Exceeded"):
        scan([package], clamd.socket)


def test_s44_a_scanner_that_was_stopped_is_down():
    with running() as clamd:
        ping(clamd.socket)
        clamd.stop()
        with pytest.raises(ScannerDown):
            scan([b"Dear Dana"], clamd.socket)
        with pytest.raises(ScannerDown):
            ping(clamd.socket)


@pytest.mark.parametrize("address", ["/nowhere/socket", "tcp://127.0.0.1:1", "tcp://127.0.0.1:port", "x" * 300, ""])
def test_an_address_without_a_scanner_is_down(address):
    with pytest.raises(ScannerDown):
        scan([b"Dear Dana"], address, seconds=2)


def answering(answer):
    """Somebody else on a port of this machine, who says one thing and hangs up; the address."""
    server = sockets.create_server(("127.0.0.1", 0))

    def serve():
        with server, server.accept()[0] as line:
            while line.recv(65536)[-4:] != bytes(4):
                pass
            line.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [b"", b"\0", b"UNKNOWN COMMAND\0", b"stream: ERROR\0", b"stream: OK ERROR\0", b"HTTP/1.1 200 OK\r\n\r\n", b"OK\0",
     b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", b"\xff" * 5000],
)  # fmt: skip
def test_an_answer_that_is_not_the_scanners_is_no_verdict(answer):
    with pytest.raises(ScannerDown):
        scan([b"Dear Dana"], answering(answer), seconds=5)


def test_the_scanner_may_be_on_another_machine():
    assert scan([b"Dear Dana"], answering(b"stream: OK\0")) is None


def test_a_scanner_that_says_a_letter_at_a_time_has_one_deadline_for_all():
    server = sockets.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve():
        with server, server.accept()[0] as line:
            while not over.wait(0.05):
                line.sendall(b"s")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with pytest.raises(ScannerDown):
        scan([b"Dear Dana"], f"tcp://127.0.0.1:{server.getsockname()[1]}", seconds=0.5)
    over.set()
    thread.join()


def test_a_file_that_cannot_be_read_is_not_the_scanners_fault(clamd):
    def chunks():
        yield b"a"
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        scan(chunks(), clamd.socket)


def test_the_virus_is_not_written_out_in_a_source_file():
    assert EICAR not in Path(real.__file__).read_bytes()
