"""What is being filled in. The practice sees nothing of it before it is submitted."""

import uuid

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from forms_app.models.assignments import Assignment
from forms_app.querysets import DraftQuerySet
from uploads.models import Upload


class Draft(models.Model):
    """The answers of an assignment so far: as they were typed, complete or not, valid or not."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, primary_key=True, related_name="draft")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    # Entries of `answers.fill`: key of the question → what was typed, one by one.
    entries = models.JSONField(default=dict)
    # Counted with each change: a save says which one it started from, so that no device overwrites another unseen.
    revision = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    # A random key of the page that saved last: its own next save is no other device's.
    page = models.CharField(max_length=40, blank=True)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(health="entries", personal="client saved_by", safe="assignment revision percent saved_at page")
    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a form")
        verbose_name_plural = _("drafts of forms")


class DraftVersion(models.Model):
    """Answers that another device's save would have replaced, kept until the form is submitted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="versions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    entries = models.JSONField(default=dict)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    # One row for each page that was left behind, however often it saves.
    page = models.CharField(max_length=40)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(health="entries", personal="client saved_by", safe="id assignment saved_at page")
    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept draft of a form")
        verbose_name_plural = _("kept drafts of forms")
        ordering = ["-saved_at", "id"]
        constraints = [models.UniqueConstraint(fields=["assignment", "page"], name="forms_one_version_a_page")]


@pghistory.track(append_only=True)
class Attachment(models.Model):
    """A file that answers a question of a form."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="attachments")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="attachments", verbose_name=_("file"))
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    added_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(health="upload", personal="client added_by", safe="id assignment added_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("file in a form")
        verbose_name_plural = _("files in forms")
        ordering = ["added_at", "id"]
        constraints = [models.UniqueConstraint(fields=["assignment", "upload"], name="forms_a_file_once_a_form")]
