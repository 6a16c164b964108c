"""What the registers of petitions and leads share: in whose hands, until when, how far; the page of one record."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from chishang.core.admin.services import ServiceAdmin
from discipline.admin.pages import SealedRegister, due_in_words
from discipline.admin.petitions_forms import PERSON, AssignForm
from discipline.models.petitions import ASSIGN
from discipline.selectors.handling import deadlines_of, late_among, next_deadline
from discipline.selectors.limits import Limits
from discipline.selectors.readings import readings_of
from discipline.services.handling import assign_handler, officers

FOUND = 302


@dataclass(frozen=True)
class Button:
    """A link to the page of something that can be done now; the usual next one stands out."""

    label: str
    url: str
    is_main: bool = False


class HandledList(ChangeList):
    """The listed rows with what is due next, worked out with two queries for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        """Add the deadline to each row of the page."""
        super().get_results(request)
        limits = Limits.load()
        for row in self.result_list:
            row.next_due = next_deadline(row, limits)


class LateFilter(DropdownFilter):
    """Open ones of which something is overdue."""

    title = "是否逾期"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one choice."""
        return [("yes", "已逾期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the late ones: working days are counted by the calendar, so the open rows are looked at one by one."""
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=late_among(queryset.open()))  # type: ignore[attr-defined]


