"""How fast each network is on this machine, by device and precision."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_speeds",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("mpx_per_s", sa.Float(), nullable=False),
        sa.Column("pictures", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("model", "device", "precision", name=op.f("pk_model_speeds")),
    )


def downgrade() -> None:
    op.drop_table("model_speeds")
