"""The register of members."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.debug import sensitive_post_parameters
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from chishang.core.dates import in_words
from chishang.core.encryption import DecryptionError
from chishang.core.id_numbers import LENGTH
from members.admin.branches import BranchFileAdmin
from members.admin.people_filters import (
    LIST_PARAMETER,
    ONE_CLICK,
    AgeBandFilter,
    JoinedBandFilter,
    KindFilter,
    OneClickFilter,
    StandingFilter,
)
from members.admin.people_forms import MemberExportForm, MemberForm, NewMemberForm
from members.admin.people_pages import REVEAL, MemberPages, buttons_for, course_of, impact_of
from members.enums import MemberKind, Standing
from members.models import Member
from members.models.id_numbers import SHOWN
from members.resources.people import MemberResource
from members.services.people import UNREADABLE

CONTACT = ["education", "occupation", "phone", "landline", "address", "native_place", "remark"]


@admin.register(Member)
class MemberAdmin(MemberPages, BranchFileAdmin):
    """Members, present and past. The standing comes from changes; nobody is deleted."""

    form, add_form = MemberForm, NewMemberForm
    resource_classes = [MemberResource]
    export_form_class = MemberExportForm
    list_display = ["name", "branch", "sex", "age", "kind_label", "joined", "standing_label", "flags", "id_state"]
    list_filter = [
        *(OneClickFilter, StandingFilter, KindFilter, "branch", AgeBandFilter, JoinedBandFilter),
        ("sex", ChoicesDropdownFilter),
    ]
    list_select_related = ["branch"]
    list_before_template = "admin/members/lists.html"
    search_fields = ["name"]
    search_help_text = "姓名，或拼音首字母（如 zdq）"
    change_form_outer_before_template = "admin/members/course.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of a member."""
        return [*self.page_urls(), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as the secretary's page does."""
        return queryset.search(search_term), False  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the lists of one click."""
        chosen = request.GET.get(LIST_PARAMETER, "")
        everybody = request.GET.get(StandingFilter.parameter_name) == StandingFilter.EVERYBODY
        lists = [
            ("现有党员", "?", not chosen and not everybody),
            *((title, f"?{LIST_PARAMETER}={code}", code == chosen) for code, title in ONE_CLICK.items()),
            ("全部（含已离开的）", f"?{StandingFilter.parameter_name}={StandingFilter.EVERYBODY}", everybody),
        ]
        return super().changelist_view(request, {**(extra_context or {}), "lists": lists})

    @method_decorator(sensitive_post_parameters("id_number"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep the typed number out of error reports."""
        return super().changeform_view(request, *args, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add what can be done now, and the course so far."""
        member, context = self.get_object(request, object_id), dict(extra_context or {})
        if member is not None:
            user: Any = request.user
            context |= {"buttons": buttons_for(user, member), "course": course_of(user, member)}
            context |= {"id_number": beginning_of(member), "is_normal": member.standing == Standing.NORMAL}
            context |= {"impact": impact_of(user, member)}
            context |= {"transfer": member.transfers.in_transit().select_related("to_branch").first()}
        return super().change_view(request, object_id, form_url, context)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask how a new member came; show the file in words to those who only look."""
        looks = obj is not None and not self.has_change_permission(request, obj)
        dates = ["joined", "became_full"] if looks else ["joined_on", "full_member_on"]
        birth = ["born"] if looks else ["id_number", "born_on"]
        how = [("登记", {"fields": ["how", "arrived_on", "came_from"]})] if obj is None else []
        return [
            *how,
            ("本人", {"fields": ["name", "sex", "ethnic_group", *birth, "id_override_reason"]}),
            ("党籍", {"fields": ["branch", *dates, "party_age_from"]}),
            ("联系和其他", {"fields": CONTACT}),
        ]

    def init_request_context_data(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        """Offer whole ID numbers to those who may take them."""
        if not request.user.has_perm(REVEAL):
            for name in ("whole_numbers", "reason"):
                form.fields.pop(name, None)
        return super().init_request_context_data(request, form)  # type: ignore[no-any-return]

    @display(description="年龄", ordering="-born_on")
    def age(self, member: Any) -> str:
        """Return the completed years of life."""
        return "—" if member.age is None else str(member.age)

    @display(
        description="人员类别",
        ordering="full_member_on",
        label={MemberKind.FULL.label: "success", MemberKind.PROBATIONARY.label: "warning"},
    )
    def kind_label(self, member: Any) -> str:
        """Return full member or on probation."""
        return str(member.kind.label)

    @display(description="入党日期", ordering="joined_on")
    def joined(self, member: Any) -> str:
        """Return the day of joining as far as it is known."""
        return in_words(member.joined_on, member.joined_precision)

    @display(description="转正日期")
    def became_full(self, member: Any) -> str:
        """Return the day of full membership as far as it is known."""
        return in_words(member.full_member_on, member.full_member_precision) if member.full_member_on else "—"

    @display(description="出生日期")
    def born(self, member: Any) -> str:
        """Return the birth date as far as it is known."""
        return in_words(member.born_on, member.born_precision) if member.born_on else "—"

    @display(description="党籍状态", ordering="standing")
    def standing_label(self, member: Any) -> str:
        """Return the standing."""
        return str(member.get_standing_display())

    @display(description="标记")
    def flags(self, member: Any) -> str:
        """Return the circumstances in words; lost contact in red."""
        return format_html_join("　", "{}", ((word,) for word in flags_of(member))) or "—"

    @display(description="身份证")
    def id_state(self, member: Any) -> str:
        """Return whether a checked number is registered, and nothing of it."""
        return "已核验" if member.has_id_number else "未登记"


def flags_of(member: Any) -> list[str]:
    """Return the member's circumstances in words."""
    lost = format_html('<span class="chishang-late">{}</span>', "失联")
    words = ((member.floating_since, "流动"), (member.lost_since, lost), (member.hardship_since, "困难"))
    return [word for since, word in words if since]


def beginning_of(member: Any) -> str:
    """Return what the page of a member shows of the ID number: the first six digits."""
    try:
        beginning = member.id_number_beginning
    except DecryptionError:
        return UNREADABLE
    return f"{beginning}{'*' * (LENGTH - SHOWN)}　已核验" if beginning else "未登记"
