"""Own members: the list, and the page of one. The ID number is on neither."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from chishang.core.dates import in_words, today
from members import selectors
from members.models import Member, Transfer
from members.services import receive_transfer
from organizations.views import SignedInRequest

MEMBERS_A_PAGE = 30
ARRIVING_SHOWN = 10
"""How many transfers to be received stand above the list; the next ones follow as these are received."""
REFUSED = 422
"""HTTP status of what was refused."""
VIEW = "members.view_member"

readers_only = permission_required(VIEW, raise_exception=True)


@require_safe
@readers_only
def home(request: SignedInRequest) -> HttpResponse:
    """List today's members of one's branch, found by name or pinyin initials, and who is on the way to it."""
    return _list(request)


@require_POST
@readers_only
def receive(request: SignedInRequest, pk: int) -> HttpResponse:
    """Receive a member who was transferred to one's branch, today."""
    transfer: Transfer = get_object_or_404(Transfer.objects.visible_to(request.user).within_town(), pk=pk)
    try:
        received = receive_transfer(actor=request.user, transfer=transfer, received_on=today())
    except ValidationError as error:
        return _list(request, refused=error.messages)
    messages.success(request, f"{received.member}的组织关系已接收，从今天起是{received.to_branch}的党员。")
    return redirect("members:home")


def _list(request: SignedInRequest, *, refused: list[str] | None = None) -> HttpResponse:
    text, show = request.GET.get("q", "")[:50], request.GET.get("show", "all")
    show = show if show in selectors.MEMBER_FILTERS else "all"
    members = selectors.current_members(request.user, text, show)
    context = {
        "section": "members",
        "page": Paginator(members, MEMBERS_A_PAGE).get_page(request.GET.get("page")),
        "text": text,
        "show": show,
        "filters": [(key, label) for key, (label, _) in selectors.MEMBER_FILTERS.items()],
        "several_branches": selectors.sees_several_branches(request.user, VIEW),
        "arriving": selectors.transfers_to_receive(request.user)[:ARRIVING_SHOWN],
        "refused": refused,
    }
    return render(request, "members/home.html", context, status=REFUSED if refused else 200)


@require_safe
@readers_only
def member(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a member: the sixteen items, how the standing came about, and the meetings of this year."""
    one: Member = get_object_or_404(
        Member.objects.visible_to(request.user).select_related("branch", "occupation"), pk=pk
    )
    year = today().year
    context = {
        "section": "members",
        "member": one,
        "items": sixteen_items(one),
        "year": year,
        "file": selectors.file_of(request.user, one, year),
    }
    return render(request, "members/member.html", context)


@dataclass(frozen=True)
class Item:
    """One item of the national form; ``phone`` where it can be called."""

    label: str
    text: str
    phone: str = ""


def sixteen_items(one: Member) -> list[Item]:
    """Return the sixteen items of the national form in their order; of the ID number only whether there is one."""
    age = f"（{one.age} 岁）" if one.age is not None else ""
    party_age = f"（党龄 {one.party_age} 年）" if one.party_age is not None else ""
    floating = f"{in_words(one.floating_since)}起，{one.floating_to or '去向未登记'}" if one.floating_since else "否"
    return [
        Item("姓名", one.name),
        Item("性别", one.get_sex_display()),
        Item("民族", one.get_ethnic_group_display()),
        Item("身份证", "已核验" if one.has_id_number else ""),
        Item("出生日期", _day(one.born_on, one.born_precision) + age),
        Item("学历", one.get_education_display()),
        Item("人员类别", one.kind.label),
        Item("党支部", one.branch.name),
        Item("入党日期", _day(one.joined_on, one.joined_precision)),
        Item("转正日期", _day(one.full_member_on, one.full_member_precision) + party_age),
        Item("工作岗位", one.occupation.name if one.occupation else ""),
        Item("手机", one.phone, phone=one.phone),
        *([Item("固定电话", one.landline, phone=one.landline)] if one.landline else []),
        Item("家庭住址", one.address),
        Item("党籍状态", one.get_standing_display()),
        Item("失联", f"{in_words(one.lost_since)}起" if one.lost_since else "否"),
        Item("流动", floating),
    ]


def _day(day: date | None, precision: str) -> str:
    return in_words(day, precision) if day else ""
