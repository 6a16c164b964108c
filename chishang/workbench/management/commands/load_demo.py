"""``manage.py load_demo``: the demonstration township, with one account for each duty."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pghistory
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import today
from chishang.core.ledgers import Options, Status, load_ledgers
from chishang.core.progress import Bar
from chishang.workbench.demonstration import add_present
from chishang.workbench.demonstration_discipline import add_discipline
from chishang.workbench.demonstration_funds import add_funds
from organizations.enums import DutyCode
from organizations.models import Appointment, Duty, Organization, User
from organizations.services import issue_api_key

LEDGERS = settings.BASE_DIR / "demo" / "ledgers"
PASSWORD = "chishang-2017"  # noqa: S105  printed for everybody; production refuses to start with these accounts
EXTRA_PEOPLE = {
    DutyCode.DISTRICT_CLIENT: ("15400000001", "区委组织部接口"),
    DutyCode.SYSTEM_ADMINISTRATOR: ("15400000002", "演示管理员"),
}


class Command(BaseCommand):
    """Loads the workbooks of demo/ledgers through the same import as the office, when the database is empty."""

    help = "装入演示乡镇(demo/ledgers)和每种职务一个演示账号；已有数据时只显示账号。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load at the first start; show the accounts at every start."""
        if settings.PRODUCTION:
            raise CommandError("正式运行不能装入演示数据")
        if not Organization.objects.exists():
            self._load()
        self._show()

    def _load(self) -> None:
        self.stdout.write("首次启动，正在装入演示台账……")
        with Bar() as bar, pghistory.context(source="load_demo"), transaction.atomic():
            reports = load_ledgers(sorted(LEDGERS.glob("*.xlsx")), Options(confidential=True, progress=bar))
            if any(report.status == Status.REFUSED for report in reports):
                raise CommandError("演示台账有问题，未装入")
            for duty in Duty.objects.all():
                _make_account(duty)
            _make_key()
            office, secretary = (_holder(duty) for duty in (DutyCode.OFFICE_HEAD, DutyCode.BRANCH_SECRETARY))
            add_present(office=office.user, branch=secretary.organization)
            people = {duty: _holder(duty).user for duty in DutyCode}
            village = _holder(DutyCode.VILLAGE_AGENT).village
            add_funds(people, village)
            add_discipline(people, village)

    def _show(self) -> None:
        accounts = Appointment.objects.in_force().filter(user__is_demo=True).select_related("user", "duty")
        self.stdout.write(f"\n演示账号（口令都是 {PASSWORD}）：")
        shown: set[int] = set()
        for appointment in accounts.order_by("duty__sort_no", "pk"):
            if appointment.duty_id not in shown:
                shown.add(appointment.duty_id)
                self.stdout.write(f"  {appointment.user.username}  {appointment.duty.name}  {appointment.user.name}")
        if _key_file().exists():
            self.stdout.write(f"  接口密钥（区级接口）：{_key_file().read_text().strip()}")


def _holder(duty: DutyCode) -> Any:
    """Return the appointment of the demonstration account with this duty."""
    return Appointment.objects.in_force().filter(duty__code=duty, user__is_demo=True).earliest("pk")


def _make_account(duty: Duty) -> None:
    """Give a password to one holder of the duty, or make one for the duties that no ledger names."""
    code = DutyCode(duty.code)
    held = Appointment.objects.in_force().filter(duty=duty)
    if code == DutyCode.BRANCH_SECRETARY:
        held = held.filter(organization__village__isnull=False)
    holder = held.exclude(user__is_demo=True).order_by("pk").first()
    if holder is None and code in EXTRA_PEOPLE:
        username, name = EXTRA_PEOPLE[code]
        user = User.objects.create_user(username, name=name, is_demo=True, password=PASSWORD)
        root = Organization.objects.get(parent__isnull=True)
        Appointment.objects.create(user=user, duty=duty, organization=root, started_on=date(today().year, 1, 1))
    elif holder is not None:
        holder.user.is_demo = True
        holder.user.set_password(PASSWORD)
        holder.user.save(update_fields=["is_demo", "password"])


def _make_key() -> None:
    """Issue a key for the district's demonstration account and keep its text beside the database."""
    client = User.objects.get(username=EXTRA_PEOPLE[DutyCode.DISTRICT_CLIENT][0])
    expires_at = timezone.now() + timedelta(days=365)
    _, text = issue_api_key(actor=None, user=client, name="演示", expires_at=expires_at)
    _key_file().touch(mode=0o600)
    _key_file().write_text(text + "\n")


def _key_file() -> Path:
    return settings.DATA_DIR / "demo-api-key"
