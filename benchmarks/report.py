"""The report against hand-written SQL for the same figures."""

from datetime import date
from decimal import Decimal

from django.db import connection

from benchmarks.timing import in_turn
from chishang.report.report import build_report

AS_OF = date(2017, 12, 31)
OUTCOME = """
    (SELECT e.to_state FROM visits_issueevent e WHERE e.issue_id = i.id AND e.occurred_on <= %(day)s
     AND e.to_state IN ('resolved', 'reopened', 'explained', 'merged') AND e.from_state <> e.to_state
     ORDER BY e.occurred_on DESC, e.id DESC LIMIT 1)"""
SQL = f"""
WITH issue AS MATERIALIZED (
    SELECT i.id, i.category_id, {OUTCOME} AS outcome FROM visits_issue i WHERE i.raised_on <= %(day)s
), visit AS MATERIALIZED (
    SELECT v.household_id, h.village_id FROM visits_visit v JOIN visits_household h ON h.id = v.household_id
    WHERE v.visited_on <= %(day)s
), counted AS MATERIALIZED (
    SELECT DISTINCT ON (c.member_id) c.member_id, c.to_standing FROM members_memberchange c
    WHERE c.occurred_on <= %(day)s AND c.voided_at IS NULL AND c.kind IN (
        'joined', 'transferred_in', 'transferred_out', 'suspended', 'restored', 'expelled', 'probation_cancelled',
        'left_by_absence', 'persuaded_out', 'withdrew', 'died')
    ORDER BY c.member_id, c.occurred_on DESC, c.id DESC
), attendance AS MATERIALIZED (
    SELECT a.member_id, t.kind FROM members_trainingattendance a JOIN members_training t ON t.id = a.training_id
    WHERE t.started_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s
), term AS MATERIALIZED (
    SELECT id FROM organizations_electionterm WHERE year <= extract(year FROM %(day)s::date)
    ORDER BY year DESC, id DESC LIMIT 1
), organization AS MATERIALIZED (
    SELECT * FROM organizations_organization
    WHERE founded_on <= %(day)s AND (dissolved_on IS NULL OR dissolved_on > %(day)s)
), place AS MATERIALIZED (
    SELECT * FROM organizations_village
    WHERE (founded_on IS NULL OR founded_on <= %(day)s) AND (abolished_on IS NULL OR abolished_on > %(day)s)
), paid AS MATERIALIZED (
    SELECT v.budget_id, s.code, CASE WHEN v.reverses_id IS NULL THEN v.amount ELSE -v.amount END AS amount
    FROM finance_voucher v JOIN finance_subject s ON s.id = v.subject_id
    WHERE v.date BETWEEN date_trunc('year', %(day)s::date) AND %(day)s
), dividend AS MATERIALIZED (
    SELECT d.*, s.village_id FROM finance_dividend d JOIN finance_dividendscheme s ON s.id = d.scheme_id
    WHERE d.year = extract(year FROM %(day)s::date)
), sunshine AS MATERIALIZED (
    SELECT s.amount, p.village_id FROM finance_solarsettlement s JOIN finance_solarplant p ON p.id = s.plant_id
    WHERE s.basis = 'actual' AND s.ended_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s
), feedback AS MATERIALIZED (
    SELECT i.category_id, i.rectified_on FROM discipline_feedbackissue i
    JOIN discipline_inspectionround r ON r.id = i.round_id WHERE r.feedback_on <= %(day)s
)
SELECT (SELECT count(*) FROM place),
       (SELECT sum(s.population) FROM (
            SELECT DISTINCT ON (village_id) village_id, population FROM organizations_villagestatistic
            WHERE year <= extract(year FROM %(day)s::date) ORDER BY village_id, year DESC) s
        JOIN place ON place.id = s.village_id),
       (SELECT count(*) FROM organization WHERE kind = 'composite_committee'),
       (SELECT count(*) FROM organization WHERE kind = 'branch'),
       (SELECT count(*) FROM organization WHERE branch_type = 'agency'),
       (SELECT count(*) FROM organization WHERE branch_type = 'institution'),
       (SELECT count(*) FROM organization WHERE branch_type = 'enterprise'),
       (SELECT count(*) FROM organization WHERE branch_type = 'village'),
       (SELECT count(*) FROM organizations_area WHERE founded_on IS NULL OR founded_on <= %(day)s),
       (SELECT count(*) FROM organizations_areaproject WHERE completed_on <= %(day)s),
       (SELECT count(*) FROM organizations_appointment a JOIN organizations_duty d ON d.id = a.duty_id
        WHERE d.code = 'first_secretary' AND a.started_on <= %(day)s
        AND (a.ended_on IS NULL OR a.ended_on >= %(day)s)),
       (SELECT count(DISTINCT r.organization_id) FROM organizations_directivereceipt r
        JOIN organizations_directive d ON d.id = r.directive_id
        JOIN organizations_organization o ON o.id = r.organization_id AND o.kind = 'branch'
        WHERE d.title LIKE '%%两学一做%%' AND d.title LIKE '%%常态化制度化%%' AND d.title LIKE '%%实施方案'
        AND r.signed_on <= %(day)s),
       (SELECT count(DISTINCT village_id) FROM organizations_electionforecast
        WHERE term_id IN (SELECT id FROM term) AND assessed_on <= %(day)s),
       (SELECT count(*) FROM (
            SELECT village_id FROM organizations_election
            WHERE term_id IN (SELECT id FROM term) AND completed_on <= %(day)s
            GROUP BY village_id HAVING count(DISTINCT body) = 2) e),
       (SELECT count(*) FROM counted WHERE to_standing = 'normal'),
       (SELECT count(*) FROM counted JOIN members_member m ON m.id = counted.member_id
        WHERE to_standing = 'normal' AND (m.full_member_on IS NULL OR m.full_member_on > %(day)s)),
       (SELECT count(DISTINCT member_id) FROM attendance WHERE kind = 'rotation'),
       (SELECT count(*) FROM attendance WHERE kind = 'outbound'),
       (SELECT count(*) FROM members_meeting m
        WHERE m.held_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s AND m.topic LIKE '%%换届%%'
        AND EXISTS (SELECT FROM members_meetingkind k WHERE k.id IN (m.kind_id, m.also_kind_id)
            AND k.code IN ('mobilization', 'training_meeting', 'special_life_meeting'))),
       (SELECT count(*) FROM members_talent WHERE kind = 'young_returnee' AND recorded_on <= %(day)s),
       (SELECT count(*) FROM members_talent WHERE kind = 'outstanding_cadre' AND recorded_on <= %(day)s),
       (SELECT count(*) FROM members_honour
        WHERE granted_on <= %(day)s AND (revoked_on IS NULL OR revoked_on > %(day)s)),
       (SELECT count(DISTINCT village_id) FROM visit),
       (SELECT count(DISTINCT household_id) FROM visit),
       (SELECT count(*) FROM visit),
       (SELECT count(DISTINCT category_id) FROM issue),
       (SELECT count(*) FROM issue),
       (SELECT count(*) FROM issue WHERE outcome = 'resolved'),
       (SELECT count(*) FROM issue WHERE outcome IS DISTINCT FROM 'resolved'),
       (SELECT count(*) FROM issue WHERE outcome IS DISTINCT FROM 'resolved' AND EXISTS (
            SELECT FROM visits_issueevent e
            WHERE e.issue_id = issue.id AND e.to_state = 'escalated' AND e.occurred_on <= %(day)s)),
       (SELECT count(*) FROM issue WHERE outcome = 'explained'),
       (SELECT coalesce(sum(amount), 0) FROM paid WHERE code IN ('village_operation', 'secretary_pay')),
       (SELECT coalesce(sum(b.amount + coalesce(a.amount, 0) - coalesce(p.amount, 0)), 0)
        FROM finance_budget b JOIN finance_subject s ON s.id = b.subject_id
        LEFT JOIN (SELECT budget_id, sum(amount) AS amount FROM finance_budgetadjustment
                   WHERE decided_on <= %(day)s GROUP BY budget_id) a ON a.budget_id = b.id
        LEFT JOIN (SELECT budget_id, sum(amount) AS amount FROM paid GROUP BY budget_id) p ON p.budget_id = b.id
        WHERE b.year = extract(year FROM %(day)s::date) AND s.code IN ('village_operation', 'secretary_pay')),
       (SELECT coalesce(sum(amount), 0) FROM paid WHERE code = 'special_party_fund'),
       (SELECT coalesce(sum(amount), 0) FROM paid WHERE code = 'special_two_new_fund'),
       (SELECT count(DISTINCT village_id) FROM dividend),
       (SELECT coalesce(sum(households), 0) FROM dividend),
       (SELECT coalesce(sum(persons), 0) FROM dividend),
       (SELECT coalesce(sum(amount), 0) FROM dividend),
       (SELECT count(*) FROM (
            SELECT i.village_id FROM finance_collectiveincome i JOIN finance_incomekind k ON k.id = i.kind_id
            WHERE i.year = extract(year FROM %(day)s::date) AND k.counts_as_income
            GROUP BY i.village_id HAVING sum(i.amount) > 30000) rich),
       (SELECT count(DISTINCT village_id) FROM sunshine),
       (SELECT coalesce(sum(amount), 0) FROM sunshine),
       (SELECT count(*) FROM discipline_responsibilitylist WHERE issued_on <= %(day)s),
       (SELECT count(*) FROM discipline_integrityevent
        WHERE held_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s),
       (SELECT count(*) FROM discipline_styleinspection
        WHERE inspected_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s),
       (SELECT count(*) FROM discipline_powerlist WHERE settled_on <= %(day)s),
       (SELECT count(*) FROM discipline_petition WHERE origin = 'handed_over' AND received_on <= %(day)s),
       (SELECT count(*) FROM discipline_petition
        WHERE origin = 'handed_over' AND received_on <= %(day)s AND closed_on <= %(day)s),
       (SELECT count(DISTINCT category_id) FROM feedback),
       (SELECT count(*) FROM feedback),
       (SELECT count(*) FROM feedback WHERE rectified_on <= %(day)s),
       (SELECT count(*) FROM discipline_case WHERE filed_on <= %(day)s),
       (SELECT count(*) FROM discipline_case WHERE filed_on <= %(day)s AND closed_on <= %(day)s),
       (SELECT count(DISTINCT i.person_id) FROM discipline_sanction s
        JOIN discipline_involvement i ON i.id = s.involvement_id WHERE s.decided_on <= %(day)s),
       (SELECT count(DISTINCT person_id) FROM discipline_criticism WHERE occurred_on <= %(day)s)
"""


def run() -> tuple[str, float, float, str]:
    """Compare both after checking that they agree."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ours = [figure["value"] for figure in build_report(as_of=AS_OF).as_data()["figures"].values()]
    assert sorted(ours) == sorted(_by_hand()), (ours, _by_hand())
    portal, limit = in_turn(lambda: build_report(as_of=AS_OF).as_data(), _by_hand)
    return f"report, {len(ours)} figures", portal, limit, "≤3x"


def _by_hand() -> list[int | Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"day": AS_OF})
        return list(cursor.fetchone())
