"""The office's decision about a held operation: both versions side by side, what would happen, and two steps."""

import json
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from chishang.core.dates import in_words
from chishang.core.forms import show_errors
from organizations.models import User
from visits.admin.forms import ApplyForm, DismissForm
from visits.enums import OperationState
from visits.models import Operation
from visits.selectors import as_it_stands, as_sent, held_operations, photos_of
from visits.services import apply_held, dismiss_held
from visits.services.operations import DECIDE
from visits.services.rehearsal import rehearsal
from visits.services.visits import with_fields

UNPROCESSABLE = 422


class DecisionPages:
    """Adds the two versions and the decisions to the register of operations."""

    admin_site: Any
    opts: Any

    def decision_urls(self) -> list[URLPattern]:
        """Return the addresses of the steps."""
        return [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"visits_operation_{name}")
            for name, view in {"apply": self.apply_view, "dismiss": self.dismiss_view}.items()
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lay what was sent beside what stands in the portal now; offer the steps where it is held."""
        operation = self.get_object(request, object_id)  # type: ignore[attr-defined]  # the register has it
        context: dict[str, Any] = {}
        if operation is not None:
            context |= {"title": title_of(operation), **_versions(request, operation)}
            if _may_decide(request, operation):
                context |= _forecast(request, operation)
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))  # type: ignore[misc]

    def apply_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Take a held operation in as it was sent; a visit also for another household or on another day."""
        operation = self._to_decide(request, pk)
        data = request.POST if request.method == "POST" else None
        form = ApplyForm(data, operation=operation, user=request.user, site=self.admin_site)
        done = self._decided(request, operation, form, apply_held)
        return done or self._step_page(request, operation, form, "采纳入库")

    def dismiss_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Note why a held operation is not taken in."""
        operation = self._to_decide(request, pk)
        form = DismissForm(request.POST if request.method == "POST" else None)
        done = self._decided(request, operation, form, dismiss_held)
        return done or self._step_page(request, operation, form, "不采用")

    def _to_decide(self, request: HttpRequest, pk: Any) -> Operation:
        """Return the operation; another body's is 404, one that is only to be read 403."""
        found = self.get_queryset(request).select_related("user").filter(pk=pk).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        return cast("Operation", found)

    def _decided(self, request: HttpRequest, operation: Operation, form: Any, decide: Any) -> HttpResponse | None:
        """Decide when the form is sent and sound, and go back to the operation; None where there is more to say."""
        if operation.state != OperationState.HELD:
            messages.info(request, f"这份上报已经是“{operation.get_state_display()}”，没有再改动。")
        elif not form.is_valid():
            return None
        else:
            try:
                done = decide(actor=request.user, operation=operation, **form.decision)
            except ValidationError as error:
                show_errors(form, with_fields(error))
                return None
            messages.success(request, f"{done.get_state_display()}：{told_of(done)}")
        return redirect("admin:visits_operation_change", operation.pk)

    def _step_page(self, request: HttpRequest, operation: Operation, form: Any, label: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **_versions(request, operation),
            "title": f"{label}：{title_of(operation)}",
            "label": label,
            "opts": self.opts,
            "original": operation,
            "form": form,
            "media": form.media,
        }
        status = UNPROCESSABLE if form.errors else 200
        return TemplateResponse(request, "admin/visits/operation_step.html", context, status=status)


def title_of(operation: Operation) -> str:
    """Return what is sent by whom."""
    return f"{operation.user}上报的{operation.get_kind_display()}"


def told_of(operation: Operation) -> str:
    """Return in words what a decided operation has come to."""
    if operation.state == OperationState.DISMISSED:
        return "原因已经记下，原文保留在这里。"
    if operation.visit is not None:
        visit, issues = operation.visit, operation.visit.issues.count()
        raised = f"，登记 {issues} 个问题" if issues else "，没有登记问题"
        return f"{visit.visitor} {in_words(visit.visited_on)}走访{visit.household.village}{visit.household}{raised}。"
    event = operation.event
    return f"问题已“{event.get_move_display()}”，现在是“{event.get_to_state_display()}”。" if event else ""


def _versions(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    user = cast("User", request.user)
    return {
        "sent": as_sent(user, operation),
        "now": as_it_stands(user, operation),
        "photos": photos_of(user, operation),
        "raw": json.dumps(operation.payload, ensure_ascii=False, indent=2),
    }


def _may_decide(request: HttpRequest, operation: Operation) -> bool:
    return held_operations(cast("User", request.user)).filter(pk=operation.pk).exists()


def _forecast(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """Try what taking it in as it was sent would do; return that in words, or what stands against it."""
    told = hindrances = ""
    try:
        with rehearsal():
            told = told_of(apply_held(actor=cast("User", request.user), operation=operation))
    except ValidationError as error:
        hindrances = " ".join(with_fields(error).messages)
    return {"may_decide": True, "would_be": told, "hindrances": hindrances}
