"""Organisational life in the admin: meetings, training, talents and honours."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ScopedTabularInline
from chishang.core.dates import in_words
from members.admin.life_forms import (
    AttendanceFormSet,
    AttendeeForm,
    AttendeeFormSet,
    HonourForm,
    MeetingForm,
    TalentForm,
    TrainingForm,
)
from members.models import (
    Honour,
    Meeting,
    MeetingAttendance,
    MeetingKind,
    MeetingRule,
    Talent,
    Training,
    TrainingAttendance,
)
from members.resources.life import (
    HonourResource,
    MeetingKindResource,
    MeetingResource,
    MeetingRuleResource,
    TalentResource,
    TrainingAttendanceResource,
    TrainingResource,
)


@admin.register(MeetingKind)
class MeetingKindAdmin(RegisterAdmin):
    """Kinds of meetings and activities."""

    resource_classes = [MeetingKindResource]
    list_display = ["name", "code", "counts_as", "sort_no", "is_active"]
    list_select_related = ["counts_as"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "counts_as", "sort_no", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the code by which figures know a kind."""
        return ["code"] if obj else []


@admin.register(MeetingRule)
class MeetingRuleAdmin(RegisterAdmin):
    """How often which meeting is owed: a changed frequency is a new row."""

    resource_classes = [MeetingRuleResource]
    list_display = ["kind", "period", "times", "owed_by", "valid_from", "valid_until", "source"]
    list_filter = ["kind", "period", "owed_by"]
    list_select_related = ["kind"]


class MeetingAttendanceInline(ScopedTabularInline):
    """Who took part, where it is known."""

    model = MeetingAttendance
    formset = AttendanceFormSet
    fields = ["member", "presence", "reason"]
    show_change_link = False
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with their members."""
        return super().get_queryset(request).select_related("member", "meeting").order_by("member__pinyin", "pk")


@admin.register(Meeting)
class MeetingAdmin(RegisterAdmin):
    """Meetings and activities. On the phone a secretary records them with attendance; here the office keeps them."""

    form = MeetingForm
    resource_classes = [MeetingResource]
    list_display = ["held_on", "organization", "kinds", "topic", "attendance", "host"]
    list_display_links = ["held_on", "topic"]
    list_filter = [("held_on", RangeDateFilter), "kind", "organization__branch_type", "organization"]
    list_select_related = ["organization", "kind", "also_kind"]
    search_fields = ["topic", "organization__name", "host", "place"]
    search_help_text = "主题、党支部、主持人、地点"
    date_hierarchy = "held_on"
    autocomplete_fields = ["organization"]
    fieldsets = [
        (None, {"fields": ["organization", "held_on", "kind", "also_kind", "topic", "place", "host"]}),
        ("人数", {"fields": ["due", "present", "excused"], "description": "有参会名单的，人数要与名单一致。"}),
        ("记录", {"fields": ["minutes", "remark", "recorded_by", "recorded_at"]}),
    ]
    readonly_fields = ["recorded_by", "recorded_at"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Ask who took part once the branch and the day are known."""
        return [MeetingAttendanceInline] if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out of a new meeting who recorded it when."""
        if obj:
            return self.fieldsets
        return [*self.fieldsets[:-1], ("记录", {"fields": ["minutes", "remark"]})]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer a new meeting the kinds in use."""
        if db_field.related_model is MeetingKind and self._write_verb(request) == "add":
            kwargs["queryset"] = MeetingKind.objects.visible_to(request.user).filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Say who recorded it."""
        if not change:
            obj.recorded_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="活动类型", ordering="kind__sort_no")
    def kinds(self, meeting: Any) -> str:
        """Return the one or two kinds."""
        return "、".join(str(kind) for kind in (meeting.kind, meeting.also_kind) if kind)

    @display(description="实到/应到", ordering="present")
    def attendance(self, meeting: Any) -> str:
        """Return present of due, and who was excused."""
        told = f"{meeting.present}/{meeting.due}"
        return f"{told}（请假 {meeting.excused}）" if meeting.excused else told


class TrainingAttendanceInline(ScopedTabularInline):
    """Who attended. The member is found by branch and name."""

    model = TrainingAttendance
    form = AttendeeForm
    formset = AttendeeFormSet
    fields = ["branch", "name", "member"]
    readonly_fields = ["member"]
    hide_title = True
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with what they name."""
        return super().get_queryset(request).select_related("branch", "member", "training")


