"""The office's step on a phone that is lost: what it held no longer counts."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.widgets import UnfoldAdminTextareaWidget

from chishang.core.forms import show_errors
from organizations.models import User
from visits.models import Device
from visits.services.lost_phones import write_off_phone
from visits.services.operations import DECIDE

UNPROCESSABLE = 422


class WriteOffForm(forms.Form):
    """Says what has become of the phone."""

    reason = forms.CharField(
        label="手机怎么了",
        max_length=Device._meta.get_field("written_off_reason").max_length,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="例如：掉进水里报废，12 条走访已凭记忆补填。",
        error_messages={"required": "请写明手机怎么了，例如：进水报废，记录已补填。"},
    )


class WriteOffPage:
    """Adds the step to the register of phones."""

    admin_site: Any
    opts: Any

    def write_off_urls(self) -> list[URLPattern]:
        """Return the address of the step."""
        view = self.admin_site.admin_view(self.write_off_view)
        return [path("<uuid:pk>/write-off/", view, name="visits_device_write_off")]

    def may_write_off(self, request: HttpRequest, phone: Device) -> bool:
        """Say whether the step is open: to who decides, for a phone that is waited for."""
        return bool(phone.waiting) and not phone.is_written_off and bool(request.user.has_perm(DECIDE))

    def write_off_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Ask for the reason, and note it; another body's phone is 404."""
        phone = self.get_queryset(request).filter(pk=pk).first()  # type: ignore[attr-defined]  # the register has it
        if phone is None:
            raise Http404
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        form = WriteOffForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                write_off_phone(actor=cast("User", request.user), device=phone, reason=form.cleaned_data["reason"])
            except ValidationError as error:
                show_errors(form, error)
            else:
                messages.success(request, f"{phone}不再计入报告。它再联系门户时，会自动重新计入。")
                return redirect("admin:visits_device_change", pk)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": phone, "form": form}
        context["title"] = f"手机已丢失，不再计：{phone}"
        status = UNPROCESSABLE if form.errors else 200
        return TemplateResponse(request, "admin/visits/phone_write_off.html", context, status=status)
