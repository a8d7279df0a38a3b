"""How many frames a picture has."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("images", sa.Column("frames", sa.BigInteger(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("images", "frames")
