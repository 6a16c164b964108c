"""The API's issue list of a village and a state, 100 rows, against the SQL for the same columns."""

from django.db import connection
from django.test import RequestFactory
from rest_framework.test import force_authenticate

from benchmarks.timing import in_turn
from organizations.models import User, Village
from visits.api.views import IssueViewSet

SQL = """
SELECT i.id, i.raised_on, i.description, i.state, i.due_on, i.resolved_on, h.name, h.code, v.name, b.name, c.name,
       u.name
FROM visits_issue i JOIN visits_visit s ON s.id = i.visit_id JOIN visits_household h ON h.id = s.household_id
JOIN organizations_village v ON v.id = h.village_id JOIN organizations_organization b ON b.id = v.branch_id
JOIN visits_issuecategory c ON c.id = i.category_id LEFT JOIN visits_unit u ON u.id = i.unit_id
WHERE h.village_id = %s AND i.state = 'resolved' ORDER BY i.id LIMIT 100
"""


def run() -> tuple[str, float, float, str]:
    """Compare the whole view (permissions, scope, filters, rows, JSON) with the bare query."""
    village = Village.objects.order_by("pk").first()
    user = User.objects.create_superuser("bench", name="测试")
    view = IssueViewSet.as_view({"get": "list"})

    def portal() -> None:
        query = {"village": village.pk, "state": "resolved", "limit": 100}
        request = RequestFactory().get("/api/v1/issues/", query)
        force_authenticate(request, user)
        response = view(request).render()
        assert response.status_code == 200, response.content

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SQL, [village.pk])
            cursor.fetchall()

    ours, limit = in_turn(portal, by_hand)
    return "issue list by village and state", ours, limit, "—"
