"""Register of sanctions: who is within the effect, which decisions were not announced in time."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from chishang.core.admin.services import ServiceAdmin, ServiceForm
from chishang.core.dates import in_words, today
from discipline.admin.common import SealedForm, sealed_field
from discipline.admin.pages import SealedRegister, day_field, due_in_words
from discipline.models import Involvement, Sanction
from discipline.selectors.cases import sanction_dues
from discipline.selectors.limits import Due, Limits
from discipline.selectors.readings import readings_of
from discipline.services.sanctions import announce_sanction, correct_sanction, decide_sanction, report_execution

BY_RULE = "不填，由系统按处分决定那天的规定计算；填写的须与规定一致"
NOTED = ("announced_on", "reported_on")


class SanctionForm(ServiceForm, SealedForm):
    """A sanction. The end of its effect may be typed from the paper, and then must be that of the rule."""

    grounds = sealed_field(Sanction.grounds)
    typed_end = day_field("影响期至", required=False, hint=BY_RULE)
    names = {"impact_until": "typed_end"}
    from_steps = NOTED

    class Meta:
        model = Sanction
        fields = ["measure"]  # the admin's fieldsets say which

    def store(self, row: Sanction) -> Sanction:
        """Store it."""
        typed = self.cleaned_data["typed_end"]
        if row.pk is None:
            return decide_sanction(actor=self.actor, sanction=row, impact_until=typed)
        changed = self.typed - {"typed_end"}
        return correct_sanction(actor=self.actor, sanction=row, changed=changed, impact_until=typed)


class DayForm(forms.Form):
    """The day of an announcement or a report."""

    day = day_field("日期")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = today()


class SanctionList(ChangeList):
    """The listed sanctions with the day by which they must be announced."""

    def get_results(self, request: HttpRequest) -> None:
        """Add the limits to each sanction of the page, with two queries for all of them."""
        super().get_results(request)
        limits = Limits.load()
        for sanction in self.result_list:
            sanction.announce_by, sanction.report_by = sanction_dues(sanction, limits)


class EffectFilter(DropdownFilter):
    """Whether a sanction has effect today."""

    title = "影响期"
    parameter_name = "effect"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("yes", "影响期内"), ("no", "已期满")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those in effect, or those whose effect is over."""
        if self.value() == "yes":
            return queryset.in_effect()  # type: ignore[attr-defined]
        return queryset.filter(impact_until__lt=today()) if self.value() == "no" else queryset


class NotedFilter(DropdownFilter):
    """What is still to be done about the sanctions."""

    title = "待办"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("announce", "未宣布"), ("report", "未报告执行情况")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those not announced, or not reported."""
        columns = {"announce": "announced_on", "report": "reported_on"}
        column = columns.get(self.value() or "")
        return queryset.filter(**{column: None}) if column else queryset


@admin.register(Sanction)
class SanctionAdmin(SealedRegister, ServiceAdmin):
    """Sanctions of the cases that one is named on."""

    form = SanctionForm
    list_display = ["case", "person", "measure", "decided_on", "effective_on", "impact", "announcement", "report"]
    list_filter = [EffectFilter, NotedFilter, ("measure", ChoicesDropdownFilter)]
    list_select_related = ["involvement__case", "involvement__person"]
    search_fields = ["involvement__case__number"]
    search_help_text = "案号、决定文号，或完整姓名"
    name_path = "involvement__person__name_index"
    number_paths = ("involvement__case__number", "document_no")
    change_form_outer_before_template = "admin/discipline/sanction_panel.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the two steps."""
        pages = self.record_urls({"announce": self.announce_view, "report": self.report_view})
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list with the limits."""
        return SanctionList

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name case and person in the same query."""
        return super().get_queryset(request).select_related("involvement__case", "involvement__person")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the decision; what comes later can be corrected once it is there."""
        decision = ["measure", "probation_months", "decided_on", "decided_by", "document_no", "effective_on"]
        fields = ["involvement", *decision, "typed_end", "grounds"]
        if obj is None:
            return [("处分决定", {"fields": fields})]
        noted = [name for name in NOTED if getattr(obj, name)]
        return [("更正", {"fields": [*fields, *noted]})]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the persons of one's cases, those without a sanction first asked for."""
        if db_field.name == "involvement":
            rows = Involvement.objects.visible_to(request.user).select_related("case", "person")
            match = request.resolver_match
            key = match.kwargs.get("object_id") if match else None
            others = Sanction.objects.exclude(pk=key) if key else Sanction.objects.all()
            kwargs["queryset"] = rows.exclude(pk__in=others.order_by().values("involvement"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the sanction whole, its limits, and who read it."""
        sanction, context = self.get_object(request, object_id), dict(extra_context or {})
        if sanction is not None:
            announce, report = sanction_dues(sanction, Limits.load())
            context |= {
                "announce": due_in_words(announce, sanction.announced_on),
                "report": due_in_words(report, sanction.reported_on),
                "in_effect": sanction.effective_on <= today() <= sanction.impact_until,
                "may_change": self.has_change_permission(request, sanction),
                "readings": readings_of(request.user, sanction),
            }
        return super().change_view(request, object_id, form_url, context)

    def announce_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note the announcement."""
        return self._note(request, pk, announce_sanction, "登记宣布")

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note the report of the execution."""
        return self._note(request, pk, report_execution, "登记报告执行情况")

    def _note(self, request: HttpRequest, pk: int, note: Callable[..., Due | None], title: str) -> HttpResponse:
        def write(sanction: Sanction, typed: dict[str, Any]) -> str:
            missed = note(actor=request.user, sanction=sanction, day=typed["day"])
            late = f"已超过期限（{in_words(missed.on)}，{missed.limit.source}），请说明原因存档。" if missed else ""
            return f"已登记，{in_words(typed['day'])}。{late}"

        return self.form_page(request, pk, lambda _row: DayForm(request.POST or None), write, title)

    @display(description="案号", ordering="involvement__case__number")
    def case(self, sanction: Any) -> str:
        """Return the number of the case."""
        return str(sanction.involvement.case)

    @display(description="姓名")
    def person(self, sanction: Any) -> str:
        """Return the masked name."""
        return str(sanction.involvement.person.masked_name)

    @display(description="影响期至", ordering="impact_until", label={"已期满": "success"})
    def impact(self, sanction: Any) -> str:
        """Return the last day of the effect, or that it is over."""
        return "已期满" if sanction.impact_until < today() else in_words(sanction.impact_until)

    @display(description="宣布", ordering="announced_on")
    def announcement(self, sanction: Any) -> str:
        """Return the day, or by when it must be; red where it was or is too late."""
        return _noted(sanction.announced_on, sanction.announce_by)

    @display(description="报告执行情况", ordering="reported_on")
    def report(self, sanction: Any) -> str:
        """Return the day, or by when it must be."""
        return _noted(sanction.reported_on, sanction.report_by)


def _noted(done_on: date | None, due: Due | None) -> str:
    if done_on is None:
        return due_in_words(due)
    return due_in_words(due, done_on) if due and due.is_missed(today(), done_on) else in_words(done_on)
