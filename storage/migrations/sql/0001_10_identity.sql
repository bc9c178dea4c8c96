-- Identity: who people are, in a public, a private and a secret part, and their logins.
-- Column grants cannot differ by row, hence three tables: what strangers may read is in users.

CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A version 7 UUID of this moment (RFC 9562, section 5.7): 48 bits of Unix milliseconds, the rest
-- random. Our own, because PostgreSQL has one only from 18 on. Setting bits 52 and 53 turns the
-- version nibble of a random UUID from 4 into 7; the variant is right already.
CREATE FUNCTION uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                PLACING substring(
                    int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
                ) FROM 1 FOR 6
            ), 52, 1), 53, 1),
        'hex')::uuid
$$;

-- Keeps updated_at and version, from which a resource's ETag is made.
CREATE FUNCTION touch_row() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;

CREATE TABLE users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY DEFAULT uuid7(),
    display_name text NOT NULL
        CONSTRAINT users_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 80),
    kind text NOT NULL
        CONSTRAINT users_kind_check CHECK (kind IN ('client', 'freelancer', 'both')),
    staff_role text
        CONSTRAINT users_staff_role_check CHECK (staff_role IN ('moderator', 'support', 'admin')),
    status text NOT NULL DEFAULT 'active'
        CONSTRAINT users_status_check CHECK (
            status IN ('pending_verification', 'active', 'suspended', 'deleted', 'anonymized')
        ),
    avatar text,
    locale text NOT NULL DEFAULT 'en'
        CONSTRAINT users_locale_check CHECK (char_length(locale) BETWEEN 2 AND 35),
    timezone text NOT NULL DEFAULT 'UTC'
        CONSTRAINT users_timezone_check CHECK (char_length(timezone) BETWEEN 1 AND 64),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);

CREATE TRIGGER users_touch BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TABLE user_private (
    user_id uuid CONSTRAINT user_private_pkey PRIMARY KEY
        CONSTRAINT user_private_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    email citext NOT NULL CONSTRAINT user_private_email_key UNIQUE
        CONSTRAINT user_private_email_check CHECK (char_length(email::text) BETWEEN 3 AND 254),
    email_verified_at timestamptz,
    first_name text,
    last_name text,
    -- Encrypted, so that it can be read back; the index is an HMAC, so that it can be looked up.
    phone_encrypted bytea,
    phone_index bytea CONSTRAINT user_private_phone_index_key UNIQUE,
    phone_verified_at timestamptz,
    wechat_id_encrypted bytea,
    wechat_id_index bytea CONSTRAINT user_private_wechat_id_index_key UNIQUE,
    github_username text,
    provider_ids jsonb NOT NULL DEFAULT '{}',
    preferences jsonb NOT NULL DEFAULT '{}',
    profile_data jsonb NOT NULL DEFAULT '{}',
    login_count integer NOT NULL DEFAULT 0,
    last_login_at timestamptz,
    created_by uuid
        CONSTRAINT user_private_created_by_fkey REFERENCES users (id) ON DELETE SET NULL,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);

-- A login is counted here and changes nothing that its owner would call a new version.
CREATE TRIGGER user_private_touch BEFORE UPDATE ON user_private
    FOR EACH ROW WHEN (OLD.login_count = NEW.login_count) EXECUTE FUNCTION touch_row();

CREATE TABLE user_secrets (
    user_id uuid CONSTRAINT user_secrets_pkey PRIMARY KEY
        CONSTRAINT user_secrets_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    password_changed_at timestamptz NOT NULL DEFAULT now()
);

-- One row a login, which is also the family of all refresh tokens that follow from it. Tokens are
-- random, so a plain SHA-256 of them is enough.
CREATE TABLE sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL
        CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    access_hash bytea NOT NULL CONSTRAINT sessions_access_hash_key UNIQUE
        CONSTRAINT sessions_access_hash_check CHECK (octet_length(access_hash) = 32),
    access_expires_at timestamptz NOT NULL,
    refresh_hash bytea NOT NULL CONSTRAINT sessions_refresh_hash_key UNIQUE
        CONSTRAINT sessions_refresh_hash_check CHECK (octet_length(refresh_hash) = 32),
    refresh_expires_at timestamptz NOT NULL,
    -- The token that refresh_hash replaced last, and when: it works once more for a short while.
    previous_refresh_hash bytea,
    rotated_at timestamptz,
    ip inet,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    revoked_reason text
        CONSTRAINT sessions_revoked_reason_check CHECK (
            revoked_reason IN ('logout', 'revoked', 'refresh_reused', 'account')
        ),
    CONSTRAINT sessions_revoked_check CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);

CREATE INDEX sessions_user_id_idx ON sessions (user_id, id);
CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

