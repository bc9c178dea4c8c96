"""What a workflow does to money: one function a posting, each a journal under its business key.

A function books on a `Ledger` whose accounts are open and returns the journal's id. It also notes
the rows that tell of the money: releases and their lots, escrows, milestones, transactions.
"""
