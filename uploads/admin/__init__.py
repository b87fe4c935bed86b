"""The staff's pages of files, by noun."""

from uploads.admin import exports, files, openings, requests, templates

__all__ = ["exports", "files", "openings", "requests", "templates"]
