"""A member's standing (党籍): states, and the kinds of dated events that change it."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Standing(TextChoices):
    """党籍 as it is at a day; only NORMAL counts as a member."""

    NORMAL = "normal", "正常"
    SUSPENDED = "suspended", "停止党籍"
    TRANSFERRED = "transferred", "已转出"
    LEFT = "left", "已出党"
    DECEASED = "deceased", "已去世"


class MemberKind(TextChoices):
    """人员类别, computed from the day of full membership."""

    FULL = "full", "正式党员"
    PROBATIONARY = "probationary", "预备党员"


class ChangeKind(TextChoices):
    """What can happen to a member; each is a row with its day."""

    JOINED = "joined", "发展入党"
    BECAME_FULL = "became_full", "转为正式党员"
    PROBATION_EXTENDED = "probation_extended", "延长预备期"
    TRANSFERRED_IN = "transferred_in", "转入"
    TRANSFERRED_OUT = "transferred_out", "转出"
    FLOATED = "floated", "流出"
    FLOAT_ENDED = "float_ended", "流动返回"
    LOST = "lost", "失去联系"
    FOUND = "found", "恢复联系"
    HARDSHIP = "hardship", "列为困难党员"
    HARDSHIP_ENDED = "hardship_ended", "不再列为困难党员"
    SUSPENDED = "suspended", "停止党籍"
    RESTORED = "restored", "恢复党籍"
    EXPELLED = "expelled", "开除党籍"
    PROBATION_CANCELLED = "probation_cancelled", "取消预备党员资格"
    LEFT_BY_ABSENCE = "left_by_absence", "除名（自行脱党）"
    PERSUADED_OUT = "persuaded_out", "除名（劝退）"
    WITHDREW = "withdrew", "除名（退党）"
    DIED = "died", "去世"


@dataclass(frozen=True)
class Change:
    """From which standings a change starts (empty text: not in the register yet), and to which it leads."""

    kind: ChangeKind
    sources: tuple[str, ...]
    target: Standing


_HERE = (Standing.NORMAL,)
_IN_THE_PARTY = (Standing.NORMAL, Standing.SUSPENDED)
_NOTE_KINDS = (
    *(ChangeKind.BECAME_FULL, ChangeKind.PROBATION_EXTENDED, ChangeKind.FLOATED, ChangeKind.FLOAT_ENDED),
    *(ChangeKind.LOST, ChangeKind.FOUND, ChangeKind.HARDSHIP, ChangeKind.HARDSHIP_ENDED),
)
"""Changes that leave the standing as it is."""

LEAVING_KINDS = (
    *(ChangeKind.EXPELLED, ChangeKind.PROBATION_CANCELLED, ChangeKind.LEFT_BY_ABSENCE),
    *(ChangeKind.PERSUADED_OUT, ChangeKind.WITHDREW),
)
"""出党: one line of the yearly reconciliation."""

CHANGES: dict[ChangeKind, Change] = {
    change.kind: change
    for change in (
        # One who was removed may apply anew; a suspended or expelled one is not simply taken in again.
        Change(ChangeKind.JOINED, ("", Standing.LEFT), Standing.NORMAL),
        Change(ChangeKind.TRANSFERRED_IN, ("", Standing.TRANSFERRED), Standing.NORMAL),
        Change(ChangeKind.TRANSFERRED_OUT, _HERE, Standing.TRANSFERRED),
        Change(ChangeKind.SUSPENDED, _HERE, Standing.SUSPENDED),
        Change(ChangeKind.RESTORED, (Standing.SUSPENDED,), Standing.NORMAL),
        *(Change(kind, _IN_THE_PARTY, Standing.LEFT) for kind in LEAVING_KINDS),
        Change(ChangeKind.DIED, _IN_THE_PARTY, Standing.DECEASED),
        *(Change(kind, _HERE, Standing.NORMAL) for kind in _NOTE_KINDS),
    )
}
DECISIVE_KINDS = tuple(kind for kind in CHANGES if kind not in _NOTE_KINDS)
"""Changes of the standing itself: the last of them up to a day says whether somebody counts on that day."""


class TransferState(TextChoices):
    """Where a transfer of membership (组织关系转接) stands. In transit the old branch stays responsible."""

    IN_TRANSIT = "in_transit", "在途"
    RECEIVED = "received", "已接收"
    RETURNED = "returned", "已退回"


class BandKind(TextChoices):
    """By what a band of the statistics groups members."""

    AGE = "age", "年龄"
    JOINED = "joined", "入党时间"
