"""Pages of dues: the year's sheet of a branch, sums of all branches, arrears, recording months for many members."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from chishang.core.dates import add_months, today
from chishang.core.forms import show_errors
from members.admin.dues_forms import CollectForm, MonthsForm
from members.models import DuesPayment
from members.selectors import arrears, branch_sums, open_dues, sheet
from members.selectors.dues import RECORD as RECORD_DUES
from members.selectors.dues import REMIND_AFTER, VIEW, total_of, visible_members
from members.services import record_payments, reverse_payment
from organizations.models import Organization

FIRST_YEAR = 2008
"""From this year on the brackets hold."""


class DuesPages:
    """Adds the pages to the register of payments."""

    admin_site: Any
    opts: Any

    def page_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages."""
        pages = {"sheet": require_safe(self.sheet_view), "arrears": require_safe(self.arrears_view)}
        pages["record"] = self.record_view
        urls = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"members_duespayment_{name}")
            for name, view in pages.items()
        ]
        reverse_view = self.admin_site.admin_view(require_POST(self.reverse_view))
        return [*urls, path("<int:pk>/reverse/", reverse_view, name="members_duespayment_reverse")]

    def sheet_view(self, request: HttpRequest) -> HttpResponse:
        """Show members × months of one branch, or the sums of all branches where none is chosen."""
        self._require_view(request)
        user: Any = request.user
        year = _year(request.GET.get("year", ""))
        branch = self._branch(request) if request.GET.get("branch") else None
        context: dict[str, Any] = {"year": year, "years": (year - 1, year + 1), "branch": branch}
        if branch is None:
            sums = branch_sums(user, year)
            context |= {"sums": sums, "total": total_of(sums), "title": f"{year}年党费收缴"}
            return self._page(request, "admin/members/dues_sums.html", context)
        rows = sheet(user, branch, year)
        context |= {"rows": rows, "title": f"{year}年党费收缴：{branch}", "remind_after": REMIND_AFTER}
        context |= {"sums": _sums(rows), "months": range(1, 13), "may_record": _may_record(user, branch)}
        return self._page(request, "admin/members/dues_sheet.html", context)

    def arrears_view(self, request: HttpRequest) -> HttpResponse:
        """Show who is behind, those longest behind first."""
        self._require_view(request)
        user: Any = request.user
        branch = self._branch(request) if request.GET.get("branch") else None
        found = arrears(user, branch=branch)
        context = {
            "arrears": found,
            "amount": sum((one.amount for one in found), start=0),
            "flagged": sum(one.is_flagged for one in found),
            "branch": branch,
            "remind_after": REMIND_AFTER,
            "title": f"党费欠交：{branch}" if branch else "党费欠交",
        }
        return self._page(request, "admin/members/dues_arrears.html", context)

    def record_view(self, request: HttpRequest) -> HttpResponse:
        """Record what is open in some months for those members of a branch who paid."""
        self._require_view(request)
        user: Any = request.user
        branch = self._branch(request)
        if not _may_record(user, branch):
            raise PermissionDenied
        period = MonthsForm(_period(request.GET))
        months = period.months if period.is_valid() else []
        members = visible_members(user).visible_to(user, RECORD_DUES).filter(branch=branch)
        form = CollectForm(request.POST or None, members=members)
        if months and form.is_valid():
            try:
                stored = record_payments(
                    actor=user, members=list(form.cleaned_data["members"]), months=months, facts=form.facts
                )
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._recorded(request, branch, months, stored)
        owed = open_dues(user, branch, months)
        chosen = set(form.data.getlist("members")) if form.is_bound else {str(one.member.pk) for one in owed}
        context = {
            "branch": branch,
            "period": period,
            "form": form,
            "rows": [(one, str(one.member.pk) in chosen) for one in owed],
            "amount": sum((one.amount for one in owed), start=0),
            "title": f"登记党费：{branch}",
        }
        return self._page(request, "admin/members/dues_record.html", context)

    def reverse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back a payment that was recorded by mistake."""
        payment = DuesPayment.objects.visible_to(request.user).filter(pk=pk).first()
        if payment is None:
            raise Http404
        if not DuesPayment.objects.visible_to(request.user, RECORD_DUES).filter(pk=pk).exists():
            raise PermissionDenied
        try:
            reverse_payment(actor=request.user, payment=payment, reason=request.POST.get("reason", ""))
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        else:
            messages.success(request, f"已冲销：{payment.member} {payment.amount} 元。需要时请重新登记。")
        return redirect(reverse("admin:members_duespayment_change", args=[pk]))

    def _require_view(self, request: HttpRequest) -> None:
        if not all(request.user.has_perm(permission) for permission in VIEW):
            raise PermissionDenied

    def _branch(self, request: HttpRequest) -> Organization:
        """Return the branch of the address; 404 where its dues are not for the account to see."""
        first, second = VIEW
        rows = Organization.objects.visible_to(request.user, first).visible_to(request.user, second).branches()
        key = request.GET.get("branch", "")
        branch: Organization | None = rows.filter(pk=key).first() if key.isascii() and key.isdigit() else None
        if branch is None:
            raise Http404
        return branch

    def _recorded(
        self, request: HttpRequest, branch: Organization, months: list[date], stored: list[DuesPayment]
    ) -> HttpResponse:
        people = len({payment.member_id for payment in stored})
        amount = sum(payment.amount for payment in stored)
        messages.success(request, f"已登记 {people} 名党员、{len(stored)} 笔，共 {amount} 元。")
        query = f"?branch={branch.pk}&year={months[-1].year}"
        return redirect(reverse("admin:members_duespayment_sheet") + query)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def _may_record(user: Any, branch: Organization) -> bool:
    return bool(Organization.objects.visible_to(user, RECORD_DUES).filter(pk=branch.pk).exists())


def _sums(rows: Any) -> dict[str, Any]:
    """Return the sums of a sheet by column."""
    return {name: sum((getattr(row, name) for row in rows), start=0) for name in ("due", "paid", "open", "late")}


def _year(text: str) -> int:
    """Return the year of the address, this year where it names none that has dues."""
    now = today().year
    year = int(text) if text.isascii() and text.isdigit() and len(text) == len("2017") else now
    return year if FIRST_YEAR <= year <= now + 1 else now


def _period(asked: QueryDict) -> dict[str, Any]:
    """Return the months asked for; last month where none is named."""
    month = f"{add_months(today().replace(day=1), -1):%Y-%m}"
    since = asked.get("since") or month
    return {"since": since, "until": asked.get("until") or since}
