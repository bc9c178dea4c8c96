-- The clock of workflows: the database's, and on an instance for tests one that can be moved.
CREATE TABLE workflow_clock (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    ahead interval NOT NULL DEFAULT '0'
);
INSERT INTO workflow_clock DEFAULT VALUES;

CREATE FUNCTION workflow_now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT date_trunc('milliseconds', clock_timestamp() + c.ahead) FROM workflow_clock c
$$;

-- How long a setting is, by the unit that its name ends with; nothing for no setting.
CREATE FUNCTION setting_length(p_key text) RETURNS interval
LANGUAGE sql STABLE AS $$
    SELECT make_interval(secs => (s.value #>> '{}')::integer * CASE
        WHEN p_key LIKE '%\_days' THEN 86400 WHEN p_key LIKE '%\_hours' THEN 3600 ELSE 60 END)
    FROM platform_settings s WHERE s.key = p_key
$$;
