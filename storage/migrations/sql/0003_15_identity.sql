-- Identity, continued: proofs of who somebody is, consents, keys and requests about one's data.

CREATE TABLE auth_tokens (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password', 'verify_phone')),
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX auth_tokens_of_user ON auth_tokens (user_id, purpose);
CREATE INDEX auth_tokens_expiring ON auth_tokens (expires_at);

CREATE TABLE mfa_factors (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL DEFAULT 'totp' CHECK (kind IN ('totp')),
    secret_encrypted bytea NOT NULL,
    confirmed_at timestamptz,
    last_step bigint,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX mfa_factors_once ON mfa_factors (user_id, kind);

CREATE TABLE mfa_recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE oauth_identities (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL CHECK (provider IN ('github', 'google', 'wechat', 'apple')),
    subject text NOT NULL,
    login text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, subject)
);
CREATE INDEX oauth_identities_of_user ON oauth_identities (user_id);

CREATE TABLE user_consents (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    consent_type text NOT NULL CHECK (char_length(consent_type) BETWEEN 1 AND 50),
    document_version text NOT NULL DEFAULT '1',
    granted boolean NOT NULL,
    granted_at timestamptz,
    revoked_at timestamptz,
    ip inet,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX user_consents_of_user ON user_consents (user_id, consent_type, id DESC);

CREATE TABLE identity_verifications (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('id_card', 'passport', 'driving_licence', 'business')),
    document_file_ids uuid[] NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'approved', 'rejected', 'expired')),
    rejection_reason text,
    reviewed_by uuid REFERENCES users (id) ON DELETE SET NULL,
    reviewed_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX identity_verifications_of_user ON identity_verifications (user_id, id);
CREATE INDEX identity_verifications_by_status ON identity_verifications (status, id);
CREATE INDEX identity_verifications_expiring ON identity_verifications (expires_at)
    WHERE status = 'approved';

-- A person's data key, wrapped with the instance's; destroying the row is erasing what it encrypted.
CREATE TABLE user_keys (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    wrapped_key bytea NOT NULL,
    key_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE data_requests (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id),
    kind text NOT NULL CHECK (kind IN ('export', 'erasure')),
    status text NOT NULL DEFAULT 'received'
        CHECK (status IN ('received', 'verifying', 'processing', 'completed', 'rejected')),
    result_file_id uuid REFERENCES files (id) ON DELETE SET NULL,
    reason text,
    due_at timestamptz NOT NULL DEFAULT now() + interval '30 days',
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX data_requests_of_user ON data_requests (user_id, id);
CREATE INDEX data_requests_open ON data_requests (due_at)
    WHERE status IN ('received', 'verifying', 'processing');

CREATE TABLE push_devices (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    platform text NOT NULL CHECK (platform IN ('ios', 'android', 'web')),
    token text NOT NULL UNIQUE CHECK (char_length(token) BETWEEN 1 AND 4096),
    locale text,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX push_devices_of_user ON push_devices (user_id, id);
