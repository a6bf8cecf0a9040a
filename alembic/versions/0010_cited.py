"""how often an article was cited is read from an index alone"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_evidence_cited', 'evidence', ['article_id', 'cited', 'created_at', 'message_id'])


def downgrade() -> None:
    op.drop_index('ix_evidence_cited', 'evidence')
