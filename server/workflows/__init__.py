"""Background work of the marketplace's workflows."""
