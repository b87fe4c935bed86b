"""The rows of files: what was sent and shared, what is asked for, who opened what."""

from uploads.models.exports import Export
from uploads.models.files import Download, Upload
from uploads.models.requests import RequestTemplate, UploadRequest

__all__ = ["Download", "Export", "RequestTemplate", "Upload", "UploadRequest"]
