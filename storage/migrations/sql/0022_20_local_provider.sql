-- The book of the local provider, which stands for a provider outside: nothing of the platform refers to it, and it
-- refers to nothing of the platform. Its amounts have no scale, so that it can say what no currency has.
CREATE TABLE local_provider_operations (
    key text PRIMARY KEY CHECK (char_length(key) BETWEEN 1 AND 255),
    kind text NOT NULL CHECK (kind IN ('charge', 'return', 'payout')),
    reference text NOT NULL UNIQUE,
    -- The batch of a payout, or the charge that a return gives back.
    of_key text,
    token text NOT NULL,
    amount numeric NOT NULL CHECK (amount > 0),
    fee numeric NOT NULL DEFAULT 0,
    currency text NOT NULL,
    -- Why it was refused when it was asked for; what is decided later stands in an event.
    refusal text,
    created_at timestamptz NOT NULL
);
CREATE INDEX local_provider_operations_of ON local_provider_operations (of_key) WHERE of_key IS NOT NULL;

-- What becomes of operations, and when: each is told so many times, if at all.
CREATE TABLE local_provider_events (
    id text PRIMARY KEY,
    key text NOT NULL REFERENCES local_provider_operations (key) ON DELETE CASCADE,
    kind text NOT NULL,
    body text NOT NULL,
    due_at timestamptz NOT NULL,
    -- The order of an operation's events that are due at one time.
    number integer NOT NULL,
    times integer NOT NULL DEFAULT 1 CHECK (times >= 0),
    sent integer NOT NULL DEFAULT 0
);
CREATE INDEX local_provider_events_due ON local_provider_events (due_at, number, id) WHERE sent < times;
CREATE INDEX local_provider_events_of ON local_provider_events (key, due_at);
