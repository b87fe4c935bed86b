"""Files as tests make them: real bytes, sent by the verb that pages use."""

import io

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from uploads.actions import files
from uploads.models import Upload

PROGRAM = b"\x7fELF" + bytes(200)


def text(words="A letter", name="letter.txt"):
    return SimpleUploadedFile(name, words.encode())


def picture(shade=0, name="scan.png"):
    """Of other bytes for each shade."""
    file = io.BytesIO()
    Image.new("RGB", (40, 50), (shade % 256, shade // 256, 90)).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), "image/png")


def send(login, client, file=None, **more):
    return files.receive(file or text(), client=client, by=login, **more).upload


def checked(upload, **fields):
    """As the job leaves it that found nothing."""
    Upload.objects.filter(pk=upload.pk).update(status="available", **fields)
    return Upload.objects.get(pk=upload.pk)


def refused(upload, why="broken"):
    Upload.objects.filter(pk=upload.pk).update(status="rejected", refusal=why, file="", preview="")
    return Upload.objects.get(pk=upload.pk)


def with_preview(upload):
    file = io.BytesIO()
    Image.new("RGB", (20, 24), "teal").save(file, "WEBP")
    upload.preview.save("preview.webp", ContentFile(file.getvalue()))
    return upload


def shared(cast, client, name="Meal plan.txt", note=""):
    upload = checked(send(cast.olga, client, text(name, name), source="practice", note=note))
    files.share(upload, by=cast.olga)
    return Upload.objects.get(pk=upload.pk)
