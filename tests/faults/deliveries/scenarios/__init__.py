"""Random scenarios on the real tables, consumers and workers, beside an oracle of plain Python."""
