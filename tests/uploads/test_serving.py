"""Stored files reach the browser as downloads that cannot run, under a header that no name can break."""

import asyncio
import calendar
import json
import re
import time
from email.message import Message
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.http import Http404
from django.test import AsyncRequestFactory, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Access
from tests import s3
from tests.laws.sources import ROOT
from uploads.models import Upload
from uploads.serving import LONGEST_NAME, safe_name, serve

NAMES = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "a\x00.pdf",
    "a\r\nSet-Cookie: x=1.pdf",
    'x";filename="y.exe',
    "x;filename=y.exe",
    "photo\u202egpj.exe",
    "CON",
    "~/.ssh/id",
    " . ",
    "",
    "👩‍👩‍👧‍👦 Befund ärztlich 检查.pdf",
    "é" * 300 + ".pdf",
    "a" * 300 + ".pdf",
    "a\n",
    "\ud800.pdf",
    "100%41.pdf",
]


def upload_of(cast, content=b"private", name="My Scan.pdf", **fields):
    upload = Upload(
        client=cast.alice_client, name=name, kind="pdf", size=len(content), sha256="0" * 64, sent_by=cast.alice,
        status="available", **fields,
    )  # fmt: skip
    upload.file.save(name, ContentFile(content), save=False)
    upload.save()
    return upload


def link(upload):
    return reverse("uploads:download", args=[upload.pk])


def body(answer):
    return b"".join(answer.streaming_content)


# The answer -----------------------------------------------------------------------------------


def test_a_download_cannot_run_and_stays_in_no_cache(cast, signed_in, disk):
    answer = signed_in(cast.alice).get(link(upload_of(cast)))
    assert body(answer) == b"private"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="My Scan.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_download_is_not_compressed_and_its_length_is_told(cast, signed_in, disk):
    upload = upload_of(cast, b"words " * 1000)
    answer = signed_in(cast.alice).get(link(upload), headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Length"] == "6000" and len(body(answer)) == 6000


def test_head_tells_the_length_and_reads_nothing(cast, signed_in, disk):
    answer = signed_in(cast.alice).head(link(upload_of(cast)))
    assert answer.headers["Content-Length"] == "7" and not answer.streaming


def test_it_comes_in_pieces_also_from_an_asynchronous_server(cast, disk):
    upload = upload_of(cast, b"x" * 1_000_000)
    answer = serve(AsyncRequestFactory().get("/"), upload.file, name=upload.name)
    assert answer.streaming and answer.is_async

    async def pieces():
        return [piece async for piece in answer]

    found = asyncio.run(pieces())
    assert len(found) > 2 and b"".join(found) == b"x" * 1_000_000


@pytest.mark.parametrize("storage", ("disk", "bucket"))
def test_bytes_that_are_gone_are_not_found(cast, request, storage):
    request.getfixturevalue(storage)
    upload = upload_of(cast)
    upload.file.storage.delete(upload.file.name)
    for _ in range(2):
        with pytest.raises(Http404):
            serve(RequestFactory().get("/"), upload.file, name=upload.name)
        upload.file = ""


def test_only_our_own_pictures_are_shown_in_a_page(cast, disk):
    upload = upload_of(cast)
    with pytest.raises(ValueError, match="text/html"):
        serve(RequestFactory().get("/"), upload.file, name="x", content_type="text/html", inline=True)
    answer = serve(RequestFactory().get("/"), upload.file, name="x.webp", content_type="image/webp", inline=True)
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


# Names ----------------------------------------------------------------------------------------


def read_back(header):
    """The name as a browser reads it (RFC 6266, RFC 8187)."""
    message = Message()
    message["Content-Disposition"] = header
    return message.get_content_disposition(), message.get_filename()


@given(st.text(max_size=400))
def test_s43_no_name_breaks_the_header(name):
    _header_is_safe(name)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:30]))
def test_s43_names_of_attackers_are_harmless(name):
    _header_is_safe(name)


def test_s43_no_string_that_troubled_others_troubles_the_header():
    for string in json.loads((ROOT / "tests" / "data" / "strings.json").read_text())["strings"]:
        _header_is_safe(f"{string}.pdf")


def _header_is_safe(name):
    header = _Stored().served(name)
    kind, read = read_back(header)
    assert kind == "attachment"
    assert header.isascii() and header.isprintable()
    assert re.fullmatch(r"""attachment; filename(="(?:[^"\\]|\\.)*"|\*=utf-8''[\w%.~/-]*)""", header)
    assert read == safe_name(name)
    assert not set(read) & set("/\\\0\r\n\u202e") and read.strip(" .") and len(read.encode()) <= LONGEST_NAME


