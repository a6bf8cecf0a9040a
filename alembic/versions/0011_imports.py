"""imports that people begin on a page"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

IMPORT_STATE = sa.Enum(
    'reading',
    'planned',
    'importing',
    'done',
    'failed',
    'discarded',
    name='importstate',
    native_enum=False,
    length=32,
)


def upgrade() -> None:
    op.create_table(
        'import_run',
        sa.Column('id', sa.Uuid(), primary_key=True),
        sa.Column('collection', sa.String(120), nullable=False),
        sa.Column('whole', sa.Boolean(), nullable=False),
        sa.Column('keep_sample', sa.Boolean(), nullable=False),
        sa.Column('state', IMPORT_STATE, nullable=False),
        sa.Column('staff_id', sa.Uuid(), sa.ForeignKey('staff.id'), nullable=True),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('plan', sa.JSON(), nullable=True),
        sa.Column('left_out', sa.JSON(), nullable=False),
        sa.Column('pictures', sa.JSON(), nullable=False),
        sa.Column('said', sa.String(500), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index('ix_import_run_state', 'import_run', ['state'])
    op.create_index('ix_import_run_created', 'import_run', ['created_at'])
    op.create_table(
        'import_upload',
        sa.Column('run_id', sa.Uuid(), sa.ForeignKey('import_run.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('place', sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column('name', sa.String(500), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        'import_file',
        sa.Column('run_id', sa.Uuid(), sa.ForeignKey('import_run.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('place', sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column('read', sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table('import_file')
    op.drop_table('import_upload')
    op.drop_table('import_run')
