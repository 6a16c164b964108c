"""Documents issued to branches, and who has signed for them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ScopedTabularInline
from chishang.core.dates import in_words, today
from organizations.admin.directive_forms import (
    ISSUE,
    DirectiveForm,
    NewDirectiveForm,
    ReceiptForm,
    RecipientForm,
    branches_to_send,
)
from organizations.models import Directive, DirectiveReceipt
from organizations.resources import DirectiveReceiptResource, DirectiveResource
from organizations.services import issue_directive, redate_receipts


class DirectiveReceiptInline(ScopedTabularInline):
    """Who has signed. Branches are added by issuing, not here."""

    model = DirectiveReceipt
    form = ReceiptForm
    fields = ["organization", "signed_on", "signed_by"]
    readonly_fields = ["organization", "signed_by"]
    show_change_link = False
    hide_title = True
    per_page = 100

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a receipt comes with the issuing."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the receipts with the names that the rows show; those not signed first."""
        rows = super().get_queryset(request).select_related("organization", "signed_by", "directive")
        return rows.order_by(*UNSIGNED_FIRST)


UNSIGNED_FIRST = ("-issued_on", F("signed_on").asc(nulls_first=True), "organization__sort_no", "pk")


@admin.register(Directive)
class DirectiveAdmin(RegisterAdmin):
    """Documents issued to branches: added with their recipients, and later to those that lack them."""

    form = DirectiveForm
    resource_classes = [DirectiveResource]
    list_display = ["number", "title", "issued_on", "signed_count"]
    search_fields = ["number", "title"]
    date_hierarchy = "issued_on"
    change_form_outer_before_template = "admin/organizations/directive_panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the receipts that the account may see in the same query."""
        seen = Q(receipts__in=DirectiveReceipt.objects.visible_to(request.user).order_by().values("pk"))
        counts = {
            "receipts_sent": Count("receipts", filter=seen),
            "receipts_signed": Count("receipts__signed_on", filter=seen),
        }
        return super().get_queryset(request).annotate(**counts)

    @display(description="签收")
    def signed_count(self, directive: Any) -> str:
        """Return signed of sent."""
        return f"{directive.receipts_signed}/{directive.receipts_sent}"

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Show the receipts once there are any."""
        return [DirectiveReceiptInline] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Ask whom a new document goes to."""
        asked = ["number", "title", "issued_on"]
        return asked if obj else [*asked, "only_types", "recipients"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001,FBT002  Django's
        """Tell the form of a new document who sends it."""
        if obj is None:
            kwargs["form"] = NewDirectiveForm
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose today for a new document."""
        return {"issued_on": today(), **super().get_changeform_initial_data(request)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say whether the account may add documents and send them."""
        return super().has_add_permission(request) and bool(request.user.has_perm(ISSUE))

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a later issuing."""
        issue = self.admin_site.admin_view(self.issue_view)
        return [path("<int:pk>/issue/", issue, name="organizations_directive_issue"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Store the document; send a new one to its recipients, carry a corrected date to the receipts."""
        super().save_model(request, obj, form, change)
        if change:
            redate_receipts(actor=request.user, directive=obj)
        else:
            sent = issue_directive(actor=request.user, directive=obj, branches=form.chosen)
            messages.success(request, f"已下发给 {sent} 个党支部。")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add who has not signed yet, and who lacks the document."""
        directive = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if directive is not None:
            unsigned = DirectiveReceipt.objects.visible_to(request.user).unsigned().filter(directive=directive)
            names = unsigned.order_by("organization__sort_no", "organization").values_list("organization__name")
            context["unsigned"] = [name for (name,) in names]
            context["lacking"] = branches_to_send(request.user, directive).count()
        return super().change_view(request, object_id, form_url, context)

    def issue_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the document to branches that do not have it yet."""
        directive = self.get_queryset(request).filter(pk=pk).first()
        if directive is None:
            raise Http404
        if not request.user.has_perm(ISSUE):
            raise PermissionDenied
        kind = type("IssueForm", (RecipientForm,), {"actor": request.user, "directive": directive})
        form = kind(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            sent = issue_directive(actor=request.user, directive=directive, branches=form.chosen)
            messages.success(request, f"已补发给 {sent} 个党支部。")
            return redirect(reverse("admin:organizations_directive_change", args=[pk]))
        context = {"title": f"补发：{directive}", "opts": self.opts, "directive": directive, "form": form}
        common = self.admin_site.each_context(request)
        return TemplateResponse(request, "admin/organizations/issue.html", {**common, **context})


class SignedFilter(admin.SimpleListFilter):
    """Whether the branch has signed."""

    title = "是否签收"
    parameter_name = "signed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("no", "未签收"), ("yes", "已签收")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those that wait, or the others."""
        choice = self.value()
        return queryset.filter(signed_on__isnull=choice == "no") if choice in {"no", "yes"} else queryset


@admin.register(DirectiveReceipt)
class DirectiveReceiptAdmin(RegisterAdmin):
    """Receipts: who has signed for what. A branch signs on its own page; the office puts a day right here."""

    form = ReceiptForm
    resource_classes = [DirectiveReceiptResource]
    list_display = ["organization", "directive", "issued_on", "signed_label", "signed_by"]
    list_filter = [SignedFilter, "directive", "organization__branch_type", ("issued_on", RangeDateFilter)]
    list_select_related = ["organization", "directive", "signed_by"]
    search_fields = ["organization__name", "directive__number", "directive__title"]
    search_help_text = "党支部、文号、标题"
    ordering = UNSIGNED_FIRST
    fields = ["directive", "organization", "issued_on", "signed_on", "signed_by"]
    readonly_fields = ["directive", "organization", "issued_on", "signed_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a receipt comes with the issuing of a document."""
        return False

    @display(description="签收", ordering="signed_on")
    def signed_label(self, receipt: Any) -> str:
        """Return the day of signing, or in red that it is missing."""
        if receipt.signed_on is None:
            return format_html('<span class="chishang-late">{}</span>', "未签收")
        return in_words(receipt.signed_on)
