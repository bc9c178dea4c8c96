-- The earliest time at which a timer can be due, whatever its setting is now and whatever was told of it. A number
-- of seconds is as long everywhere and at all times, so the function is immutable, as a generated column asks for.
CREATE FUNCTION timer_earliest(p_start timestamptz, p_seconds float8, p_number integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_start + make_interval(secs => p_seconds)
         - CASE WHEN p_number > 0 THEN make_interval(hours => 72 - 24 * p_number) ELSE '0' END
$$;

-- The poller reads by it. The index of before had no expression that a query could use.
ALTER TABLE timers
    ADD COLUMN earliest timestamptz NOT NULL GENERATED ALWAYS AS (timer_earliest(start, seconds, number)) STORED;
DROP INDEX timers_due;
CREATE INDEX timers_due ON timers (earliest) WHERE parked_at IS NULL AND told_at IS NULL;

-- Whether a timer is to be carried out at a time: due, and neither parked, told, waiting for another try nor paused.
-- It costs a query or two: where a cheap condition stands beside it, that is judged first.
CREATE FUNCTION timer_ready(p timers, p_now timestamptz) RETURNS boolean
LANGUAGE sql STABLE COST 10000 AS $$
    SELECT p.parked_at IS NULL AND p.told_at IS NULL AND coalesce(p.next_attempt_at <= p_now, true)
       AND NOT (p.moves_money AND EXISTS (SELECT FROM timers_paused))
       AND coalesce(timer_due(p) <= p_now, false)
$$;
