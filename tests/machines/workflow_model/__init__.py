"""A pure model of one contract with two milestones: no database, no clock, no provider.

It is what the server is held to, and what liveness is shown on. `timed` is the model with time:
`initial(terms)`, `steps(timed, now)`, `due(timed)`, `view(timed)`. `explore.Graph` is the model
without time: every timer may fire in any order and every guard of time is both kept and not, so
that what holds for all of its states holds for those that time allows. `python -m
tests.machines.workflow_model` explores it whole and prints the counts.

Left out: chargebacks, orders of gigs (`pending_payment`), teams, tips, reminders but for their
last day, deposits (the client's wallet holds the total from the start), dates of amendments.
What may be chosen freely is cut down: each party proposes all for itself or halves, staff
decides for one side or halves; whoever wants halves wants unfunded milestones to go on. One
offer is open at a time. An amendment lowers the second milestone, once. A refund is of one
unit or of all that is left. No state is lost by that which another choice would keep open:
amounts, not the way to them, are what is chosen.

Where the rules leave a case open, the model and the server choose this:

Contract
- "Working" is active, in_review or revision_requested. Funding needs a working contract.
- `end` counts its 30 and 60 days from the last moment at which nothing was held any more, from
  the contract's start, or from the end of a dispute (the 30 days), so that a client who has
  just approved has time to fund what comes next.
- An agreed cancellation and staff's `terminate` always give up unfunded milestones. `terminate`
  names a split and is refused while disputed: `resolve` is there for that.
- A freelancer alone may "return everything": all that is in escrow and all releases that are
  not cleared, at least something. Keeping a release would end the client's right to dispute it.
- Contracts that are cancelled, refunded or terminated cannot be disputed. Completed ones can,
  while a release is not cleared.
- The contract's end by any way and a dispute withdraw open amendments and cancellations.
- Refunds never change the status of a contract or a milestone.

Milestone
- Lateness counts from the later of the due time and the funding, for the client's 24 hours and
  the timer's 75 days; the client's 24 hours and 7 days also from the end of a dispute, in which
  nothing could be handed in. Without a due time on milestone and contract only the timer acts.
- A milestone of which F's part of a split is more than nothing is paid, else cancelled.
- A release whose net is zero has no row; the milestone counts its gross all the same.

Dispute
- What a split decided (a settlement, a resolution, one by a timer) is decided: such a release is
  no reason for another dispute, is not frozen by one, and is no item of a later split.
- The answer's 5 days run also while staff reviews. `escalate` and the mean need an answer; an
  unanswered dispute ends by the raiser's split before. One escalates once. Staff's review may
  begin before and after it.
- A dispute rejects open refunds of the releases that it freezes, as does every split of the
  releases that it names. Asking for a refund of a frozen release is refused.
- After a withdrawal timers go on with what was left of them, and with a day at least where
  people are reminded.
- Who has withdrawn one raises another only after something new of the other party's: for the client
  something handed in, for the freelancer a milestone that was funded or sent back.
- `resolve` needs no answer. Offers that are open when a dispute ends expire.

Proposals
- One open amendment and one open cancellation a contract; one open refund a release.
- A split sums to what is there, item by item, when it is proposed and when it takes effect. Under
  a dispute nothing that is there changes.
- An amendment's new total is the old one with the change: cancelled milestones stay in it.

Refund
- The client asks, the freelancer or staff answers. A freelancer may approve one of a cleared
  release when its net is no more than he has earned, for 30 days. Staff may always; what is
  lacking is debt. The timer of a refund is not stopped by a dispute.
- A release that is refunded wholly is reversed, also a cleared one.
- Before staff's refund makes a debt it cancels a withdrawal that is in no batch. A withdrawal that
  comes back pays debt before it is earned, and none of somebody who owes is approved or batched.
"""
