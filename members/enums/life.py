"""Code lists of meetings, training, dues, development and honours."""

from django.db.models import TextChoices


class Presence(TextChoices):
    """How a member took part in a meeting."""

    PRESENT = "present", "到会"
    EXCUSED = "excused", "请假"
    ABSENT = "absent", "缺席"
    VISITED = "visited", "送学上门"


class Period(TextChoices):
    """How often a rule asks for a meeting."""

    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"
    YEAR = "year", "每年"


class RuleScope(TextChoices):
    """Which branches owe the meeting."""

    ALL = "all", "所有党支部"
    WITH_COMMITTEE = "with_committee", "设支委会的党支部"
    WITH_GROUPS = "with_groups", "设党小组的党支部"


class TrainingKind(TextChoices):
    """Kinds of training, as the ledger and the yearly report name them."""

    ROTATION = "rotation", "党员轮训"
    OUTBOUND = "outbound", "外出学习"
    CADRES = "cadres", "村干部培训"
    OTHER = "other", "其他培训"


class DuesPayer(TextChoices):
    """Who pays by which bracket (中组发〔2008〕3号)."""

    WAGE = "wage", "按月领取工资"
    RETIRED = "retired", "离退休"
    IRREGULAR = "irregular", "收入不固定"
    FARMER = "farmer", "农民"
    RELIEF = "relief", "学生、下岗或领取救济金"


class DuesMethod(TextChoices):
    """How dues were paid."""

    CASH = "cash", "现金"
    TRANSFER = "transfer", "转账"
    WITHHELD = "withheld", "代扣"


class DevelopmentStage(TextChoices):
    """The five stages of developing a member (发展党员工作细则)."""

    APPLICATION = "1", "申请入党"
    ACTIVIST = "2", "入党积极分子的确定和培养教育"
    CANDIDATE = "3", "发展对象的确定和考察"
    PROBATIONARY = "4", "预备党员的接收"
    CONFIRMATION = "5", "预备党员的教育考察和转正"


class StepCode(TextChoices):
    """Steps to which the code itself refers; all 25 are rows."""

    APPLICATION = "application", "递交入党申请书"
    ADMISSION_VOTE = "admission_vote", "支部大会讨论"
    ADMISSION_APPROVAL = "admission_approval", "上级党委审批"
    CONFIRMATION_VOTE = "confirmation_vote", "支部大会讨论转正"
    CONFIRMATION_APPROVAL = "confirmation_approval", "上级党委审批转正"


class FileState(TextChoices):
    """Where a development file stands."""

    OPEN = "open", "培养中"
    ADMITTED = "admitted", "预备期"
    COMPLETED = "completed", "已归档"
    STOPPED = "stopped", "已终止"


class TalentKind(TextChoices):
    """Kinds of people that the talent register names; not necessarily members."""

    OUTSTANDING_CADRE = "outstanding_cadre", "优秀村干部"
    YOUNG_RETURNEE = "young_returnee", "返乡创业青年"
    ROLE_MODEL = "role_model", "先进典型"
    OTHER = "other", "其他人才"


class HonourLevel(TextChoices):
    """Level of the body that grants an honour."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"
    TOWN = "town", "镇级"
    OTHER = "other", "其他"
