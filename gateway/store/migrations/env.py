"""Alembic's entry: writes a script and connects to nothing (gateway/store/schema.py runs the script)."""

from alembic import context

context.configure(dialect_name="postgresql", dialect_opts={"paramstyle": "named"})  # else a % comes out doubled
context.run_migrations()
