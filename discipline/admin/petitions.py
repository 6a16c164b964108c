"""Registers of petitions and leads."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.dates import in_words
from discipline.admin.handled import Button, HandledAdmin, HandlerFilter, LateFilter, StateFilter, linked
from discipline.admin.petitions_forms import (
    AcknowledgeForm,
    CloseForm,
    FinishForm,
    LeadForm,
    LinkForm,
    NewLeadForm,
    PetitionForm,
    ProposeForm,
)
from discipline.enums import Disposal
from discipline.models import Case, Lead, LeadPetition, Person, Petition
from discipline.selectors.handling import LEAD_STATES, PETITION_STATES, lead_state, petition_state
from discipline.services.leads import finish_lead, link_petition, propose_disposal
from discipline.services.petitions import acknowledge_petition, close_petition


class PetitionStateFilter(StateFilter):
    """How far the petitions are."""

    states = PETITION_STATES


class LeadStateFilter(StateFilter):
    """How far the leads are."""

    states = LEAD_STATES


@admin.register(Petition)
class PetitionAdmin(HandledAdmin):
    """Petitions: acknowledged, closed."""

    form = PetitionForm
    list_display = [
        *("number", "state_label", "origin", "received_on", "masked_person", "person_place"),
        *("handler_name", "deadline"),
    ]
    list_filter = [
        *(PetitionStateFilter, LateFilter, HandlerFilter, ("origin", ChoicesDropdownFilter)),
        *("is_signed", ("received_on", RangeDateFilter)),
    ]
    facts = ("number", "origin", "sender", "is_signed", "received_on", "organization")
    texts = ("summary",)

    def taken(self, request: HttpRequest, row: Petition) -> list[str]:
        """Return the fields that the steps taken so far filled in."""
        acknowledged = ["acknowledged_on"] if row.acknowledged_on else []
        return acknowledged + (["closed_on", "result"] if row.closed_on or row.result else [])

    def step_views(self) -> dict[str, Any]:
        """Return the views of the steps."""
        return {"acknowledge": self.acknowledge_view, "close": self.close_view}

    def acknowledge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note when the sender was told."""

        def write(row: Petition, typed: dict[str, Any]) -> str:
            told = acknowledge_petition(actor=request.user, petition=row, **typed)  # type: ignore[arg-type]  # signed in
            return f"{told} 已登记告知受理，{in_words(typed['acknowledged_on'])}。"

        return self.form_page(request, pk, lambda _: AcknowledgeForm(request.POST or None), write, "告知受理")

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close it with its result."""

        def write(row: Petition, typed: dict[str, Any]) -> str:
            closed = close_petition(actor=request.user, petition=row, **typed)  # type: ignore[arg-type]  # signed in
            return f"{closed} 已办结，{in_words(typed['closed_on'])}。"

        return self.form_page(request, pk, lambda _: CloseForm(request.POST or None), write, "办结")

    def buttons(self, request: HttpRequest, row: Petition) -> list[Button]:
        """Return what can be done now."""
        found, waits = [], petition_state(row) == "waiting"
        if row.is_signed and row.acknowledged_on is None:
            found.append(self.button("告知受理", "acknowledge", row, is_main=waits))
        if row.closed_on is None:
            found.append(self.button("办结", "close", row, is_main=not waits))
        if request.user.has_perm("discipline.add_lead"):
            found.append(Button("转为问题线索", f"{reverse('admin:discipline_lead_add')}?petition={row.pk}"))
        return found

    def told(self, request: HttpRequest, row: Petition) -> Iterable[tuple[str, Any]]:
        """Return what the record says."""
        leads = LeadPetition.objects.visible_to(request.user).filter(petition=row).select_related("lead")
        yield from _received(row)
        yield "来源", f"{row.get_origin_display()}　{row.sender}　{'实名' if row.is_signed else '匿名或转来'}"
        yield "告知受理", row.acknowledged_on and in_words(row.acknowledged_on)
        yield "反映内容", row.summary
        yield "办结", row.closed_on and in_words(row.closed_on)
        yield "处理结果", row.result
        yield "问题线索", format_html_join("　", "{}", ((linked(one.lead),) for one in leads))

    @display(description="办理情况", label={"待告知受理": "danger", "办理中": "warning", "已办结": "success"})
    def state_label(self, row: Any) -> str:
        """Return how far it is."""
        return PETITION_STATES[petition_state(row)][0]


@admin.register(Lead)
class LeadAdmin(HandledAdmin):
    """Leads: disposed of in one of four ways, finished."""

    form, add_form = LeadForm, NewLeadForm
    list_display = [
        *("number", "state_label", "disposal", "source", "received_on", "masked_person", "person_place"),
        *("handler_name", "deadline"),
    ]
    list_filter = [
        *(LeadStateFilter, LateFilter, HandlerFilter, ("disposal", ChoicesDropdownFilter), "source"),
        ("received_on", RangeDateFilter),
    ]
    list_select_related = ["person", "handler", "source"]
    facts = ("number", "source", "received_on", "organization")
    texts = ("content",)

    def new_facts(self) -> tuple[str, ...]:
        """Ask from which petition it comes."""
        return ("petition",)

    def taken(self, request: HttpRequest, row: Lead) -> list[str]:
        """Return the fields that the steps taken so far filled in; a case only where one may see it."""
        found = ["disposal", "proposed_on"] if row.proposed_on else []
        if row.finished_on or row.outcome:
            found += ["finished_on", "outcome"]
        if row.finished_on and row.disposal == Disposal.VERIFICATION and (row.case_id is None or _case(request, row)):
            found.append("case")
        return found

    def step_views(self) -> dict[str, Any]:
        """Return the views of the steps."""
        return {"propose": self.propose_view, "finish": self.finish_view, "link": self.link_view}

    def propose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note the way of disposal."""

        def write(row: Lead, typed: dict[str, Any]) -> str:
            lead = propose_disposal(actor=request.user, lead=row, **typed)  # type: ignore[arg-type]  # signed in
            return f"{lead} 已登记处置意见：{lead.get_disposal_display()}。"

        return self.form_page(request, pk, lambda _: ProposeForm(request.POST or None), write, "提出处置意见")

    def finish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Finish it with its outcome."""

        def write(row: Lead, typed: dict[str, Any]) -> str:
            lead = finish_lead(actor=request.user, lead=row, **typed)  # type: ignore[arg-type]  # signed in
            return f"{lead} 已办结，{in_words(typed['finished_on'])}。"

        def form_of(row: Lead) -> FinishForm:
            return FinishForm(request.POST or None, lead=row, user=request.user)

        return self.form_page(request, pk, form_of, write, "办结")

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Link a further petition."""

        def write(row: Lead, typed: dict[str, Any]) -> str:
            link = link_petition(actor=request.user, lead=row, **typed)  # type: ignore[arg-type]  # signed in
            return f"{link.lead} 已关联信访件 {link.petition}。"

        def form_of(row: Lead) -> LinkForm:
            return LinkForm(request.POST or None, lead=row, user=request.user)

        return self.form_page(request, pk, form_of, write, "关联信访件")

    def buttons(self, request: HttpRequest, row: Lead) -> list[Button]:
        """Return what can be done now."""
        found = []
        if row.proposed_on is None:
            found.append(self.button("提出处置意见", "propose", row, is_main=True))
        elif row.finished_on is None:
            found.append(self.button("办结", "finish", row, is_main=True))
        return [*found, self.button("关联信访件", "link", row)]

    def told(self, request: HttpRequest, row: Lead) -> Iterable[tuple[str, Any]]:
        """Return what the record says."""
        links = LeadPetition.objects.visible_to(request.user).filter(lead=row).select_related("petition")
        case = _case(request, row)
        yield from _received(row)
        yield "线索来源", row.source
        yield "信访件", format_html_join("　", "{}", ((linked(one.petition),) for one in links))
        yield "线索内容", row.content
        yield "处置方式", row.proposed_on and f"{row.get_disposal_display()}　{in_words(row.proposed_on)}提出"
        yield "办结", row.finished_on and in_words(row.finished_on)
        yield "处置结果", row.outcome
        yield "案件", case and linked(case)

    @display(description="办理情况", label={"待提处置意见": "danger", "处置中": "warning", "已办结": "success"})
    def state_label(self, row: Any) -> str:
        """Return how far it is."""
        return LEAD_STATES[lead_state(row)][0]


def _received(row: Petition | Lead) -> Iterable[tuple[str, Any]]:
    """Return whom a record is about, who handles it, and since when."""
    person: Person | None = row.person
    yield "被反映人", person and format_html("{}　{}", linked_name(person), person.unit)
    yield "承办人", f"{row.handler}{'（仅承办人可见）' if row.handler_only else ''}" if row.handler else "未分派"
    yield "收到", in_words(row.received_on)


def linked_name(person: Person) -> str:
    """Return a link to the person's page, with the whole name."""
    address = reverse("admin:discipline_person_change", args=[person.pk])
    return format_html('<a class="chishang-link" href="{}">{}</a>', address, person.name)


def _case(request: HttpRequest, lead: Lead) -> Case | None:
    """Return the case of the lead, if one may see it."""
    if lead.case_id is None:
        return None
    found: Case | None = Case.objects.visible_to(request.user).filter(pk=lead.case_id).first()
    return found
