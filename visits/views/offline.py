"""What keeps the pages usable without network: the shell page and the service worker that stores it.

The shell holds nothing of anybody: it is the same for all, and is filled in the browser from what lies on the phone.
"""

import hashlib
import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

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
    """Answer the worker's script. Its version is the hash of all that it keeps, so that a change brings a new one.

    With the setting ``SERVICE_WORKER`` off it is a script that takes the worker off the phones; the records stay.
    """
    if not settings.SERVICE_WORKER:
        return _script(render(request, "visits/sw_off.js"))
    kept = {"shell": reverse("visits:shell"), "files": [static(name) for name in FILES]}
    context = {"version": _version(_shell_page()), "kept": json.dumps(kept)}
    return _script(render(request, "visits/sw.js", context))


def _script(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _version(page: str) -> str:
    """Return a short hash of the shell and of the files' contents, which have no hash in their names everywhere."""
    contents = [Path(found).read_bytes() for name in FILES if (found := finders.find(name))]
    return hashlib.sha256(b"".join([page.encode(), *contents])).hexdigest()[:16]
