"""Static files with the hash of their content in the name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

_IMPORTS = (
    (r'(?P<matched>from "(?P<url>\./[\w.-]+)";)', 'from "%(url)s";'),
    (r'(?P<matched>import\("(?P<url>\./[\w.-]+)"\))', 'import("%(url)s")'),
)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Also where one of our own modules imports another; without that a browser could mix old and new ones.

    Files of other packages are left as they are. Modules must not import each other in a circle.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("visits/*.js", _IMPORTS))
