"""Development of members in the admin: files as a timeline of 25 steps, what is due, the steps themselves."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin
from chishang.core.dates import in_words, today
from chishang.core.forms import show_errors
from members.admin.branches import BranchFileAdmin
from members.admin.development_forms import FileForm, NewFileForm, StepForm, StopForm
from members.admin.people_forms import VoidForm
from members.enums import FileState
from members.models import DevelopmentFile, DevelopmentRecord, DevelopmentStep
from members.resources.development import DevelopmentFileResource, DevelopmentStepResource
from members.selectors import course_of, steps_due, timeline
from members.selectors.development import Course
from members.services import record_step, stop_file, void_record

RECORD, VOID = "members.add_developmentrecord", "members.change_developmentrecord"
STOP = "members.change_developmentfile"


@admin.register(DevelopmentStep)
class DevelopmentStepAdmin(RegisterAdmin):
    """The 25 steps with their order and times."""

    resource_classes = [DevelopmentStepResource]
    list_display = [
        *("sequence", "name", "stage", "after", "wait_months", "within_months", "repeats_months", "needs_vote"),
    ]
    list_display_links = ["sequence", "name"]
    list_filter = [("stage", ChoicesDropdownFilter)]
    list_select_related = ["after"]
    search_fields = ["name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the code by which the portal knows a step."""
        return ["code"] if obj else []


