"""Village elections: terms, the two elections of each village, and the confidential pre-assessment."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin
from chishang.core.dates import in_words, refuse_future
from organizations.models import Election, ElectionForecast, ElectionTerm, TermRule
from organizations.resources import (
    ElectionForecastResource,
    ElectionResource,
    ElectionTermResource,
    TermRuleResource,
)


class PastForm(forms.ModelForm):
    """A form of something that has happened: its date is not in the future."""

    happened_on = ""
    """The name of the date."""

    def _post_clean(self) -> None:
        """Check the date, once the form has filled it in."""
        super()._post_clean()  # type: ignore[misc]  # Django's
        if not self.errors:
            try:
                refuse_future(self.instance, self.happened_on)
            except forms.ValidationError as error:
                self.add_error(None, error)


class ElectionForm(PastForm):
    """An election."""

    happened_on = "completed_on"


class ForecastForm(PastForm):
    """A pre-assessment."""

    happened_on = "assessed_on"


@admin.register(TermRule)
class TermRuleAdmin(RegisterAdmin):
    """Terms of office, since when: a changed term is a new row."""

    resource_classes = [TermRuleResource]
    list_display = ["body", "years", "valid_from", "source"]
    list_display_links = ["body"]
    list_filter = ["body"]


@admin.register(ElectionTerm)
class ElectionTermAdmin(RegisterAdmin):
    """Rounds of elections."""

    resource_classes = [ElectionTermResource]
    list_display = ["name", "year"]
    search_fields = ["name"]


class CompletedFilter(admin.SimpleListFilter):
    """Whether the election is done."""

    title = "是否完成"
    parameter_name = "completed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("no", "未完成"), ("yes", "已完成")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those under way, or the others."""
        choice = self.value()
        return queryset.filter(completed_on__isnull=choice == "no") if choice in {"no", "yes"} else queryset


@admin.register(Election)
class ElectionAdmin(RegisterAdmin):
    """Elections: for each village and term one of the branch and one of the villagers' committee."""

    form = ElectionForm
    resource_classes = [ElectionResource]
    list_display = ["village", "body", "term", "completed_label", "attendance", "elected_name", "re_elected_label"]
    list_display_links = ["village", "body"]
    list_filter = ["term", "body", CompletedFilter, "village__area", ("completed_on", RangeDateFilter)]
    list_select_related = ["village", "term"]
    search_fields = ["village__name", "elected_name"]
    search_help_text = "村、选出的书记或主任"
    autocomplete_fields = ["term", "village"]
    date_hierarchy = "completed_on"
    fieldsets = [
        (None, {"fields": ["term", "village", "body"]}),
        ("选举", {"fields": ["completed_on", "due", "present"]}),
        ("结果", {"fields": ["elected_name", "re_elected", "result"]}),
    ]

    @display(description="完成日期", ordering="completed_on")
    def completed_label(self, election: Any) -> str:
        """Return the day, or that it is not done yet."""
        return in_words(election.completed_on) if election.completed_on else "未完成"

    @display(description="连任", ordering="re_elected")
    def re_elected_label(self, election: Any) -> str:
        """Return 是 or 否 where it is known."""
        return {True: "是", False: "否"}.get(election.re_elected, "—")

    @display(description="实到/应到")
    def attendance(self, election: Any) -> str:
        """Return present of due where they are known."""
        if election.due is None and election.present is None:
            return "—"
        return "/".join("—" if number is None else str(number) for number in (election.present, election.due))


@admin.register(ElectionForecast)
class ElectionForecastAdmin(RegisterAdmin):
    """Pre-assessments. Confidential: a register and permissions of their own, and shown nowhere else."""

    form = ForecastForm
    resource_classes = [ElectionForecastResource]
    list_display = ["village", "term", "assessed_on", "level"]
    list_filter = ["term", "level", "village__area"]
    list_select_related = ["village", "term"]
    autocomplete_fields = ["term", "village"]
    fields = ["term", "village", "assessed_on", "level", "risks", "measures"]
