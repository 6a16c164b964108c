"""Pages of a case beside its form: the next step, a further person, and who may read it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from chishang.core.dates import in_words, today
from chishang.core.forms import show_errors
from discipline.admin.cases_forms import AssignForm, InvolveForm, StepForm
from discipline.admin.pages import UNPROCESSABLE, SealedRegister
from discipline.models import Case, CaseAccess
from discipline.models.petitions import ASSIGN
from discipline.selectors.cases import STEP_NAMES, cases_to_assign
from discipline.services.cases import assign_handler, end_access, grant_access, involve_person, take_step
from discipline.services.people import PersonFacts


class CasePages(SealedRegister):
    """Adds the pages to the register of cases."""

    def page_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages."""
        name = "discipline_case"
        return [
            path("assign/", self.guarded(self.assign_list_view), name=f"{name}_assign_list"),
            path("<int:pk>/assign/", self.guarded(self.assign_view), name=f"{name}_assign"),
            path(
                "<int:pk>/assign/<int:access>/end/",
                self.guarded(require_POST(self.end_view)),
                name=f"{name}_end_access",
            ),
            *self.record_urls({"step": self.step_view, "involve": self.involve_view}),
        ]

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Date the next step."""

        def write(case: Case, typed: dict[str, Any]) -> str:
            take_step(actor=request.user, case=case, **typed)  # type: ignore[arg-type]  # signed in
            return f"已登记：{STEP_NAMES[typed['step']]}，{in_words(typed['day'])}。"

        return self.form_page(request, pk, lambda case: StepForm(request.POST or None, case=case), write, "登记步骤")

    def involve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a person."""

        def write(case: Case, typed: dict[str, Any]) -> str:
            involve_person(actor=request.user, case=case, facts=PersonFacts(**typed))  # type: ignore[arg-type]  # as above
            return "已登记涉案人员。"

        def form_of(_case: Case) -> InvolveForm:
            return InvolveForm(request.POST or None, user=request.user)

        return self.form_page(request, pk, form_of, write, "登记涉案人员")

    def assign_list_view(self, request: HttpRequest) -> HttpResponse:
        """List all cases by number alone, with who is named on each, so that one nobody may read can be handed out."""
        if not request.user.has_perm(ASSIGN):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "分派案件",
            "cases": cases_to_assign(request.user),
            "back": reverse("admin:discipline_case_changelist"),
        }
        return TemplateResponse(request, "admin/discipline/case_assign_list.html", context)

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Name somebody on a case, of which only the number is shown."""
        case = self._to_assign(request, pk)
        user: Any = request.user
        form = AssignForm(request.POST or None, actor=user)
        if form.is_valid():
            typed = form.cleaned_data
            give = assign_handler if typed["handles"] else grant_access
            try:
                access = give(actor=user, case=case, user=typed["user"], until=typed["until"])
            except ValidationError as error:
                show_errors(form, error)
            else:
                messages.success(request, f"已指定{access.user}查阅 {case}，至{in_words(access.until)}。")
                return redirect("admin:discipline_case_assign", pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"分派：{case}",
            "label": "指定",
            "case": case,
            "accesses": CaseAccess.objects.visible_to(user).filter(case=case).select_related("user", "granted_by"),
            "today": today(),
            "form": form,
            "back": reverse("admin:discipline_case_assign_list"),
        }
        status = UNPROCESSABLE if form.errors else 200
        return TemplateResponse(request, "admin/discipline/case_assign.html", context, status=status)

    def end_view(self, request: HttpRequest, pk: int, access: int) -> HttpResponse:
        """End a grant."""
        case = self._to_assign(request, pk)
        row = self.row_or_404(CaseAccess.objects.visible_to(request.user).filter(case=case), access)
        user: Any = request.user
        try:
            end_access(actor=user, access=row)
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        else:
            messages.success(request, f"{row.user}从现在起不能再查阅 {case}。")
        return redirect("admin:discipline_case_assign", pk=pk)

    def _to_assign(self, request: HttpRequest, pk: int) -> Case:
        """Return a case to be handed out; 403 for whoever hands out none, unless he does not see it: 404."""
        user: Any = request.user
        if not user.has_perm(ASSIGN):
            self.row_or_404(Case.objects.visible_to(user), pk)
            raise PermissionDenied
        case = next((one for one in cases_to_assign(user) if one.pk == pk), None)
        if case is None:
            raise Http404
        return case
