"""mails about replies nobody has seen"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# People write a small part of all messages, and only the newest of theirs are looked at.
STAFF_SAID = sa.text("role = 'staff' AND kind = 'text'")


def upgrade() -> None:
    op.create_index('ix_message_staff_said', 'message', ['created_at'], sqlite_where=STAFF_SAID, postgresql_where=STAFF_SAID)
    op.add_column('mail_link', sa.Column('seen_seq', sa.Integer(), nullable=False, server_default='0'))
    op.drop_index('ix_mail_link_conversation_id', table_name='mail_link')
    op.create_index('uq_mail_link_absence', 'mail_link', ['conversation_id', 'seen_seq'], unique=True)
    op.create_index('ix_mail_link_email_created', 'mail_link', ['email', 'created_at'])


def downgrade() -> None:
    op.drop_index('ix_mail_link_email_created', table_name='mail_link')
    op.drop_index('uq_mail_link_absence', table_name='mail_link')
    op.create_index('ix_mail_link_conversation_id', 'mail_link', ['conversation_id'])
    op.drop_column('mail_link', 'seen_seq')
    op.drop_index('ix_message_staff_said', table_name='message', sqlite_where=STAFF_SAID, postgresql_where=STAFF_SAID)
