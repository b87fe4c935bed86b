"""What was submitted, what the practice said of it, and what somebody has to look at at once."""

import secrets
import uuid

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import Client, User, written_once
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from forms_app.answers.encoding import Decoder, Encoder
from forms_app.models.assignments import Assignment
from forms_app.querysets import AlertQuerySet


def pdf_key(response: "QuestionnaireResponse", name: str) -> str:
    return f"responses/{secrets.token_hex(32)}.pdf"


class QuestionnaireResponse(models.Model):
    """What was submitted, once and for ever (FHIR R4 QuestionnaireResponse); sent again, it is another row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="responses", verbose_name=_("client"))
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="responses", verbose_name=_("assigned form")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    resource = models.JSONField(_("answers"), encoder=Encoder, decoder=Decoder)
    # Of the resource in canonical JSON, which names the questionnaire's own hash: it proves what was signed.
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    is_signed = models.BooleanField(_("signed"), default=False)
    # Scores by linkId.
    scores = models.JSONField(_("scores"), default=dict, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("submitted by"))
    submitted_at = models.DateTimeField(_("submitted"), default=timezone.now)
    address = models.GenericIPAddressField(_("from"), null=True, blank=True)
    pdf = models.FileField(_("PDF"), upload_to=pdf_key, blank=True)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(
        health="resource scores pdf",
        personal="client submitted_by address",
        safe="id assignment number sha256 is_signed submitted_at",
    )
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("submitted form")
        verbose_name_plural = _("submitted forms")
        ordering = ["-submitted_at", "id"]
        indexes = [
            models.Index(fields=["client", "-submitted_at"], name="forms_responses_of_a_client"),
            models.Index(fields=["-submitted_at", "id"], name="forms_responses_newest"),
        ]
        constraints = [models.UniqueConstraint(fields=["assignment", "number"], name="forms_one_response_a_number")]
        triggers = [
            # All but the PDF, which a job makes afterwards. Save with update_fields.
            pgtrigger.Protect(
                name="submitted_once",
                operation=pgtrigger.UpdateOf(
                    "client_id",
                    "assignment_id",
                    "number",
                    "resource",
                    "sha256",
                    "is_signed",
                    "scores",
                    "submitted_by_id",
                    "submitted_at",
                    "address",
                ),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.assignment)


class Review(models.Model):
    """What the practice said of a submitted form, once and for ever."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    response = models.OneToOneField(
        QuestionnaireResponse, models.PROTECT, related_name="review", verbose_name=_("submitted form")
    )
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices)
    comment = models.CharField(_("comment"), max_length=1000, blank=True, validators=[plain_text])
    # Comments on single answers, by the key of the answer.
    comments = models.JSONField(_("comments on answers"), default=dict, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(health="comment comments", personal="client", safe="id response decision decided_by decided_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of a form")
        verbose_name_plural = _("reviews of forms")
        ordering = ["-decided_at", "id"]
        triggers = written_once()


@pghistory.track(append_only=True)
class Alert(models.Model):
    """An answer that the form marks as one that somebody of the practice has to look at soon."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="alerts", verbose_name=_("client"))
    response = models.ForeignKey(
        QuestionnaireResponse, models.PROTECT, related_name="alerts", verbose_name=_("submitted form")
    )
    link_id = models.CharField(_("linkId"), max_length=255)
    question = models.CharField(_("question"), max_length=1000)
    answer = models.CharField(_("answer"), max_length=1000)
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    seen_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("seen by")
    )
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(health="link_id question answer", personal="client", safe="id response raised_at seen_by seen_at")
    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-raised_at", "id"]
        indexes = [models.Index(fields=["-raised_at"], condition=Q(seen_at=None), name="forms_alerts_unseen")]
        constraints = [models.UniqueConstraint(fields=["response", "link_id"], name="forms_one_alert_an_answer")]
