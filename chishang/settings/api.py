"""REST API: denied by default, problem+json errors, OpenAPI with everything self-hosted."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "organizations.api.authentication.ApiKeyAuthentication",
        "chishang.core.api.authentication.PortalSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["chishang.core.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chishang.core.api.parsers.PortalJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["chishang.core.api.filters.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "chishang.core.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "chishang.core.api.schema.PortalSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "chishang.core.api.problems.problem_response",
    "PAGE_SIZE": 100,
    "COERCE_DECIMAL_TO_STRING": True,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "池上镇党建门户 API",
    "DESCRIPTION": "组织、走访、问题和报表。每个数字都由记录计算，可以追溯到每一行。",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "list"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chishang.core.api.schema.add_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "OrganizationKind": "organizations.enums.OrganizationKind",
        "BranchType": "organizations.enums.BranchType",
        "DatePrecision": "chishang.core.dates.Precision",
        "HouseholdKind": "visits.enums.HouseholdKind",
        "VisitSource": "visits.enums.Source",
        "Urgency": "visits.enums.Urgency",
        "UnitLevel": "visits.enums.UnitLevel",
        "EscalationLevel": "visits.enums.EscalationLevel",
        "Satisfaction": "visits.enums.Satisfaction",
        "IssueState": "visits.enums.IssueState",
        "MoveCode": "visits.enums.MoveCode",
    },
}
