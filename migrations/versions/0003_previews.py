"""Previews, in tables that live for seconds: unlogged, and not tried to be compressed, for pictures are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "previews",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("part", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("variants", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("awaited_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("is_claimed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_previews_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
        sa.UniqueConstraint("user_id", name=op.f("uq_previews_user_id")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "preview_answers",
        sa.Column("preview_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["previews.id"], name=op.f("fk_preview_answers_preview_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("preview_id", "position", name=op.f("pk_preview_answers")),
        prefixes=["UNLOGGED"],
    )
    op.execute("ALTER TABLE previews ALTER COLUMN source SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE preview_answers ALTER COLUMN picture SET STORAGE EXTERNAL")
