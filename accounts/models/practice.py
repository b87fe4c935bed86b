"""The practice itself, and the documents its clients agree to."""

from typing import Any, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import TimeZoneField, plain_text
from accounts.privacy import declare


def _minutes(default: int, words: Any) -> models.PositiveSmallIntegerField:
    limits = [MinValueValidator(1), MaxValueValidator(24 * 60)]
    return models.PositiveSmallIntegerField(words, default=default, validators=limits)


class ClientField(models.TextChoices):
    """What a practice may let its clients edit in their profile."""

    PICTURE = "picture", _("Picture")
    PRONOUNS = "pronouns", _("Pronouns")
    NAME = "name", _("Legal name")
    BIRTH_DATE = "birth_date", _("Birth date")
    ADDRESS = "address", _("Address")
    PHONE = "phone", _("Phone")
    EMERGENCY_CONTACT = "emergency_contact", _("Emergency contact")
    INSURANCE = "insurance", _("Insurance")


def every_field() -> list[str]:
    return list(ClientField.values)


@pghistory.track(append_only=True)
class Practice(models.Model):
    """The one practice of this installation: its public face and its rules."""

    name = models.CharField(_("name"), max_length=120, validators=[plain_text])
    logo = models.ImageField(_("logo"), upload_to="practice/", blank=True)
    hue = models.PositiveSmallIntegerField(
        _("brand colour"),
        default=172,
        validators=[MaxValueValidator(360)],
        help_text=_("A number on the colour wheel, 0 to 360. Contrast stays readable for every one."),
    )
    phone = models.CharField(_("phone"), max_length=40, validators=[plain_text])
    emergency_phone = models.CharField(_("emergency number"), max_length=40, blank=True, default="911")
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.TextField(_("address"), blank=True, validators=[plain_text])
    time_zone = TimeZoneField(_("time zone"))
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", help_text=_("Three letters, as in ISO 4217.")
    )
    languages = ArrayField(models.CharField(max_length=10), verbose_name=_("languages"), default=list, blank=True)
    opening_hours = models.TextField(_("opening hours"), blank=True, help_text=_("One line a day, in your words."))
    notice = models.TextField(_("notice on the clients' home page"), blank=True, validators=[plain_text])

    invitation_days = models.PositiveSmallIntegerField(
        _("an invitation is good for (days)"), default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    asks_birth_date = models.BooleanField(
        _("ask for the birth date when someone signs up"),
        default=False,
        help_text=_("A second fact, so that a forwarded invitation is not enough."),
    )
    client_idle_minutes = _minutes(30, _("clients are signed out after (minutes without activity)"))
    staff_idle_minutes = _minutes(15, _("staff are signed out after (minutes without activity)"))
    requires_second_factor = models.BooleanField(_("clients need a second step to sign in"), default=False)
    payments_enabled = models.BooleanField(_("take payments online"), default=False)
    client_fields = ArrayField(
        models.CharField(max_length=20, choices=ClientField.choices),
        verbose_name=_("what clients may edit in their profile"),
        default=every_field,
        blank=True,
    )
    upload_reminder_days = models.PositiveSmallIntegerField(
        _("remind of a file or a form (days before it is due)"), default=2, validators=[MaxValueValidator(30)]
    )

    privacy = declare(
        safe="id name logo hue phone emergency_phone email address time_zone currency languages opening_hours notice "
        "invitation_days asks_birth_date client_idle_minutes staff_idle_minutes requires_second_factor "
        "payments_enabled client_fields upload_reminder_days"
    )

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practice")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="accounts_one_practice")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Self:
        """The practice; an unnamed one before anybody has filled it in."""
        return cls.objects.filter(pk=1).first() or cls(pk=1, name="", phone="", time_zone="UTC")

    @property
    def offered_languages(self) -> list[str]:
        """Codes of the languages that readers choose from: all of the portal's, where the practice names none."""
        spoken = [code for code, _name in settings.LANGUAGES]
        return [code for code in spoken if code in self.languages] or spoken

    def idle_minutes(self, user: "models.Model") -> int:
        return self.staff_idle_minutes if getattr(user, "is_staff", False) else self.client_idle_minutes


class LegalDocument(models.Model):
    """One version of the terms or the privacy notice; never changed once published."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms of use")
        PRIVACY = "privacy", _("Privacy notice")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"), validators=[plain_text])
    published_at = models.DateTimeField(_("published"))

    privacy = declare(safe="id kind version text published_at")

    class Meta:
        verbose_name = _("legal document")
        verbose_name_plural = _("terms and privacy")
        ordering = ["kind", "-version"]
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="accounts_one_document_version")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class Agreement(models.Model):
    """A login agreed to one version of a legal document."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="agreements")
    document = models.ForeignKey(LegalDocument, models.PROTECT, related_name="agreements")
    agreed_at = models.DateTimeField(auto_now_add=True)
    address = models.GenericIPAddressField(null=True)

    privacy = declare(personal="user address", safe="id document agreed_at")

    class Meta:
        ordering = ["-agreed_at"]
        constraints = [models.UniqueConstraint(fields=["user", "document"], name="accounts_agree_once")]

    def __str__(self) -> str:
        return f"{self.document}"
