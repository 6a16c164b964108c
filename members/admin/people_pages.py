"""Pages of a member beside the file: each thing that can happen to him, his ID number, and the search by number."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from chishang.core.dates import today
from chishang.core.forms import show_errors
from chishang.core.text import clean_name
from members.admin.people_forms import (
    FindForm,
    RecordForm,
    RejoinForm,
    RevealForm,
    TakeBackForm,
    TransferForm,
    VoidForm,
)
from members.enums import ChangeKind, Standing
from members.models import ImpactFlag, Member, MemberChange, Transfer
from members.services import (
    changes_open_to,
    find_by_id_number,
    may_receive,
    record_change,
    rejoin_member,
    rejoining_refusal,
    reveal_id_number,
    start_transfer,
    take_back,
    void_change,
)
from members.services.standing import voidable_change
from organizations.models import User

RECORD, VOID = "members.add_memberchange", "members.change_memberchange"
TRANSFER, RECEIVE, REVEAL = "members.add_transfer", "members.receive_transfer", "members.reveal_member"
IMPACT = "members.view_impactflag"


@dataclass(frozen=True)
class Button:
    """A link to the page of something that can be done now."""

    label: str
    url: str


def held(user: User, permission: str, *branches: int | None) -> bool:
    """Say whether ``user`` holds the right at one of the branches."""
    scope = user.scope_for(permission)
    return scope.everything or bool(scope.organization_ids.intersection(branches))


def end_buttons(user: User, transfer: Transfer) -> list[Button]:
    """Return what ``user`` may do about a transfer on its way."""
    found = []
    if may_receive(user, transfer):
        label = "接收" if transfer.to_branch_id else "登记对方已接收"
        found.append(Button(label, reverse("admin:members_transfer_receive", args=[transfer.pk])))
    if held(user, RECEIVE, transfer.from_branch_id, transfer.to_branch_id):
        found.append(Button("退回", reverse("admin:members_transfer_return", args=[transfer.pk])))
    return found


def buttons_for(user: User, member: Member) -> list[Button]:
    """Return what ``user`` may do with the member as he stands."""

    def link(label: str, name: str, key: int) -> Button:
        return Button(label, reverse(f"admin:members_member_{name}", args=[key]))

    found, transfer = [], member.transfers.in_transit().first()
    if held(user, RECORD, member.branch_id):
        found += [link(label, name, member.pk) for label, name in _recordable(member)]
    if held(user, TRANSFER, member.branch_id) and member.standing == Standing.NORMAL and transfer is None:
        found.append(link("转出", "transfer", member.pk))
    if transfer is not None:
        found += end_buttons(user, transfer)
    voidable = voidable_change(member)
    if voidable and held(user, VOID, member.branch_id):
        found.append(link(f"撤回“{voidable.get_kind_display()}”", "void", member.pk))
    if member.has_id_number and held(user, REVEAL, member.branch_id):
        found.append(link("查看身份证号码", "reveal", member.pk))
    return found


def _recordable(member: Member) -> list[tuple[str, str]]:
    """Return what can be recorded of the member as he stands, as labels and names of pages."""
    pages = {
        ("办理变动", "record"): bool(changes_open_to(member)),
        ("转入", "take_back"): member.standing == Standing.TRANSFERRED,
        ("重新入党", "rejoin"): not rejoining_refusal(member, today()),
    }
    return [page for page, is_open in pages.items() if is_open]


def course_of(user: User, member: Member) -> list[dict[str, Any]]:
    """Return the changes that ``user`` may see, oldest first; other branches are named as far as he sees them."""
    changes = MemberChange.objects.visible_to(user).filter(member=member).with_other_side(user)
    course = []
    for change in changes.select_related("actor", "voided_by", "branch").order_by("occurred_on", "pk"):
        towards = "从" if change.kind == ChangeKind.TRANSFERRED_IN else "去"
        course.append({"change": change, "place": change.other_side and f"{towards}{change.other_side}"})
    return course


def impact_of(user: User, member: Member) -> str:
    """Return what ``user`` is told of the effect of a sanction (影响期) on the member; empty without the right to it.

    Nothing of a member of the same name: it may be the holder of the account.
    """
    if not held(user, IMPACT, member.branch_id) or clean_name(user.name) == clean_name(member.name):
        return ""
    flag = ImpactFlag.objects.visible_to(user).in_effect().filter(member=member).first()
    return f"是，至 {flag.until:%Y-%m-%d}" if flag else "否"


class MemberPages:
    """Adds the pages to the register of members."""

    admin_site: Any
    opts: Any

    def page_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages."""
        pages = {
            "record": self.record_view,
            "transfer": self.transfer_view,
            "take_back": self.take_back_view,
            "rejoin": self.rejoin_view,
            "void": self.void_view,
            "reveal": self.reveal_view,
        }
        urls = [
            path(
                f"<int:pk>/{name.replace('_', '-')}/", self.admin_site.admin_view(view), name=f"members_member_{name}"
            )
            for name, view in pages.items()
        ]
        return [path("find/", self.admin_site.admin_view(self.find_view), name="members_member_find"), *urls]

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record a change."""
        member = self._member(request, pk, RECORD)
        form = RecordForm(request.POST or None, member=member)
        if form.is_valid():
            kind, day = ChangeKind(form.cleaned_data["kind"]), form.cleaned_data["occurred_on"]
            try:
                record_change(actor=request.user, member=member, kind=kind, occurred_on=day, facts=form.facts)
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._done(request, member, f"已登记：{kind.label}。")
        closed = "" if changes_open_to(member) else f"该党员现在是“{member.get_standing_display()}”，没有可办的变动。"
        return self._page(request, member, form, "办理变动", closed=closed)

    def transfer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a transfer."""
        member = self._member(request, pk, TRANSFER)
        form = TransferForm(request.POST or None, member=member, user=request.user)
        if form.is_valid():
            try:
                transfer = start_transfer(actor=request.user, transfer=form.transfer)
            except ValidationError as error:
                show_errors(form, error)
            else:
                where = transfer.to_branch or transfer.destination
                return self._done(request, member, f"已转出，在途：{where}。对方接收前，仍由原党支部负责。")
        return self._page(request, member, form, "转出")

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in one who had left for elsewhere."""
        member = self._member(request, pk, RECORD)
        form = TakeBackForm(request.POST or None, user=request.user)
        if form.is_valid():
            try:
                take_back(actor=request.user, member=member, **form.cleaned_data)
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._done(request, member, f"已转入{member.branch}。")
        return self._page(request, member, form, "转入")

    def rejoin_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in anew one who was removed."""
        member = self._member(request, pk, RECORD)
        form = RejoinForm(request.POST or None, user=request.user)
        if form.is_valid():
            try:
                rejoin_member(actor=request.user, member=member, **form.cleaned_data)
            except ValidationError as error:
                show_errors(form, error, {"occurred_on": "joined_on"})
            else:
                return self._done(request, member, f"{member.name}已重新登记为预备党员。")
        return self._page(request, member, form, "重新入党", closed=rejoining_refusal(member, today()))

    def void_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Withdraw the last change as recorded by mistake."""
        member = self._member(request, pk, VOID)
        change = voidable_change(member)
        form = VoidForm(request.POST or None)
        if change and form.is_valid():
            try:
                void_change(actor=request.user, change=change, reason=form.cleaned_data["reason"])
            except ValidationError as error:
                show_errors(form, error)
            else:
                return self._done(request, member, f"已撤回：{change.get_kind_display()}。")
        closed = "" if change else "最近一次变动是入党或转接，不能撤回。"
        return self._page(request, member, form, "撤回变动", closed=closed, change=change)

    @method_decorator(never_cache)  # among others "no-store": the number stays in no cache, not the browser's either
    @sensitive_variables("number")
    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the ID number this once, for a reason that goes into the journal."""
        member = self._member(request, pk, REVEAL)
        form, number = RevealForm(request.POST or None), ""
        if form.is_valid():
            try:
                number = reveal_id_number(actor=request.user, member=member, reason=form.cleaned_data["reason"])
            except ValidationError as error:
                show_errors(form, error)
        return self._page(request, member, form, "查看身份证号码", number=number)

    @method_decorator(sensitive_post_parameters("id_number"))
    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Find a member by the whole ID number; one that the account may not see is not found."""
        if not request.user.has_perm("members.view_member"):
            raise PermissionDenied
        form = FindForm(request.POST or None)
        if form.is_valid():
            try:
                member = find_by_id_number(actor=request.user, text=form.cleaned_data["id_number"])  # type: ignore[arg-type]  # signed in
            except ValidationError as error:
                show_errors(form, error)
            else:
                if member:
                    return redirect(self._address(member.pk))
                form.add_error(None, "没有找到。请核对号码；不在您负责范围内的党员，这里查不到。")
        return self._page(request, None, form, "按身份证号查找", label="查找")

    def _member(self, request: HttpRequest, pk: int, permission: str) -> Member:
        """Return the member; 404 when the account does not see him, 403 when it may not do this with him."""
        rows = Member.objects.visible_to(request.user)
        member: Member | None = rows.select_related("branch").filter(pk=pk).first()
        if member is None:
            raise Http404
        if not Member.objects.visible_to(request.user, permission).filter(pk=pk).exists():
            raise PermissionDenied
        return member

    def _address(self, pk: int) -> str:
        return reverse("admin:members_member_change", args=[pk])

    def _done(self, request: HttpRequest, member: Member, message: str) -> HttpResponse:
        messages.success(request, message)
        return redirect(self._address(member.pk))

    def _page(
        self, request: HttpRequest, member: Member | None, form: Any, title: str, label: str = "", **extra: Any
    ) -> HttpResponse:
        back = self._address(member.pk) if member else reverse("admin:members_member_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": f"{title}：{member.name}" if member else title,
            "label": label or title,
            "opts": self.opts,
            "member": member,
            "form": form,
            "back": back,
            **extra,
        }
        return TemplateResponse(request, "admin/members/page.html", context)