-- Every refresh token that was ever replaced in a family: one that comes back was stolen.
CREATE TABLE session_replaced_tokens (
    refresh_hash bytea CONSTRAINT session_replaced_tokens_pkey PRIMARY KEY,
    session_id uuid NOT NULL
        CONSTRAINT session_replaced_tokens_session_id_fkey REFERENCES sessions (id)
        ON DELETE CASCADE,
    replaced_at timestamptz NOT NULL
);

CREATE INDEX session_replaced_tokens_session_id_idx ON session_replaced_tokens (session_id);
CREATE INDEX session_replaced_tokens_replaced_at_idx ON session_replaced_tokens (replaced_at);

-- Ends logins of one user (all of them when p_session_ids is null) and tells the servers, which
-- close their sockets. Answers with those it ended, so that their cached copies can be dropped.
CREATE FUNCTION revoke_sessions(p_user_id uuid, p_session_ids uuid[], p_reason text)
RETURNS TABLE (session_id uuid, access_hash bytea)
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    WITH live AS (
        SELECT s.id FROM sessions s
        WHERE s.user_id = p_user_id
            AND (p_session_ids IS NULL OR s.id = ANY (p_session_ids))
            AND s.revoked_at IS NULL
        ORDER BY s.id
        FOR UPDATE
    ), revoked AS (
        UPDATE sessions s SET revoked_at = clock_timestamp(), revoked_reason = p_reason
        FROM live WHERE s.id = live.id
        RETURNING s.id, s.access_hash
    ), told AS (
        INSERT INTO outbox (consumer, kind, user_ids, data)
        SELECT 'realtime', 'session.revoked', ARRAY[p_user_id],
            jsonb_build_object('session_ids', jsonb_agg(r.id))
        FROM revoked r
        HAVING count(*) > 0
    )
    SELECT r.id, r.access_hash FROM revoked r;
END
$$;

-- Exchanges a refresh token for the pair whose hashes are given. The verdict is one of
--   ok       the new pair is in force; old_access_hash is the one that no longer is
--   reused   the token had been replaced before: the whole family is revoked, here and now
--   refused  unknown, expired or revoked, or the account is not active
-- The token replaced last works once more within p_grace, for a reply that was lost. The row lock
-- comes first and the checks after it, in statements of their own: two exchanges of one token wait
-- for each other, and the second sees what the first did.
CREATE FUNCTION rotate_session(
    p_presented bytea,
    p_access_hash bytea,
    p_refresh_hash bytea,
    p_access_ttl interval,
    p_refresh_ttl interval,
    p_grace interval
)
RETURNS TABLE (verdict text, session_id uuid, user_id uuid, old_access_hash bytea)
LANGUAGE plpgsql
AS $$
DECLARE
    v_id uuid;
    v_session sessions%ROWTYPE;
    v_now timestamptz;
BEGIN
    SELECT s.id INTO v_id FROM sessions s WHERE s.refresh_hash = p_presented
    UNION ALL
    SELECT t.session_id FROM session_replaced_tokens t WHERE t.refresh_hash = p_presented
    LIMIT 1;
    IF v_id IS NOT NULL THEN
        SELECT * INTO v_session FROM sessions s WHERE s.id = v_id FOR UPDATE;
    END IF;
    v_now := clock_timestamp();
    IF v_session.id IS NULL OR v_session.revoked_at IS NOT NULL
        OR v_session.refresh_expires_at <= v_now
        OR NOT EXISTS (
            SELECT FROM users u WHERE u.id = v_session.user_id AND u.status = 'active'
        )
    THEN
        RETURN QUERY SELECT 'refused', v_session.id, v_session.user_id, v_session.access_hash;
        RETURN;
    END IF;
    IF v_session.refresh_hash <> p_presented AND (
        v_session.previous_refresh_hash IS DISTINCT FROM p_presented
        OR v_session.rotated_at + p_grace < v_now
    ) THEN
        PERFORM revoke_sessions(v_session.user_id, ARRAY[v_session.id], 'refresh_reused');
        RETURN QUERY SELECT 'reused', v_session.id, v_session.user_id, v_session.access_hash;
        RETURN;
    END IF;
    INSERT INTO session_replaced_tokens (refresh_hash, session_id, replaced_at)
    VALUES (v_session.refresh_hash, v_session.id, v_now);
    UPDATE sessions s SET
        access_hash = p_access_hash,
        access_expires_at = v_now + p_access_ttl,
        refresh_hash = p_refresh_hash,
        refresh_expires_at = v_now + p_refresh_ttl,
        previous_refresh_hash = v_session.refresh_hash,
        rotated_at = v_now,
        last_activity_at = v_now
    WHERE s.id = v_session.id;
    RETURN QUERY SELECT 'ok', v_session.id, v_session.user_id, v_session.access_hash;
END
$$;
