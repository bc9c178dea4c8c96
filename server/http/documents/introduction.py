"""What the document says before its paths: how to log in, first steps, the areas."""

DESCRIPTION = """\
Everything that the socket does not need to be open for: accounts, messages, files, and the
marketplace. The socket itself is [a page of its own](/docs/socket).

## How to log in

1. Send `POST /v1/auth/login` with `{"email": …, "password": …}`, or `POST /v1/auth/register` for
   a new account. An instance that was started with its own database has `client@example.com`,
   the freelancers `editor@example.com`, `designer@example.com` and `studio@example.com`, and for
   what staff alone may do `staff@example.com`, all with the password `parley-demo`.
2. Take `access_token` from the answer and send it with each request:
   `Authorization: Bearer TOKEN`. On this page that happens by itself once *Try it out* has
   logged in, or by *Authorize*.
3. A token lasts `expires_in` seconds. `POST /v1/auth/refresh` with `refresh_token` gives a new
   pair; an old refresh token ends the session.

## First steps

- `GET /v1/me`: who you are. `GET /v1/conversations`: what you talk about.
- `POST /v1/conversations/{conversation_id}/messages` with a new UUID as `client_id`: a message.
- `GET /v1/gigs?sort=-rating&expand=packages`, `GET /v1/search/gigs?q=cut`: the catalogue, also
  without a token.
- `POST /v1/jobs`, then `PATCH /v1/jobs/{key}` with `If-Match` and the `ETag` of the answer. A job
  or a gig begins as a draft that its owner alone sees.
- `POST /v1/gigs/{key}/publish`: a transition. What the caller may ask of a row now stands in its
  `available_actions`; exactly that succeeds, but for what a body says and for refusals that
  say what has to be mended first.
- `POST /v1/milestones/{key}/fund` with a payment method is answered with 202 and `Location`, the
  deposit: read it until its `status` is `captured` or `failed`. `action_url` is null at first; once
  there is one, the payer has to open it.
- `POST /v1/commands/report.create`: a complaint about a listing, a person or a message.

## What holds everywhere

- Lists answer `{"data": […], "next_cursor": …}`: the next page is `?cursor=` with it, until it is
  null.
- `?fields=id,title` on lists and single rows answers with these members alone. It is no
  parameter of the operations, since no schema tells which members are left: read it as JSON.
- Every refusal is a `Problem` (`application/problem+json`): `error.code` is for programs, `errors`
  names the members, `request_id` is in the log too. What the caller may not see is 404.
- Ids are lower-case UUIDs, times RFC 3339 in UTC, money is text with decimals: `"100.00"`.
- `Idempotency-Key` makes a POST safe to send again, where it is named, and is required where money
  moves; other commands may be sent
  again as they are. Unknown members and parameters are refused.
"""

TAGS: dict[str, str] = {
    "accounts": "Registering, logging in, sessions, one's own account",
    "messaging": "Conversations and messages",
    "notifications": "What one is told",
    "files": "Uploads, downloads, smaller pictures",
    "discovery": "Search, recommendations and ranks",
    "catalogue": "Gigs and what belongs to one: packages, extras, questions",
    "people": "Users, their profiles, skills and experience; categories and skills",
    "work": "Jobs, the skills that they ask for, and proposals",
    "money": "How one pays and is paid; what the platform takes of an amount",
    "trust": "Reviews and tickets; favourites and kept searches",
    "conversing": "Meetings, kept texts, reports, and what one wants to be told of",
    "automation": "Tasks of a job, who fits them, and the programs that work on them",
    "platform": "Courses and learning paths; settings, webhooks and the audit",
    "figures": "What is counted, for those whom it is about",
    "commands": "Every command of the socket, over HTTP: the body is its `d`",
    "operations": "Health, readiness, figures and these documents",
}
"""Each area and what is in it, in the order in which they are shown."""
