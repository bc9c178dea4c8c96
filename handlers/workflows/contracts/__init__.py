"""Work that two have agreed on: contracts, milestones, what is handed in, amendments."""
