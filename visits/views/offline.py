"""What keeps the pages usable without network: the shell page and the service worker that stores it.

The shell holds nothing of anybody: it is the same for all, and is filled in the browser from what lies on the phone.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from chishang.core.static_files import HashedStaticFiles
from visits.forms import FeedbackForm, ResubmitForm, VisitSheet

FILES = (
    "chishang/portal.css",
    "chishang/icon.svg",
    "visits/capture.js",
    "visits/export.js",
    "visits/outbox.js",
    "visits/phone.js",
    "visits/photos.js",
    "visits/sender.js",
    "visits/sheet.js",
    "visits/shell.js",
    "visits/store.js",
)
"""What the shell needs beside itself."""


@require_safe
@login_not_required
def shell(request: HttpRequest) -> HttpResponse:
    """Show the page that the worker keeps; at ``/visits/outbox/`` it lists the records on the phone."""
    return HttpResponse(_shell_page(), headers={"Cache-Control": "no-cache"})


def _shell_page() -> str:
    """Return the page; no request goes into it, so that nothing of whoever asks can get onto a page that is kept."""
    context = {
        "sheet": VisitSheet(),
        "feedback_form": FeedbackForm(use_required_attribute=False),
        "resubmit_form": ResubmitForm(use_required_attribute=False),
    }
    return render_to_string("visits/shell.html", context)


@require_safe
@login_not_required
def service_worker(request: HttpRequest) -> HttpResponse:
    """Answer the worker's script, with the hash of all that it keeps, so that a change brings a new one.

    With the setting ``SERVICE_WORKER`` off it is a script that takes the worker off the phones; the records stay.
    """
    if not settings.SERVICE_WORKER:
        return _script(render(request, "visits/sw_off.js"))
    shell = reverse("visits:shell")
    kept = {shell: _integrity(_shell_page().encode())} | {static(name): _integrity(_served(name)) for name in FILES}
    version = hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:16]
    context = {"version": version, "shell": shell, "kept": json.dumps(kept)}
    return _script(render(request, "visits/sw.js", context))


def _script(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _integrity(content: bytes) -> str:
    """Return the hash by which a browser knows the content it has asked for (W3C Subresource Integrity)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def _served(name: str) -> bytes:
    """Return the content of a static file as it is served: other names stand in it where they carry a hash."""
    if isinstance(staticfiles_storage, HashedStaticFiles):
        return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name))).read_bytes()
    return Path(cast("str", finders.find(name))).read_bytes()