class StateFilter(DropdownFilter):
    """How far they are."""

    title = "办理情况"
    parameter_name = "state"
    states: ClassVar[dict[str, tuple[str, Q]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the states."""
        return [(key, label) for key, (label, _) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the state; what is none keeps all."""
        state = self.states.get(self.value() or "")
        return queryset.filter(state[1]) if state else queryset


class HandlerFilter(DropdownFilter):
    """In whose hands they are."""

    title = "承办人"
    parameter_name = "handled_by"
    NOBODY = "nobody"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer nobody, and those who handle a row that the account sees."""
        rows = model_admin.model.objects.visible_to(request.user).exclude(handler=None)
        found = rows.order_by("handler__pinyin", "handler").values_list("handler", "handler__name").distinct()
        return [(self.NOBODY, "未分派"), *((str(key), name) for key, name in found)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those of one handler; what is none keeps all."""
        chosen = self.value() or ""
        if chosen == self.NOBODY:
            return queryset.filter(handler=None)
        return queryset.filter(handler=chosen) if chosen in dict(self.lookup_choices) else queryset


class HandledAdmin(SealedRegister, ServiceAdmin):
    """A register of rows in the hands of one officer. Its lists have masked names; a record is shown for a purpose."""

    list_select_related = ["person", "handler"]
    search_fields = ["number"]
    search_help_text = "编号，或被反映人的完整姓名（与登记的一致）"
    name_path = "person__name_index"
    number_paths = ("number",)
    change_form_outer_before_template = "admin/discipline/petition_panel.html"
    facts: tuple[str, ...]
    """Columns of every row."""
    texts: tuple[str, ...]
    """Sealed texts of every row."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the steps."""
        return [*self.record_urls({**self.step_views(), "assign": self.assign_view}), *super().get_urls()]

    @abstractmethod
    def step_views(self) -> dict[str, Any]:
        """Return the views of the steps by the last part of their address."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list with deadlines."""
        return HandledList

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer as handlers only those who hold a discipline duty today."""
        if db_field.name == "handler":
            kwargs["queryset"] = officers(self.model)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for what came in; later let be put right what is there. A reader has it all above the form."""
        if obj is not None and not self.has_change_permission(request, obj):
            return [("登记", {"fields": list(self.facts)})]
        person = ("被反映人", {"fields": list(PERSON)})
        if obj is not None:
            taken = self.taken(request, obj)
            fields = [*self.facts, *self.texts, *taken]
            return [
                ("更正", {"fields": fields, "classes": ["collapse"]}),
                (person[0], person[1] | {"classes": ["collapse"]}),
            ]
        assigned = [("承办", {"fields": ["handler", "handler_only"]})] if request.user.has_perm(ASSIGN) else []
        return [("登记", {"fields": [*self.facts, *self.new_facts(), *self.texts]}), person, *assigned]

    def new_facts(self) -> tuple[str, ...]:
        """Return what only a new row is asked for."""
        return ()

    @abstractmethod
    def taken(self, request: HttpRequest, row: Any) -> list[str]:
        """Return the fields that the steps taken so far filled in."""

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the record into somebody's hands."""

        def write(row: Any, typed: dict[str, Any]) -> str:
            given = assign_handler(actor=request.user, row=row, **typed)  # type: ignore[arg-type]  # signed in
            if given.handler is None:
                return f"{given} 现在没有承办人，纪检人员都能看到。"
            return f"{given} 已交{given.handler}承办" + ("，只有承办人能看到。" if given.handler_only else "。")

        self.require_assigner(request, pk)
        return self.form_page(request, pk, lambda row: AssignForm(request.POST or None, row=row), write, "分派承办人")

    def require_assigner(self, request: HttpRequest, pk: int) -> None:
        """Raise Http404 for a row that one does not see, PermissionDenied for one that one may not hand out."""
        self.row_or_404(self.get_queryset(request), pk)
        if not self.model.objects.visible_to(request.user, ASSIGN).filter(pk=pk).exists():
            raise PermissionDenied

    def form_page(self, request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page of a step; whoever gave a record out of his sight goes on with the list."""
        answer = super().form_page(request, pk, *args, **kwargs)
        if answer.status_code == FOUND and not self.get_queryset(request).filter(pk=pk).exists():
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what is known of the record, what is due, what can be done, and who read it."""
        row = self.get_object(request, object_id)
        context = self.panel(request, row) if row else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def panel(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what stands above the form."""
        buttons = self.buttons(request, row) if self.has_change_permission(request, row) else []
        if request.user.has_perm(ASSIGN):
            buttons.append(self.button("分派承办人", "assign", row))
        return {
            "state": self.state_label(row),
            "facts": [(label, value) for label, value in self.told(request, row) if value],
            "deadlines": deadlines_of(row, Limits.load()),
            "buttons": buttons,
            "readings": readings_of(request.user, row),
        }

    @abstractmethod
    def told(self, request: HttpRequest, row: Any) -> Iterable[tuple[str, Any]]:
        """Return labels and values of what the record says."""

    @abstractmethod
    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Return the steps that can be taken."""

    def button(self, label: str, name: str, row: Any, *, is_main: bool = False) -> Button:
        """Return the button of a step."""
        return Button(label, reverse(f"admin:discipline_{self.opts.model_name}_{name}", args=[row.pk]), is_main)

    @abstractmethod
    def state_label(self, row: Any) -> str:
        """Return how far the row is; subclasses say."""

    @display(description="被反映人")
    def masked_person(self, row: Any) -> str:
        """Return the masked name."""
        return row.person.masked_name if row.person else "—"

    @display(description="单位", ordering="person__unit")
    def person_place(self, row: Any) -> str:
        """Return the person's unit."""
        return row.person.unit if row.person else "—"

    @display(description="承办人", ordering="handler__pinyin")
    def handler_name(self, row: Any) -> str:
        """Return who handles it."""
        if row.handler is None:
            return "未分派"
        return f"{row.handler}（仅承办人可见）" if row.handler_only else str(row.handler)

    @display(description="下一期限")
    def deadline(self, row: Any) -> str:
        """Return what is due next, and when; red when it is late."""
        waiting = row.next_due
        return format_html("{}<br>{}", waiting.label, due_in_words(waiting.due)) if waiting else "—"


def linked(row: Any) -> str:
    """Return a link to the row's page, with its number."""
    address = reverse(f"admin:discipline_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a class="chishang-link" href="{}">{}</a>', address, row)
