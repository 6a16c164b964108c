"""Composite keys that Django cannot declare: what a seal signs, and of which unit and subject a budget is."""

from django.db import migrations

KEYS = (
    (
        "finance_seal", "seal_signs_this_content",
        "(disbursement_id, maker_id, amount, payee, purpose)",
        "finance_disbursement (id, maker_id, amount, payee, purpose)",
    ),
    (
        "finance_disbursement", "disbursement_of_its_budget",
        "(budget_id, organization_id, subject_id)", "finance_budget (id, organization_id, subject_id)",
    ),
    (
        "finance_voucher", "voucher_of_its_budget",
        "(budget_id, organization_id, subject_id)", "finance_budget (id, organization_id, subject_id)",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES {target}",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, columns, target in KEYS
    ]
