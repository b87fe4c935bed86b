"""The staff's pages of billing, by noun."""

from billing.admin import coverages

__all__ = ["coverages"]
