-- What is done again and again, by whichever process holds the advisory lock of its name: when it is due next, and what
-- came of it last. A server adds the rows of what it knows.
CREATE TABLE schedules (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z_]{0,49}$'),
    next_at timestamptz NOT NULL,
    last_started_at timestamptz,
    last_ended_at timestamptz,
    last_result jsonb,
    failures integer NOT NULL DEFAULT 0 -- in a row
);
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO parley_service;
