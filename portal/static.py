"""Static files under hashed names, compressed, kept for ever by browsers."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Imports between ES modules are rewritten to hashed names too."""

    support_js_module_import_aggregation = True