class _Stored:
    """As much of a stored file as a header needs."""

    size, name = 1, "uploads/x"

    class storage:
        is_remote = True

        @staticmethod
        def signed(name, disposition):
            return "https://files.example.com/"

    def served(self, name):
        return serve(RequestFactory().get("/"), self, name=name).headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "safe"),
    (("Befund.pdf", "Befund.pdf"), ("a/b.pdf", "a_b.pdf"), ("", "file"), (" .. ", "file"), ("a\r\nb", "a__b")),
)
def test_a_harmless_name_is_kept(name, safe):
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending():
    short = safe_name("é" * 300 + ".pdf")
    assert short.endswith("….pdf") and len(short.encode()) <= LONGEST_NAME
    assert safe_name("a" * 300).endswith("…")


# nginx ----------------------------------------------------------------------------------------


def test_nginx_sends_the_bytes_where_it_is_told_to(cast, signed_in, disk, settings):
    settings.ACCEL_REDIRECT = "/files/"
    upload = upload_of(cast)
    answer = signed_in(cast.alice).get(link(upload))
    assert answer.headers["X-Accel-Redirect"] == f"/files/{upload.file.name}"
    assert not answer.streaming and answer.content == b""
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_path_that_nginx_gets_is_quoted(cast, disk, settings):
    settings.ACCEL_REDIRECT = "/files"
    upload = upload_of(cast)
    upload.file.name = upload.file.storage.save("uploads/ä b%", ContentFile(b"x"))
    answer = serve(RequestFactory().get("/"), upload.file, name="x")
    assert answer.headers["X-Accel-Redirect"] == "/files/uploads/%C3%A4%20b%25"


def test_the_example_for_nginx_repeats_the_headers_that_nginx_drops():
    guide = (ROOT / "docs" / "running.md").read_text()
    [block] = re.findall(r"location /files/ \{(.+?)\}", guide, re.DOTALL)
    assert "internal;" in block
    for header in (
        "X-Content-Type-Options",
        "Content-Security-Policy",
        "Cache-Control",
        "Cross-Origin-Resource-Policy",
    ):
        assert f"add_header {header}" in block


# S3 -------------------------------------------------------------------------------------------


def test_s45_a_bucket_s_link_is_good_for_a_minute_and_for_a_download_only(cast, signed_in, bucket):
    upload = upload_of(cast, name="Befund ä.pdf")
    answer = signed_in(cast.alice).get(link(upload))
    assert answer.status_code == 302 and answer.headers["Cache-Control"] == "private, no-store"
    signed = urlsplit(answer.url)
    query = {name: value for name, [value] in parse_qs(signed.query).items()}
    assert signed.path == f"/{s3.BUCKET}/{upload.file.name}"
    assert query["X-Amz-Expires"] == "60" and query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert abs(time.time() - _moment(query["X-Amz-Date"])) < 600, "signed now, not ahead"
    assert query["response-content-disposition"] == answer.headers["Content-Disposition"]
    assert unquote(query["response-content-disposition"]).endswith("Befund ä.pdf")
    assert query["response-content-type"] == "application/octet-stream"
    # What the signature covers: the host, and with it every part of the query.
    assert query["X-Amz-SignedHeaders"] == "host" and query["X-Amz-Signature"]


def _moment(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))


def test_the_bucket_answers_to_the_link(cast, signed_in, bucket):
    answer = signed_in(cast.alice).get(link(upload_of(cast)))
    with urlopen(answer.url) as file:
        assert file.read() == b"private"
        assert file.headers["Content-Disposition"] == 'attachment; filename="My Scan.pdf"'


def test_pictures_in_a_page_come_from_us_also_where_files_are_in_a_bucket(cast, bucket):
    upload = upload_of(cast)
    answer = serve(RequestFactory().get("/"), upload.file, name="x.webp", content_type="image/webp", inline=True)
    assert body(answer) == b"private"


# Whose link -----------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", ("disk", "bucket"))
def test_s45_a_copied_link_leads_others_to_the_sign_in_or_nowhere(cast, client, signed_in, request, storage):
    request.getfixturevalue(storage)
    url = link(upload_of(cast))
    own = signed_in(cast.alice)
    assert own.get(url).status_code in {200, 302}
    assert client.get(url).url.startswith(reverse("account_login"))
    assert signed_in(cast.bob).get(url).status_code == 404
    own.post(reverse("account_logout"))
    assert own.get(url).url.startswith(reverse("account_login"))


def test_s45_a_link_is_dead_once_access_is_taken_away(cast, signed_in, disk):
    url, own = link(upload_of(cast)), signed_in(cast.alice)
    assert own.get(url).status_code == 200
    Access.objects.filter(user=cast.alice).update(areas=["appointments", "messages"])
    assert own.get(url).status_code == 404
