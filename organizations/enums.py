"""Code lists of organizations and duties."""

from django.db.models import TextChoices


class OrganizationKind(TextChoices):
    """Kind of a Party organization (组织类别)."""

    COMMITTEE = "committee", "党委"
    COMPOSITE_COMMITTEE = "composite_committee", "综合党委"
    BRANCH = "branch", "党支部"


class BranchType(TextChoices):
    """Kind of the unit in which a branch stands (单位类别, grouped as the yearly report does)."""

    AGENCY = "agency", "机关"
    INSTITUTION = "institution", "事业单位"
    ENTERPRISE = "enterprise", "非公企业"
    VILLAGE = "village", "村"


class PlaceKind(TextChoices):
    """Where a duty is held."""

    ORGANIZATION = "organization", "党组织"
    VILLAGE = "village", "行政村"
    AREA = "area", "片区"


class DutyCode(TextChoices):
    """Duties that the portal itself refers to; offices add others as rows."""

    TOWN_SECRETARY = "town_secretary", "镇党委书记"
    OFFICE_HEAD = "office_head", "党建办主任"
    OFFICE_CLERK = "office_clerk", "党建办干事"
    DISCIPLINE_HEAD = "discipline_head", "纪委书记"
    DISCIPLINE_CLERK = "discipline_clerk", "纪检干事"
    FINANCE_HEAD = "finance_head", "财政所所长"
    ACCOUNTANT = "accountant", "财政所会计"
    AREA_LEADER = "area_leader", "片区长"
    VILLAGE_INSTRUCTOR = "village_instructor", "驻村指导员"
    FIRST_SECRETARY = "first_secretary", "第一书记"
    BRANCH_SECRETARY = "branch_secretary", "支部书记"
    VILLAGE_AGENT = "village_agent", "村报账员"
    DISTRICT_CLIENT = "district_client", "区级接口"
    SYSTEM_ADMINISTRATOR = "system_administrator", "系统管理员"


class JournalAction(TextChoices):
    """What the journal keeps: looks and takings that change no row."""

    REVEAL_ID_NUMBER = "reveal_id_number", "查看身份证号码"
    SEARCH_ID_NUMBER = "search_id_number", "按身份证号码查找"
    EXPORT_ID_NUMBERS = "export_id_numbers", "导出身份证号码"


class ElectionBody(TextChoices):
    """Which of a village's two bodies is elected: always two records."""

    BRANCH = "branch", "村党支部"
    COMMITTEE = "committee", "村民委员会"


class ForecastLevel(TextChoices):
    """How quiet an election is expected to be (选情预判等级). Confidential."""

    STABLE = "stable", "平稳"
    ORDINARY = "ordinary", "一般"
    COMPLEX = "complex", "复杂"
