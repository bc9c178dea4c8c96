"""What is offered and asked for: gigs, jobs, proposals, orders."""
