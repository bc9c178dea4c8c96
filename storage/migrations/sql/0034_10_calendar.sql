-- Whether a time or a date lies in the calendar that people name times in, as protocol/faults/calendar.py has it.
-- What lies outside of it is not read by every language, and days cannot be added to it.
CREATE FUNCTION in_calendar(p_time timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT p_time >= '1900-01-01T00:00:00Z' AND p_time < '2200-01-01T00:00:00Z'
$$;
CREATE FUNCTION in_calendar(p_day date) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT p_day BETWEEN '1900-01-01' AND '2199-12-31'
$$;

-- Whether a text is a time as JSON has it, with a zone, and lies in the calendar; NULL for none.
CREATE OR REPLACE FUNCTION is_time_text(p_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    -- The pattern lets through days that no month has; the zone may lead out of the calendar.
    RETURN p_text ~ '^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$'
        AND in_calendar(p_text::timestamptz);
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;

-- A plan of before may be past by now, which is nothing that a new end of its delivery changes.
ALTER TABLE proposals DISABLE TRIGGER proposals_times_ahead;
-- What people name, or what is made of it: rows from before are moved to the nearest end of the calendar.
DO $$
DECLARE
    v_column record;
    v_least text;
    v_most text;
BEGIN
    FOR v_column IN
        SELECT a.attrelid::regclass::text AS "table", a.attname AS name, a.atttypid::regtype::text AS type
        FROM (VALUES
            ('contract_amendments', 'deadline'), ('contracts', 'deadline'), ('contracts', 'start_date'),
            ('fee_structure', 'effective_from'), ('fee_structure', 'effective_until'), ('jobs', 'deadline'),
            ('meetings', 'ends_at'), ('meetings', 'starts_at'), ('milestones', 'awaited_since'),
            ('milestones', 'due_date'), ('proposals', 'delivery_date'),
            ('work_experiences', 'end_date'), ('work_experiences', 'start_date')
        ) asked ("table", name)
        JOIN pg_attribute a ON a.attrelid = asked."table"::regclass AND a.attname = asked.name
    LOOP
        v_least := quote_literal('1900-01-01' || CASE v_column.type WHEN 'date' THEN '' ELSE 'T00:00:00Z' END);
        v_most := quote_literal('2199-12-31' || CASE v_column.type WHEN 'date' THEN '' ELSE 'T00:00:00Z' END);
        EXECUTE format(
            'UPDATE %1$s SET %2$I = least(greatest(%2$I, %3$s), %4$s) WHERE NOT in_calendar(%2$I)',
            v_column."table", v_column.name, v_least, v_most);
        EXECUTE format(
            'ALTER TABLE %1$s ADD CONSTRAINT %1$s_%2$s_calendar CHECK (in_calendar(%2$I))',
            v_column."table", v_column.name);
    END LOOP;
END $$;
ALTER TABLE proposals ENABLE TRIGGER proposals_times_ahead;
UPDATE timers SET start = '2199-12-31T00:00:00Z' WHERE start >= '2200-01-01T00:00:00Z';
