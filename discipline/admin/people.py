"""Registers of the persons whom records are about, and of criticism and education."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin.services import ServiceAdmin
from discipline.admin.pages import SealedRegister
from discipline.admin.people_forms import CriticismForm, NamesakeForm, NewCriticismForm, PersonForm
from discipline.models import Criticism, Involvement, Namesake, Person, Petition
from discipline.selectors.readings import readings_of
from discipline.services.people import accounts_named_as, confirm_namesake


@admin.register(Person)
class PersonAdmin(SealedRegister, ServiceAdmin):
    """Persons, but oneself."""

    form = PersonForm
    list_display = ["masked", "unit", "remark", "linked", "has_account"]
    list_filter = ["organization"]
    list_select_related = ["member", "account"]
    search_fields = ["unit"]
    search_help_text = "完整姓名，或单位"
    name_path = "name_index"
    number_paths = ("unit",)
    autocomplete_fields = ["member"]
    fields = ["name", "unit", "remark", "organization", "member", "account"]
    change_form_outer_before_template = "admin/discipline/person_panel.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a person comes with the record; the form of one alone would tell who is registered already."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which a namesake is told apart."""
        return [*self.record_urls({"namesake": self.namesake_view}), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the records about the person that one may see, namesakes, and who read this."""
        person, context = self.get_object(request, object_id), dict(extra_context or {})
        if person is not None:
            context |= self._panel(request, person)
        return super().change_view(request, object_id, form_url, context)

    def _panel(self, request: HttpRequest, person: Person) -> dict[str, Any]:
        user: Any = request.user
        namesakes = Namesake.objects.visible_to(user).filter(person=person).select_related("user", "confirmed_by")
        cleared = {row.user_id for row in namesakes}
        return {
            "involvements": Involvement.objects.visible_to(user)
            .filter(person=person)
            .select_related("case", "sanction"),
            "criticisms": Criticism.objects.visible_to(user).filter(person=person),
            "namesakes": namesakes,
            "suspects": [one for one in accounts_named_as(person) if one.pk not in cleared and one != user],
            "readings": readings_of(user, person),
        }

    def namesake_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm that an account of the same name is another person's."""

        def write(person: Person, typed: dict[str, Any]) -> str:
            confirm_namesake(actor=request.user, person=person, user=typed["user"])  # type: ignore[arg-type]  # signed in
            return f"已核实：不是账号“{typed['user'].name}”的本人。"

        def form_of(person: Person) -> NamesakeForm:
            return NamesakeForm(request.POST or None, person=person)

        return self.form_page(request, pk, form_of, write, "核实同名")

    @display(description="姓名")
    def masked(self, person: Any) -> str:
        """Return the masked name."""
        return str(person.masked_name)

    @display(description="党员登记")
    def linked(self, person: Any) -> str:
        """Return whether the person is linked to the member register, without the name."""
        return "已关联" if person.member_id else "—"

    @display(description="门户账号")
    def has_account(self, person: Any) -> str:
        """Return whether the person's account is known."""
        return "已关联" if person.account_id else "—"


@admin.register(Criticism)
class CriticismAdmin(SealedRegister, ServiceAdmin):
    """Criticism and education, but one's own."""

    form, add_form = CriticismForm, NewCriticismForm
    list_display = ["person_label", "unit", "occurred_on", "form_label"]
    list_display_links = ["person_label"]
    list_filter = [("form", ChoicesDropdownFilter), ("occurred_on", RangeDateFilter)]
    list_select_related = ["person"]
    search_fields = ["person__unit"]
    search_help_text = "完整姓名，或单位"
    name_path = "person__name_index"
    number_paths = ("person__unit",)
    change_form_outer_before_template = "admin/discipline/person_criticism.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name the person in the same query."""
        return super().get_queryset(request).select_related("person")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the person of a new one."""
        who = ["name", "unit", "remark", "organization"] if obj is None else []
        # A petition that one may not see is not offered, and so would be lost.
        hidden = obj and obj.petition_id and not Petition.objects.visible_to(request.user).filter(pk=obj.petition_id)
        link = [] if hidden else ["petition"]
        return [(None, {"fields": [*who, "occurred_on", "form", "reason", *link]})]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the person whole, and who read this."""
        row, context = self.get_object(request, object_id), dict(extra_context or {})
        if row is not None:
            context |= {"readings": readings_of(request.user, row)}
        return super().change_view(request, object_id, form_url, context)

    @display(description="姓名")
    def person_label(self, row: Any) -> str:
        """Return the masked name."""
        return str(row.person.masked_name)

    @display(description="单位", ordering="person__unit")
    def unit(self, row: Any) -> str:
        """Return the unit."""
        return str(row.person.unit)

    @display(description="形式", ordering="form")
    def form_label(self, row: Any) -> str:
        """Return the form in words; ``form`` is taken by the admin itself."""
        return str(row.get_form_display())
