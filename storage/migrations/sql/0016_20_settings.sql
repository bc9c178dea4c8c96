-- What a setting may be: its type, and of a whole number the bounds. One without a type may be anything.
ALTER TABLE platform_settings
    ADD COLUMN value_type text CHECK (value_type IN ('integer', 'boolean')),
    ADD COLUMN minimum integer,
    ADD COLUMN maximum integer,
    ADD CONSTRAINT platform_settings_bounded
        CHECK ((value_type = 'integer') IS TRUE = (minimum IS NOT NULL AND maximum IS NOT NULL));

CREATE TEMPORARY TABLE setting_bounds (key, value, value_type, minimum, maximum) ON COMMIT DROP AS VALUES
    ('gig_payment_minutes', '15'::jsonb, 'integer', 1, 10080),
    ('contract_acceptance_days', '7', 'integer', 1, 365),
    ('cancellation_days', '7', 'integer', 1, 365),
    ('milestone_approval_days', '14', 'integer', 1, 365),
    ('milestone_reminder_days', '12', 'integer', 1, 365),
    ('clearing_days', '5', 'integer', 0, 365),
    ('review_days', '14', 'integer', 1, 365),
    ('review_publication_days', '7', 'integer', 1, 365),
    ('account_restore_days', '30', 'integer', 1, 365),
    ('data_request_days', '30', 'integer', 1, 90),
    ('job_analysis', 'false', 'boolean', NULL, NULL),
    ('activity_days', '90', 'integer', 1, 3650),
    ('search_history_days', '90', 'integer', 1, 3650),
    ('view_address_days', '30', 'integer', 1, 3650);

-- What nothing could have read becomes the value that the setting began with; a number out of bounds the nearest.
UPDATE platform_settings s SET value = CASE
    WHEN b.value_type = 'integer' AND (s.value #>> '{}') ~ '^-?\d{1,9}$'
    THEN to_jsonb(greatest(b.minimum, least(b.maximum, (s.value #>> '{}')::integer)))
    ELSE b.value END
FROM setting_bounds b
WHERE b.key = s.key AND NOT CASE
    WHEN b.value_type = 'boolean' THEN jsonb_typeof(s.value) = 'boolean'
    WHEN jsonb_typeof(s.value) = 'number' AND (s.value #>> '{}') ~ '^\d{1,9}$'
    THEN (s.value #>> '{}')::integer BETWEEN b.minimum AND b.maximum
    ELSE false END;

-- Nothing that anybody has read changes, so no row becomes a new version.
ALTER TABLE platform_settings DISABLE TRIGGER USER;
UPDATE platform_settings s SET value_type = b.value_type, minimum = b.minimum, maximum = b.maximum
FROM setting_bounds b WHERE b.key = s.key;
ALTER TABLE platform_settings ENABLE TRIGGER USER;
DROP TABLE setting_bounds;

CREATE FUNCTION guard_setting() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_text text := NEW.value #>> '{}';
    v_fits boolean := CASE
        WHEN NEW.value IS NULL OR NEW.value_type IS NULL THEN true
        WHEN NEW.value_type = 'boolean' THEN jsonb_typeof(NEW.value) = 'boolean'
        WHEN jsonb_typeof(NEW.value) = 'number' AND v_text ~ '^\d{1,9}$'
        THEN v_text::integer BETWEEN NEW.minimum AND NEW.maximum
        ELSE false END;
BEGIN
    IF NOT v_fits THEN
        RAISE check_violation USING
            MESSAGE = CASE NEW.value_type
                WHEN 'boolean' THEN 'must be true or false'
                ELSE format('must be a whole number from %s to %s', NEW.minimum, NEW.maximum) END,
            COLUMN = 'value', CONSTRAINT = 'platform_settings_value_fits', TABLE = 'platform_settings';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER platform_settings_fits BEFORE INSERT OR UPDATE OF value, value_type, minimum, maximum
    ON platform_settings FOR EACH ROW EXECUTE FUNCTION guard_setting();
