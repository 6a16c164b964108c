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
