"""Fingerprints of texts, texts for other channels, and the daily digest"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('reference_texts',
        sa.Column('id', BIG, nullable=False),
        sa.Column('shop_id', BIG, nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('created_at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_reference_texts_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reference_texts'))
    )
    with op.batch_alter_table('reference_texts', schema=None) as batch_op:
        batch_op.create_index('ix_reference_texts_shop', ['shop_id', 'id'], unique=False)
    op.create_table('text_prints',
        sa.Column('id', BIG, nullable=False),
        sa.Column('shop_id', BIG, nullable=False),
        sa.Column('subject_id', BIG, nullable=True),
        sa.Column('reference_id', BIG, nullable=True),
        sa.Column('hash', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['reference_id'], ['reference_texts.id'], name=op.f('fk_text_prints_reference_id')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops.id'], name=op.f('fk_text_prints_shop_id')),
        sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_text_prints_subject_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_text_prints'))
    )
    with op.batch_alter_table('text_prints', schema=None) as batch_op:
        batch_op.create_index('ix_text_prints_shop_hash', ['shop_id', 'hash'], unique=False)
        batch_op.create_index('ix_text_prints_subject', ['subject_id'], unique=False)
        batch_op.create_index('ix_text_prints_reference', ['reference_id'], unique=False)
    with op.batch_alter_table('subjects', schema=None) as batch_op:
        batch_op.add_column(sa.Column('points', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('quality', sa.Integer(), nullable=True))
        batch_op.create_index('ix_subjects_quality', ['shop_id', 'kind', 'quality', 'id'], unique=False)
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('channels', sa.JSON(), nullable=False, server_default='{}'))
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email', sa.String(length=255), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('digest_at', sa.BigInteger(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('subjects', schema=None) as batch_op:
        batch_op.drop_index('ix_subjects_quality')
        batch_op.drop_column('quality')
        batch_op.drop_column('points')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_column('digest_at')
        batch_op.drop_column('email')
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.drop_column('channels')
    op.drop_table('text_prints')
    op.drop_table('reference_texts')
