"""The web admin: import/export rights and Unfold's look."""

from django.templatetags.static import static

# Without these two any staff account could import and export.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_TMP_STORAGE_CLASS = "chishang.core.waiting.WaitingStorage"
IMPORT_EXPORT_SKIP_ADMIN_LOG = True

UNFOLD = {
    "SITE_TITLE": "池上镇党建门户",
    "SITE_HEADER": "池上镇党建门户",
    "SITE_SUBHEADER": "台账与问题办理",
    "SITE_SYMBOL": "account_balance",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("chishang/icon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("chishang/admin.css")],
    "COLORS": {
        "primary": {
            "50": "#fdf3f2",
            "100": "#fbe4e1",
            "200": "#f6cbc6",
            "300": "#eda69e",
            "400": "#df766b",
            "500": "#c94a3d",
            "600": "#b02a1e",
            "700": "#932118",
            "800": "#7a1f18",
            "900": "#661f19",
            "950": "#380c08",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "chishang.workbench.navigation.menu_of",
    },
}
