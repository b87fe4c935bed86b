"""Forms, in the terms of FHIR R4: a Questionnaire and its versions."""

import uuid

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import User
from accounts.privacy import declare
from forms_app.answers.encoding import Decoder, Encoder
from forms_app.querysets import QuestionnaireQuerySet


# Up to a megabyte that editing saves again and again; what counts is the published version, which is frozen.
@pghistory.track(append_only=True, exclude=["resource"])
class Questionnaire(models.Model):
    """One version of a form (FHIR R4 Questionnaire); all versions of a form share its `url`."""

    class Status(models.TextChoices):
        """FHIR R4 publication-status."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Published")
        RETIRED = "retired", _("Retired")

    TRANSITIONS = {
        Status.DRAFT: {Status.ACTIVE, Status.RETIRED},
        Status.ACTIVE: {Status.RETIRED},
        Status.RETIRED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(_("canonical address"), max_length=255)
    version = models.CharField(_("version"), max_length=40, default="1", validators=[plain_text])
    title = models.CharField(_("title"), max_length=200, validators=[plain_text])
    status = models.CharField(_("state"), max_length=8, choices=Status.choices, default=Status.DRAFT)
    # The whole resource as it was imported or built; url, version, title and status here say the same as in there.
    resource = models.JSONField(_("FHIR resource"), default=dict, encoder=Encoder, decoder=Decoder)
    # Of the resource in canonical JSON, from publishing on: what was signed was this and nothing else.
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False)
    minutes = models.PositiveSmallIntegerField(
        _("about how long (minutes)"), null=True, blank=True, help_text=_("Left empty, it is estimated.")
    )
    # Two of the staff who edit one draft: the second reads that it was changed.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by"))
    changed_at = models.DateTimeField(_("last changed"), default=timezone.now, editable=False)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    privacy = declare(
        safe="id url version title status resource sha256 minutes revision created_by created_at changed_by "
        "changed_at published_by published_at"
    )
    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        ordering = ["title", "-created_at", "id"]
        indexes = [models.Index(fields=["title", "-created_at", "id"], name="forms_questionnaires_by_title")]
        constraints = [
            models.UniqueConstraint(fields=["url", "version"], name="forms_one_row_a_version"),
            models.UniqueConstraint(fields=["url"], condition=Q(status="active"), name="forms_one_active_version"),
            models.UniqueConstraint(fields=["url"], condition=Q(status="draft"), name="forms_one_draft_version"),
            models.CheckConstraint(condition=~Q(status="active") | ~Q(sha256=""), name="forms_published_with_a_hash"),
        ]
        triggers = [
            # Publishing freezes: whoever writes past the portal is refused by the database. Save with update_fields.
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.UpdateOf("resource", "url", "version", "title", "sha256"),
                condition=~pgtrigger.Q(old__status="draft"),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__status="draft")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def canonical(self) -> str:
        """As a response names it (R4 §2.24.0.4): url and version."""
        return f"{self.url}|{self.version}"
