-- A timer: at `start` + the greater of `seconds` and the length that its setting has now, `action` is due.
-- Nothing has ever written a row of the table as it was.
DROP TABLE timers;
CREATE TABLE timers (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    machine text NOT NULL,
    entity_id uuid NOT NULL,
    action text NOT NULL,
    kind text NOT NULL DEFAULT 'transition' CHECK (kind IN ('transition', 'reminder')),
    -- Which reminder: 1 is 48 hours before the action is due, 2 is 24 hours before.
    number integer NOT NULL DEFAULT 0,
    state text NOT NULL,
    start timestamptz NOT NULL,
    seconds double precision NOT NULL CHECK (seconds >= 0),
    setting text REFERENCES platform_settings (key),
    -- Whether the action waits for reminders, or is one.
    reminds boolean NOT NULL DEFAULT false,
    moves_money boolean NOT NULL DEFAULT false,
    -- When a reminder was told; its row stays, since the action is not due without it.
    told_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    parked_at timestamptz,
    last_error text,
    CONSTRAINT timers_kind_numbered CHECK ((kind = 'reminder') = (number > 0)),
    CONSTRAINT timers_once UNIQUE (machine, entity_id, action, kind, number)
);
CREATE INDEX timers_due ON timers (start, seconds) WHERE parked_at IS NULL AND told_at IS NULL;
CREATE INDEX timers_parked ON timers (parked_at) WHERE parked_at IS NOT NULL;

-- When timers that move money were stopped, because the clock jumped.
CREATE TABLE timers_paused (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    since timestamptz NOT NULL,
    reason text NOT NULL
);

-- When a timer is due.
CREATE FUNCTION timer_due(p timers) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    WITH done AS (
        SELECT p.start + greatest(make_interval(secs => p.seconds), setting_length(p.setting)) AS at
    )
    SELECT CASE
        WHEN p.kind = 'reminder' THEN done.at - make_interval(hours => 72 - 24 * p.number)
        WHEN NOT p.reminds THEN done.at
        -- Not before the reminders are told, and a day after the last of them.
        ELSE (SELECT CASE WHEN bool_and(r.told_at IS NOT NULL)
                          THEN greatest(done.at, max(r.told_at) + interval '24 hours') END
              FROM timers r
              WHERE r.machine = p.machine AND r.entity_id = p.entity_id AND r.action = p.action
                AND r.kind = 'reminder')
    END FROM done
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON timers, timers_paused, workflow_clock TO parley_service;
