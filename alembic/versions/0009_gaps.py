"""what customers ask and the articles do not answer"""

import sqlalchemy as sa
from alembic import op

revision = '0009_gaps'
down_revision = '0008'
branch_labels = None
depends_on = None

MARKED = sa.text('marked_wrong')
UNSURE = sa.text('NOT confident')
MISSING = sa.text("reason = 'missing_knowledge'")


def upgrade() -> None:
    op.create_table(
        'gap',
        sa.Column('id', sa.Uuid(), primary_key=True),
        sa.Column('language', sa.String(35), nullable=False),
        sa.Column('question', sa.String(300), nullable=False),
        sa.Column('terms', sa.Text(), nullable=False),
        sa.Column('customers', sa.Integer(), nullable=False),
        sa.Column('last_asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('article_id', sa.Uuid(), sa.ForeignKey('article.id', ondelete='SET NULL'), nullable=True),
        sa.Column('dismissed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('dismissed_by', sa.Uuid(), sa.ForeignKey('staff.id'), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index('ix_gap_customers', 'gap', ['customers', 'last_asked_at'])
    op.create_index('ix_gap_language', 'gap', ['language', 'last_asked_at'])
    op.create_index('ix_gap_article', 'gap', ['article_id'])
    op.create_table(
        'gap_question',
        sa.Column('message_id', sa.Uuid(), sa.ForeignKey('message.id'), primary_key=True),
        sa.Column('gap_id', sa.Uuid(), sa.ForeignKey('gap.id', ondelete='CASCADE'), nullable=False),
        sa.Column('conversation_id', sa.Uuid(), sa.ForeignKey('conversation.id'), nullable=False),
        sa.Column('terms', sa.Text(), nullable=False),
        sa.Column('found_nothing', sa.Boolean(), nullable=False),
        sa.Column('escalated', sa.Boolean(), nullable=False),
        sa.Column('rated_down', sa.Boolean(), nullable=False),
        sa.Column('marked_wrong', sa.Boolean(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index('ix_gap_question_gap', 'gap_question', ['gap_id', 'asked_at'])
    op.create_index('ix_gap_question_conversation', 'gap_question', ['conversation_id'])
    op.create_index(
        'ix_gap_question_marked', 'gap_question', ['message_id'], sqlite_where=MARKED, postgresql_where=MARKED
    )
    op.add_column(
        'rating',
        sa.Column(
            'changed_at', sa.DateTime(timezone=True), nullable=False, server_default='1970-01-01 00:00:00'
        ),
    )
    op.execute('UPDATE rating SET changed_at = created_at')
    op.create_index('ix_marked_wrong_created', 'marked_wrong', ['created_at'])
    op.create_index('ix_rating_changed', 'rating', ['changed_at'])
    op.create_index(
        'ix_turn_unsure', 'turn', ['ended_at'], sqlite_where=UNSURE, postgresql_where=UNSURE
    )
    op.create_index(
        'ix_handoff_missing', 'handoff', ['requested_at'], sqlite_where=MISSING, postgresql_where=MISSING
    )


def downgrade() -> None:
    op.drop_index('ix_handoff_missing', 'handoff')
    op.drop_index('ix_turn_unsure', 'turn')
    op.drop_index('ix_rating_changed', 'rating')
    op.drop_index('ix_marked_wrong_created', 'marked_wrong')
    op.drop_column('rating', 'changed_at')
    op.drop_table('gap_question')
    op.drop_table('gap')
