-- E-mail addresses in one spelling: the column and its indexes are made ahead (0011_15_ahead.sql).

-- The name of the unique index stays, since the version before knows a taken address by it.
ALTER TABLE user_private DROP CONSTRAINT user_private_email_key;
ALTER INDEX user_private_email_canonical_key RENAME TO user_private_email_key;

-- The spelling of an address that needs no table of Unicode; NULL for any other. As emails.canonical.
CREATE FUNCTION plain_email(p_email text) RETURNS citext
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (s.local || '@' || lower(s.domain))::citext
    FROM (SELECT split_part(p_email, '@', 1), split_part(p_email, '@', 2)) AS s(local, domain)
    WHERE char_length(p_email) <= 254 AND char_length(s.local) <= 64 AND char_length(s.domain) <= 253
      AND (p_email COLLATE "C") ~ ('^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*'
          || '@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$')
      AND ('.' || lower(s.domain) COLLATE "C") !~ '[.](xn--|[0-9]+$)'
$$;

-- Rows of the version before, which names no email_canonical. It made one account an address by the unique
-- index on email, hence such rows take turns here, and the second of one address is refused likewise.
CREATE FUNCTION spell_email() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM pg_advisory_xact_lock(7237533916302115);
        IF EXISTS (SELECT FROM user_private p WHERE p.email = NEW.email) THEN
            RAISE unique_violation USING
                MESSAGE = 'an account has this address',
                CONSTRAINT = 'user_private_email_key', TABLE = 'user_private', SCHEMA = TG_TABLE_SCHEMA;
        END IF;
    END IF;
    NEW.email_canonical := plain_email(NEW.email::text);
    RETURN NEW;
END $$;
CREATE TRIGGER user_private_spelled BEFORE INSERT ON user_private
    FOR EACH ROW WHEN (NEW.email_canonical IS NULL) EXECUTE FUNCTION spell_email();
CREATE TRIGGER user_private_spelled_anew BEFORE UPDATE OF email ON user_private
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email
                       AND NEW.email_canonical IS NOT DISTINCT FROM OLD.email_canonical)
    EXECUTE FUNCTION spell_email();

-- Filling in a spelling is no new version either.
CREATE OR REPLACE TRIGGER user_private_touch BEFORE UPDATE ON user_private
    FOR EACH ROW WHEN (OLD.login_count = NEW.login_count
                       AND (OLD.email_canonical IS NOT DISTINCT FROM NEW.email_canonical
                            OR OLD.email IS DISTINCT FROM NEW.email))
    EXECUTE FUNCTION touch_row();

-- The audit names no address, in no spelling.
CREATE OR REPLACE TRIGGER user_private_audited AFTER INSERT OR DELETE OR UPDATE OF
    email, first_name, last_name, phone_encrypted, wechat_id_encrypted, deleted_at ON user_private
    FOR EACH ROW EXECUTE FUNCTION audit_row(
        'user_id', 'email', 'email_canonical', 'first_name', 'last_name', 'phone_encrypted', 'phone_index',
        'wechat_id_encrypted', 'wechat_id_index', 'github_username', 'provider_ids', 'preferences',
        'profile_data');