@admin.register(DevelopmentFile)
class DevelopmentFileAdmin(BranchFileAdmin):
    """Applicants. State and membership come from the steps; a file that leads no further is stopped, with a reason."""

    form, add_form = FileForm, NewFileForm
    resource_classes = [DevelopmentFileResource]
    list_display = ["name", "branch", "state_label", "last_step", "last_day", "sex", "phone", "id_state"]
    list_filter = [("state", ChoicesDropdownFilter), "branch"]
    list_select_related = ["branch"]
    search_fields = ["name", "branch__name"]
    list_before_template = "admin/members/development_links.html"
    change_form_outer_before_template = "admin/members/development_course.html"
    fields = [
        *("branch", "name", "sex", "ethnic_group", "id_number", "born_on", "id_override_reason", "education"),
        *("occupation", "phone", "address", "contacts", "introducers"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the furthest step in the same query."""
        valid = DevelopmentRecord.objects.valid().filter(file=OuterRef("pk"))
        records = valid.order_by("-step__sequence", "-occurred_on")
        return (
            super()
            .get_queryset(request)
            .annotate(
                last_name=Subquery(records.values("step__name")[:1]),
                last_on=Subquery(records.values("occurred_on")[:1]),
            )
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the list of what is due, and the pages of a file."""
        view = self.admin_site.admin_view
        name = "members_developmentfile"
        return [
            path("due/", view(require_safe(self.due_view)), name=f"{name}_due"),
            path("<int:pk>/step/<slug:code>/", view(self.step_view), name=f"{name}_step"),
            path("<int:pk>/void/", view(self.void_view), name=f"{name}_void"),
            path("<int:pk>/stop/", view(self.stop_view), name=f"{name}_stop"),
            *super().get_urls(),
        ]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse: a file begins with an application."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep files that have ended as they are."""
        if not super().has_change_permission(request, obj):
            return False
        key = getattr(obj, "pk", obj)  # Unfold asks with the key alone
        return obj is None or DevelopmentFile.objects.under_way().filter(pk=key).exists()

    @method_decorator(sensitive_post_parameters("id_number"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep the typed number out of error reports."""
        return super().changeform_view(request, *args, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the timeline and what can be done now."""
        file, context = self.get_object(request, object_id), dict(extra_context or {})
        if file is not None:
            course = course_of(file)
            may = {permission: self._holds(request, file.pk, permission) for permission in (RECORD, STOP, VOID)}
            context |= {"stages": timeline(course), "steps": course.open_steps if may[RECORD] else []}
            context |= {"main_step": _main_step(course), "may_stop": course.is_under_way and may[STOP]}
            context |= {"voidable": course.voidable if may[VOID] else None}
            context |= {"taken": len(course.taken), "of": len(course.steps), "application": course.records[:1]}
        return super().change_view(request, object_id, form_url, context)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Ask a new file for the day of the application; show one that is only looked at in words."""
        if obj is None:
            return [*self.fields, "applied_on"]
        if not self.has_change_permission(request, obj):
            return [{"id_number": "id_state", "born_on": "born"}.get(name, name) for name in self.fields]
        return list(self.fields)

    def due_view(self, request: HttpRequest) -> HttpResponse:
        """List the step that is to be taken in each file, the most urgent first."""
        if not request.user.has_perm("members.view_developmentfile"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "该办的步骤",
            "opts": self.opts,
            "tasks": steps_due(request.user),
        }
        return TemplateResponse(request, "admin/members/development_due.html", context)

    def step_view(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Ask for the facts of a step, record it, and go back to the file."""
        file = self._file(request, pk, RECORD)
        step = DevelopmentStep.objects.visible_to(request.user).filter(code=code).first()
        if step is None:
            raise Http404
        course = course_of(file)
        form = StepForm(request.POST or None, step=step, file=file, user=request.user)
        if form.is_valid():
            day = form.cleaned_data["occurred_on"]
            try:
                record_step(actor=request.user, file=file, step=step, occurred_on=day, facts=form.facts)
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._done(request, file, f"已登记：{step.name}。{_effect(file, step)}")
        extra: dict[str, Any] = {"step": step, "earliest": course.earliest(step), "due": course.due(step)}
        extra |= {"must_vote_again": course.must_vote_again(step, today()), "allowed": step in course.open_steps}
        return self._page(request, file, form, f"第 {step.sequence} 步 {step.name}", label="登记", **extra)

    def void_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Withdraw the last step as recorded by mistake."""
        file = self._file(request, pk, VOID)
        record = course_of(file).voidable
        form = VoidForm(request.POST or None)
        if record and form.is_valid():
            try:
                void_record(actor=request.user, record=record, reason=form.cleaned_data["reason"])
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._done(request, file, f"已撤回：{record.step.name}。")
        closed = "" if record else "最近一步是递交申请书或上级党委审批，或档案已终止，不能撤回。"
        extra = {"record": record, "label": "撤回", "closed": closed, "allowed": record is not None}
        return self._page(request, file, form, "撤回最近一步", **extra)

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a file that leads no further."""
        file = self._file(request, pk, STOP)
        form = StopForm(request.POST or None)
        if form.is_valid():
            try:
                stop_file(actor=request.user, file=file, **form.cleaned_data)
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._done(request, file, "已终止，档案保留。")
        return self._page(request, file, form, "终止档案", label="终止", allowed=course_of(file).is_under_way)

    def _file(self, request: HttpRequest, pk: int, permission: str) -> DevelopmentFile:
        """Return the file; 404 when the account does not see it, 403 when it may not do this with it."""
        rows = DevelopmentFile.objects.visible_to(request.user).select_related("branch", "member")
        file: DevelopmentFile | None = rows.filter(pk=pk).first()
        if file is None:
            raise Http404
        if not self._holds(request, pk, permission):
            raise PermissionDenied
        return file

    def _holds(self, request: HttpRequest, pk: int, permission: str) -> bool:
        return bool(DevelopmentFile.objects.visible_to(request.user, permission).filter(pk=pk).exists())

    def _done(self, request: HttpRequest, file: DevelopmentFile, message: str) -> HttpResponse:
        messages.success(request, message)
        return redirect(reverse("admin:members_developmentfile_change", args=[file.pk]))

    def _page(self, request: HttpRequest, file: DevelopmentFile, form: Any, title: str, **extra: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{title}：{file.name}",
            "opts": self.opts,
            "file": file,
            "form": form,
            **extra,
        }
        return TemplateResponse(request, "admin/members/development_step.html", context)

    @display(
        description="状态",
        ordering="state",
        label={
            FileState.OPEN.label: "info",
            FileState.ADMITTED.label: "warning",
            FileState.COMPLETED.label: "success",
            FileState.STOPPED.label: "danger",
        },
    )
    def state_label(self, file: Any) -> str:
        """Return the state in words."""
        return str(file.get_state_display())

    @display(description="办到哪一步")
    def last_step(self, file: Any) -> str:
        """Return the furthest step."""
        return str(file.last_name or "—")

    @display(description="日期", ordering="last_on")
    def last_day(self, file: Any) -> str:
        """Return the day of the furthest step."""
        return in_words(file.last_on) if file.last_on else "—"

    @display(description="出生日期")
    def born(self, file: Any) -> str:
        """Return the birth date as far as it is known."""
        return in_words(file.born_on, file.born_precision)

    @display(description="身份证")
    def id_state(self, file: Any) -> str:
        """Return whether a checked number is registered, and nothing of it."""
        return "已核验" if file.has_id_number else "未登记"


def _main_step(course: Course) -> DevelopmentStep | None:
    """Return the step to be taken; the vote where its approval has become impossible."""
    step = course.task(today())
    if step and course.must_vote_again(step, today()):
        return next((one for one in course.repeatable if one.pk == step.after_id), step)
    return step


def _effect(file: DevelopmentFile, step: DevelopmentStep) -> str:
    """Return what a step did beside being recorded."""
    if file.state == FileState.COMPLETED:
        return "档案办结。"
    if step.code == "admission_approval":
        return f"{file.name}已登记为预备党员，入党日期为支部大会通过之日。"
    return f"{file.name}已转为正式党员。" if step.code == "confirmation_approval" else ""
