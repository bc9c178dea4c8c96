"""The house rules, held by tests: bounds, tables, documents."""
