"""Pure cores and small functions; under ten seconds in all."""
