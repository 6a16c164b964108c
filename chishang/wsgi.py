"""WSGI entry point, for a server other than the portal's own (``manage.py serve``)."""

import os

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chishang.settings")

application = get_wsgi_application()

# What must not be in a production database is looked for here too, since no command has done it.
if faults := [str(fault) for fault in run_checks(tags=[Tags.database], databases=["default"]) if fault.is_serious()]:
    raise ImproperlyConfigured("\n".join(faults))
