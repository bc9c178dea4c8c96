"""The ledger on PostgreSQL: each posting by number, written as workflows write it."""
