"""The child process: a verdict or a refusal comes back, whatever becomes of the child."""

import os
import subprocess
import sys
import threading
from zipfile import ZIP_STORED

import pytest
from PIL import Image

from tests.laws.sources import ROOT
from tests.uploads.content import samples
from tests.uploads.content.hostile import HOSTILE
from tests.uploads.content.test_inspect import CORPUS
from uploads.content.judge import LIMITS, NotJudged, judge
from uploads.content.kinds import Kind
from uploads.content.limits import Limits
from uploads.content.refusal import Refusal, Refused

MEBIBYTE = 1024 * 1024
# Made to exhaust or to crash, so looked at only where that harms nobody; in the rest of the tests `inspect` is called
# in this process, which is two hundred times as fast.
DANGEROUS = [name for name, (_make, reason) in HOSTILE.items() if reason is Refusal.BOMB]
CRASHES = sorted(path.name for path in CORPUS.iterdir() if any(word in path.name for word in ("crash", "fuzz")))
CRASHES = [name for name in CRASHES if name.endswith((".tif", ".pdf"))]
# What a small practice's machine can spare for one file.
TIGHT = Limits(memory=LIMITS.memory, processor=2)


def written(tmp_path, content, name="file"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def reason_for(path, name="a", **options):
    with pytest.raises(Refused) as refused:
        judge(path, name, preview_to=None, **options)
    return refused.value.reason


@pytest.mark.parametrize("name", DANGEROUS)
def test_s42_a_bomb_is_refused_within_two_seconds_of_the_processor(name, tmp_path):
    assert reason_for(written(tmp_path, HOSTILE[name][0]()), name, limits=TIGHT) is Refusal.BOMB


def test_files_that_crashed_parsers_end_with_a_verdict_or_a_refusal(tmp_path):
    assert len(CRASHES) > 7
    for name in CRASHES:
        try:
            judge(CORPUS / name, name, preview_to=tmp_path / "preview", limits=TIGHT)
        except Refused as refused:
            assert refused.reason is Refusal.BROKEN


@pytest.mark.parametrize("name", samples.GOOD)
def test_a_good_file_comes_back_with_its_verdict_and_its_preview(name, tmp_path):
    preview = tmp_path / "preview.webp"
    verdict = judge(written(tmp_path, samples.GOOD[name]()), name, preview_to=preview)
    assert name.endswith(verdict.kind.extensions)
    assert (
        verdict.preview == preview.exists() == (verdict.content_type.startswith("image/") or verdict.kind is Kind.PDF)
    )
    if verdict.preview:
        assert Image.open(preview).format == "WEBP"


def test_a_photo_of_the_largest_size_is_read_within_the_limits(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (8000, 8000), "green").save(path)
    assert judge(path, "photo.jpg", preview_to=tmp_path / "preview").preview


def test_out_of_memory_is_a_refusal(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (8000, 8000)).save(path)
    assert reason_for(path, limits=Limits(memory=250 * MEBIBYTE)) is Refusal.BOMB


def test_out_of_processor_time_is_a_refusal(tmp_path):
    long = samples.docx({"word/document.xml": f"<a>{'<b/>' * 4_000_000}</a>"}, compression=ZIP_STORED)
    assert reason_for(written(tmp_path, long), limits=Limits(processor=1)) is Refusal.BOMB


def test_out_of_time_by_the_clock_is_a_refusal(tmp_path):
    """The child waits for a file that comes to no end: a pipe that is opened a second time."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"some words\n",))
    writer.start()
    assert reason_for(path, limits=Limits(wall=5)) is Refusal.BOMB
    writer.join()


def test_a_preview_that_fills_the_disk_costs_the_preview_only(tmp_path):
    path = written(tmp_path, samples.image("PNG"))
    verdict = judge(path, "a.png", preview_to=tmp_path / "p", limits=Limits(written=10))
    assert (verdict.kind, verdict.preview) == (Kind.PNG, False)


def test_a_parser_that_crashes_means_a_broken_file(tmp_path, monkeypatch):
    assert ending_with(tmp_path, monkeypatch, "say(ready=True); os.kill(os.getpid(), 11)") is Refusal.BROKEN


def test_a_crash_while_drawing_means_a_broken_file_too(tmp_path, monkeypatch):
    said = 'say(ready=True); say(verdict={"kind": "png"}); os.kill(os.getpid(), 6)'
    assert ending_with(tmp_path, monkeypatch, said) is Refusal.BROKEN


def test_half_an_answer_is_none(tmp_path, monkeypatch):
    assert (
        ending_with(tmp_path, monkeypatch, 'say(ready=True); print(\'{"verdict": {"kind"\', end="")') is Refusal.BROKEN
    )


def test_a_drawing_that_takes_too_long_costs_the_preview_only(tmp_path, monkeypatch):
    child(tmp_path, monkeypatch, 'say(ready=True); say(verdict={"kind": "png"}); os.kill(os.getpid(), 24)')
    assert judge(written(tmp_path, b"a"), "a", preview_to=None).kind is Kind.PNG


def test_a_child_that_never_began_says_nothing_about_the_file(tmp_path, monkeypatch):
    child(tmp_path, monkeypatch, "sys.exit(1)")
    with pytest.raises(NotJudged):
        judge(written(tmp_path, b"a"), "a", preview_to=None)


def ending_with(tmp_path, monkeypatch, program):
    child(tmp_path, monkeypatch, program)
    return reason_for(written(tmp_path, b"a"))


def child(tmp_path, monkeypatch, program):
    """Another child in the place of ours, that ends in the way that a parser's fault would end it."""
    start = "import json, os, sys\ndef say(**answer): print(json.dumps(answer), flush=True)\n"
    folder = tmp_path / "uploads/content"
    folder.mkdir(parents=True)
    (folder / "child.py").write_text(start + program)
    monkeypatch.setattr("uploads.content.judge.ROOT", tmp_path)


def test_a_file_that_is_gone_is_not_called_broken(tmp_path):
    with pytest.raises(FileNotFoundError):
        judge(tmp_path / "gone", "gone", preview_to=None)


def test_neither_name_nor_secrets_reach_the_childs_surroundings(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    path = tmp_path / "seen"
    program = f"open({str(path)!r}, 'w').write(repr(sys.argv) + repr(dict(os.environ))); say(ready=True)"
    ending_with(tmp_path, monkeypatch, program)
    judged = written(tmp_path, b"a")
    with pytest.raises(Refused):
        judge(judged, "diagnosis.pdf", preview_to=None)
    assert "canary" not in path.read_text() and "diagnosis" not in path.read_text()


def test_the_child_knows_no_django_and_no_settings():
    program = "import sys, uploads.content.child; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_nothing_of_the_serving_process_is_limited(tmp_path):
    judge(written(tmp_path, b"words\n"), "a.txt", preview_to=None)
    program = "import resource; print(resource.getrlimit(resource.RLIMIT_AS))"
    before = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert before.strip() == b"(-1, -1)" or str(LIMITS.memory).encode() not in before
