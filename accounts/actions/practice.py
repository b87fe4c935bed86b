"""The practice's own face and rules, and the documents that clients agree to."""

from django.db import transaction
from django.utils import timezone

from accounts.models import LegalDocument, Practice, Provider, User
from accounts.permissions import require


@transaction.atomic
def save_practice(practice: Practice, *, by: User | None) -> Practice:
    """Write the one practice of this installation."""
    require(by, "accounts.change_practice")
    practice.pk = 1
    practice.save()
    return practice


@transaction.atomic
def save_provider(provider: Provider, *, by: User | None) -> Provider:
    """Create or change a provider's public face."""
    require(by, "accounts.add_provider" if provider._state.adding else "accounts.change_provider")
    provider.save()
    return provider


@transaction.atomic
def publish_document(document: LegalDocument, *, by: User | None) -> LegalDocument:
    """Publish the next version of a kind; earlier ones stay as they were, with those who agreed to them.

    Refuses to change a published one.
    """
    require(by, "accounts.add_legaldocument" if document._state.adding else "accounts.change_legaldocument")
    newest = LegalDocument.objects.select_for_update().filter(kind=document.kind).order_by("-version").first()
    document.version = newest.version + 1 if newest else 1
    document.published_at = timezone.now()
    document.save(force_insert=True)
    return document