@admin.register(Training)
class TrainingAdmin(RegisterAdmin):
    """Training, with its person-times."""

    form = TrainingForm
    resource_classes = [TrainingResource]
    list_display = ["started_on", "name", "kind", "place", "hours", "attended", "organizer"]
    list_display_links = ["started_on", "name"]
    list_filter = ["kind", ("started_on", RangeDateFilter)]
    list_select_related = ["organizer"]
    search_fields = ["name", "place"]
    date_hierarchy = "started_on"
    autocomplete_fields = ["organizer"]
    fields = ["name", "kind", "organizer", "started_on", "ended_on", "place", "hours"]
    inlines = [TrainingAttendanceInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the attendances that the account may see in the same query."""
        seen = Q(attendances__in=TrainingAttendance.objects.visible_to(request.user).order_by().values("pk"))
        return super().get_queryset(request).annotate(attendances_here=Count("attendances", filter=seen))

    @display(description="人次", ordering="attendances_here")
    def attended(self, training: Any) -> int:
        """Return how many attended."""
        return int(training.attendances_here)


@admin.register(TrainingAttendance)
class TrainingAttendanceAdmin(RegisterAdmin):
    """Person-times. Where a branch has two of one name, the member is chosen here."""

    form = AttendeeForm
    resource_classes = [TrainingAttendanceResource]
    list_display = ["name", "branch", "training", "is_member"]
    list_filter = ["training__kind", ("training__started_on", RangeDateFilter), "training", "branch"]
    list_select_related = ["branch", "training"]
    search_fields = ["name", "member__pinyin", "branch__name", "training__name"]
    search_help_text = "姓名、拼音首字母、党支部、培训"
    autocomplete_fields = ["training", "branch", "member"]
    fields = ["training", "branch", "name", "member"]

    @display(description="党员", boolean=True)
    def is_member(self, attendance: Any) -> bool:
        """Say whether the person is known as a member."""
        return attendance.member_id is not None


class HonourInline(ScopedTabularInline):
    """Honours of a person."""

    model = Honour
    form = HonourForm
    fields = ["title", "level", "granted_by", "granted_on", "document", "revoked_on"]
    hide_title = True


@admin.register(Talent)
class TalentAdmin(RegisterAdmin):
    """Outstanding cadres, young returnees, role models; not necessarily members."""

    form = TalentForm
    resource_classes = [TalentResource]
    list_display = ["name", "kind", "village", "recorded", "project", "honour_count"]
    list_filter = [("kind", ChoicesDropdownFilter), "village__area", "village"]
    list_select_related = ["village"]
    search_fields = ["name", "project", "village__name"]
    search_help_text = "姓名、项目或事迹、村"
    autocomplete_fields = ["village", "member"]
    fields = ["name", "kind", "village", "member", "recorded_on", "project"]
    inlines = [HonourInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the honours in the same query; they belong to the person's place."""
        held = Count("honours", filter=Q(honours__revoked_on__isnull=True))
        return super().get_queryset(request).annotate(honours_here=held)

    @display(description="登记日期", ordering="recorded_on")
    def recorded(self, talent: Any) -> str:
        """Return the date as far as it is known."""
        return in_words(talent.recorded_on, talent.recorded_precision)

    @display(description="荣誉", ordering="honours_here")
    def honour_count(self, talent: Any) -> int:
        """Return how many honours stand."""
        return int(talent.honours_here)


@admin.register(Honour)
class HonourAdmin(RegisterAdmin):
    """Honours; one that is revoked stays, with the day of its end."""

    form = HonourForm
    resource_classes = [HonourResource]
    list_display = ["title", "talent", "village", "level", "granted_by", "granted", "revoked_on"]
    list_filter = ["level", "talent__village__area", "talent__village", ("granted_on", RangeDateFilter)]
    list_select_related = ["talent__village"]
    search_fields = ["title", "talent__name", "granted_by"]
    search_help_text = "荣誉称号、姓名、授予单位"
    autocomplete_fields = ["talent"]
    fields = ["talent", "title", "level", "granted_by", "granted_on", "document", "revoked_on"]

    @display(description="所在村", ordering="talent__village__sort_no")
    def village(self, honour: Any) -> str:
        """Return the person's village."""
        return str(honour.talent.village)

    @display(description="授予日期", ordering="granted_on")
    def granted(self, honour: Any) -> str:
        """Return the date as far as it is known."""
        return in_words(honour.granted_on, honour.granted_precision)
