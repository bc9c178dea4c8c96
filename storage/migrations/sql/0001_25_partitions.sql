-- Partitions are made ahead; a default partition would block new months once it held rows.

CREATE FUNCTION ensure_message_month(p_month timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_from timestamptz := date_trunc('month', p_month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_to timestamptz := (date_trunc('month', p_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    v_name text := 'messages_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF messages FOR VALUES FROM (%L) TO (%L)
         WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)',
        v_name, v_from, v_to);
END $$;

CREATE FUNCTION ensure_key_week(p_week timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_from timestamptz := date_trunc('week', p_week AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_to timestamptz := (date_trunc('week', p_week AT TIME ZONE 'UTC') + interval '7 days') AT TIME ZONE 'UTC';
    v_name text := 'message_keys_' || to_char(v_from AT TIME ZONE 'UTC', 'IYYY_IW');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF message_keys FOR VALUES FROM (%L) TO (%L)',
        v_name, v_from, v_to);
END $$;

-- Called after every migration and daily: months three ahead, weeks four ahead; weeks of keys that
-- ended more than 7 days ago go. Returns how many whole months ahead of now exist.
CREATE FUNCTION maintain_partitions() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_old text;
    v_ahead integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('parley.maintain_partitions'));
    PERFORM ensure_message_month(now() + make_interval(months => n)) FROM generate_series(0, 3) AS n;
    PERFORM ensure_key_week(now() + make_interval(weeks => n)) FROM generate_series(-1, 4) AS n;
    FOR v_old IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'message_keys'::regclass
          AND c.relname < 'message_keys_' || to_char(now() AT TIME ZONE 'UTC' - interval '15 days', 'IYYY_IW')
    LOOP
        EXECUTE format('DROP TABLE %I', v_old);
    END LOOP;
    SELECT count(*) - 1 INTO v_ahead FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'messages'::regclass
      AND c.relname >= 'messages_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM');
    RETURN v_ahead;
END $$;

SELECT maintain_partitions();
