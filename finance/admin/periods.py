"""Periods: the months that wait to be closed, the check before it, and opening one again by two people."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ShownOnly
from chishang.core.text import narrow
from finance.admin.common import YearFilter
from finance.models import Period
from finance.resources.periods import PeriodResource
from finance.selectors.periods import course_of, month_sums, subject_sums, waiting_to_be_posted
from finance.services import ask_reopening, close_months, decline_reopening, reopen_period
from finance.services.periods import may_close, months_to_close, named

OPEN, CLOSED, ASKED = "未结账", "已结账", "已结账，有人申请反结账"


class PeriodPages:
    """Adds the pages and the steps to the register of periods."""

    admin_site: Any
    opts: Any

    def page_urls(self) -> list[URLPattern]:
        """Return the addresses; each step is a POST."""
        close = path(
            "close/<int:year>/<int:month>/", self.admin_site.admin_view(self.close_view), name="finance_period_close"
        )
        steps = {"ask": self.ask_view, "reopen": self.reopen_view, "decline": self.decline_view}
        return [close] + [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(require_POST(view)), name=f"finance_period_{name}")
            for name, view in steps.items()
        ]

    def close_view(self, request: HttpRequest, year: int, month: int) -> HttpResponse:
        """Show what is in the months to be closed; close them when told so."""
        user: Any = request.user
        if not may_close(user):
            raise PermissionDenied
        if request.method == "POST":
            return self._close(request, year, month)
        months = [one for one in months_to_close() if one <= (year, month)]
        if (year, month) not in months:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"结账：{named(year, month)}",
            "months": month_sums(user, months),
            "month": (year, month),
            "subjects": subject_sums(user, year, month),
            "waiting": waiting_to_be_posted(user),
        }
        return TemplateResponse(request, "admin/finance/period_close.html", context)

    def _close(self, request: HttpRequest, year: int, month: int) -> HttpResponse:
        known = Period.objects.closed().filter(year=year, month=month).exists()
        if not known and (year, month) not in months_to_close():
            raise Http404
        try:
            closed = close_months(actor=request.user, year=year, month=month)
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        else:
            told = f"{closed[0]}" if len(closed) == 1 else f"{closed[0]}至{closed[-1]}"
            messages.success(request, f"{told}已结账。这些日期不能再入账；写错的用以后月份的凭证冲销。")
        return redirect("admin:finance_period_changelist")

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask that the month be opened again."""
        reason = narrow(request.POST.get("reason", ""))
        return self._step(
            request,
            pk,
            lambda period: ask_reopening(actor=request.user, period=period, reason=reason),
            "已申请反结账，请另一位管结账的同事同意。",
        )

    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Agree, and open the month."""
        return self._step(
            request,
            pk,
            lambda period: reopen_period(actor=request.user, period=period),
            "已反结账。补记完后请再次结账。",
        )

    def decline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Drop what was asked."""
        return self._step(
            request,
            pk,
            lambda period: decline_reopening(actor=request.user, period=period),
            "申请已撤销，这个月仍是已结账。",
        )

    def _step(self, request: HttpRequest, pk: int, step: Callable[[Period], Period], done: str) -> HttpResponse:
        period = Period.objects.visible_to(request.user).filter(pk=pk).first()
        if period is None:
            raise Http404
        user: Any = request.user
        if not may_close(user):
            raise PermissionDenied
        try:
            step(period)
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        else:
            messages.success(request, done)
        return redirect(reverse("admin:finance_period_change", args=[pk]))


@admin.register(Period)
class PeriodAdmin(PeriodPages, ShownOnly, RegisterAdmin):
    """Months that were closed; those that wait for it stand above the list."""

    resource_classes = [PeriodResource]
    list_display = ["month_words", "state", "closed_by", "closed_at", "asked_by", "reason", "reopened_by"]
    list_filter = [YearFilter, "is_closed"]
    list_select_related = ["closed_by", "asked_by", "reopened_by"]
    list_before_template = "admin/finance/period_waiting.html"
    change_form_outer_before_template = "admin/finance/period_panel.html"
    fields = ["year", "month", "is_closed", "closed_by", "closed_at"]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        return [*self.page_urls(), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Add the months that wait to be closed, for whoever closes them."""
        user: Any = request.user
        context = dict(extra_context or {})
        if self.has_view_permission(request) and may_close(user):
            context["may_close"] = True
            context["waiting"] = month_sums(user, months_to_close())
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the month's sums, its course, and what the account may do."""
        period, context = self.get_object(request, object_id), dict(extra_context or {})
        if period is not None:
            user: Any = request.user
            (context["sums"],) = month_sums(user, [(period.year, period.month)])
            context |= {"course": course_of(period), "may_close": may_close(user)}
            context["asked_by_me"] = period.asked_by_id == user.pk
        return super().change_view(request, object_id, form_url, context)

    @display(description="月份", ordering="year")
    def month_words(self, period: Any) -> str:
        """Return the month as people say it."""
        return str(period)

    @display(description="状态", label={OPEN: "warning", CLOSED: "success", ASKED: "danger"})
    def state(self, period: Any) -> str:
        """Return how it stands."""
        if not period.is_closed:
            return OPEN
        return ASKED if period.asked_by_id else CLOSED
