"""Users sign in, clients receive care, access joins the two; providers and care teams are the practice's side."""

import unicodedata
import uuid
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import CanonicalEmailField, TimeZoneField, canonical_email, plain_text
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet, ClientQuerySet


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=canonical_email(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=canonical_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


@pghistory.track(append_only=True, exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in: either one of the staff, or a login of a client or of somebody who cares for one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = CanonicalEmailField(_("e-mail"), unique=True, error_messages={"unique": _("This address is taken.")})
    name = models.CharField(_("name"), max_length=200, blank=True, validators=[plain_text])
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("is staff"), default=False)
    time_zone = TimeZoneField(_("time zone"))
    language = models.CharField(_("language"), max_length=10, default="en")
    muted = ArrayField(
        models.CharField(max_length=20, choices=Area.choices),
        default=list,
        blank=True,
        verbose_name=_("no e-mails about"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    privacy = declare(
        personal="email name",
        safe="id password last_login is_active is_staff is_superuser time_zone language muted created_at groups "
        "user_permissions",
    )

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0] if self.name else ""


@pghistory.track(append_only=True)
class Client(models.Model):
    """The person receiving care; may have no login, one, or several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200, validators=[plain_text])
    email = CanonicalEmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[plain_text])
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    time_zone = TimeZoneField(_("time zone"))
    language = models.CharField(_("language"), max_length=10, default="en")
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True, validators=[plain_text])
    picture = models.ImageField(_("picture"), upload_to="clients/", blank=True)
    address = models.TextField(_("address"), max_length=400, blank=True, validators=[plain_text])
    emergency_name = models.CharField(_("emergency contact"), max_length=200, blank=True, validators=[plain_text])
    emergency_phone = models.CharField(
        _("phone of the emergency contact"), max_length=40, blank=True, validators=[plain_text]
    )
    emergency_relationship = models.CharField(
        _("who the emergency contact is"), max_length=80, blank=True, validators=[plain_text]
    )
    uninsured = models.BooleanField(_("has no insurance"), default=False)
    payments_enabled = models.BooleanField(_("may pay online"), default=True)
    search_text = models.TextField(editable=False, default="")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    # What an erasure removed and what it had to leave, by kind of row: counts, and nothing of anybody.
    erasure = models.JSONField(_("what was erased"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    belongs_to = BelongsTo("", None)
    privacy = declare(
        personal="name email phone birth_date pronouns picture address emergency_name emergency_phone "
        "emergency_relationship uninsured search_text",
        safe="id time_zone language payments_enabled created_at archived_at erasure erased_at",
    )
    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name", "id"], name="accounts_client_by_name")]
        permissions = [
            ("see_every_client", _("Can see every client, not only the assigned ones")),
            ("view_as_client", _("Can look at the portal as a client sees it")),
            ("erase_client", _("Can erase an archived client for good")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = searchable(self.name, self.email, self.phone)
        super().save(*args, **kwargs)

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    def day_at(self, now: datetime) -> date:
        """The day that it is where the client lives; `now` in any zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


def searchable(*values: str | None) -> str:
    """One folded line to search in; a phone number also as bare digits."""
    words = [unicodedata.normalize("NFKC", value).casefold() for value in values if value]
    digits = ["".join(ch for ch in value if ch.isdigit()) for value in values if value]
    return " ".join([*words, *(run for run in digits if len(run) > 3)])


@pghistory.track(append_only=True)
class Access(models.Model):
    """Joins a login to a client: in which relationship, with which rights."""

    class Relationship(models.TextChoices):
        SELF = "self", _("the client")
        GUARDIAN = "guardian", _("parent or guardian")
        PARTNER = "partner", _("partner")
        CARER = "carer", _("carer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="access", verbose_name=_("login"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="access", verbose_name=_("client"))
    relationship = models.CharField(
        _("relationship"), max_length=10, choices=Relationship.choices, default=Relationship.SELF
    )
    areas = ArrayField(models.CharField(max_length=20, choices=Area.choices), default=list, verbose_name=_("rights"))
    given_at = models.DateTimeField(_("given"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(personal="user client relationship", safe="id areas given_at withdrawn_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("who has access")
        ordering = ["client__name", "given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client"],
                condition=models.Q(withdrawn_at=None),
                name="accounts_one_access_per_login_and_client",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.client}"


@pghistory.track(append_only=True)
class Provider(models.Model):
    """The public face of somebody who treats clients."""

    user = models.OneToOneField(
        User, models.PROTECT, null=True, blank=True, related_name="provider", verbose_name=_("login")
    )
    name = models.CharField(_("name"), max_length=200, validators=[plain_text])
    credentials = models.CharField(_("credentials"), max_length=120, blank=True, validators=[plain_text])
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True, validators=[plain_text])
    picture = models.ImageField(_("picture"), upload_to="providers/", blank=True)
    about = models.TextField(_("a few words"), max_length=600, blank=True, validators=[plain_text])
    supervisor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="supervises", verbose_name=_("supervisor")
    )
    is_active = models.BooleanField(_("sees clients"), default=True)

    privacy = declare(safe="id user name credentials pronouns picture about supervisor is_active")

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), append_only=True)
class CareTeamMember(models.Model):
    """A provider who is assigned to a client."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="care_team", verbose_name=_("client"))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="clients", verbose_name=_("provider"))
    since = models.DateField(_("since"), auto_now_add=True)

    belongs_to = BelongsTo("client", None)
    privacy = declare(health="provider", personal="client", safe="id since")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("care team member")
        verbose_name_plural = _("care team")
        ordering = ["provider__name"]
        constraints = [models.UniqueConstraint(fields=["client", "provider"], name="accounts_on_a_care_team_once")]

    def __str__(self) -> str:
        return str(self.provider)
