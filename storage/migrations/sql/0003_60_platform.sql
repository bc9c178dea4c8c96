-- Growth and the platform itself.

CREATE TABLE certifications (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    level smallint NOT NULL CHECK (level IN (1, 2, 3)),
    exam_score real CHECK (exam_score BETWEEN 0 AND 100),
    practical_score real CHECK (practical_score BETWEEN 0 AND 100),
    industry_tracks text[] NOT NULL DEFAULT '{}',
    certified_at timestamptz,
    expires_at timestamptz,
    renewal_count integer NOT NULL DEFAULT 0,
    continuing_education_hours integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'in_progress'
        CHECK (status IN ('in_progress', 'active', 'expired', 'revoked')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX certifications_of_user ON certifications (user_id, level, id);
CREATE INDEX certifications_by_level ON certifications (level, status);
CREATE INDEX certifications_newest ON certifications (created_at DESC, id DESC);
CREATE INDEX certifications_expiring ON certifications (expires_at) WHERE status = 'active';

CREATE TABLE courses (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '',
    skill_id uuid REFERENCES skills (id) ON DELETE SET NULL,
    url text,
    hours integer CHECK (hours >= 0),
    credits integer NOT NULL DEFAULT 0 CHECK (credits >= 0),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX courses_of_skill ON courses (skill_id, id);
CREATE INDEX courses_newest ON courses (created_at DESC, id DESC);

CREATE TABLE learning_paths (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    current_skills jsonb NOT NULL DEFAULT '[]',
    target_skills jsonb NOT NULL DEFAULT '[]',
    progress_percentage integer NOT NULL DEFAULT 0 CHECK (progress_percentage BETWEEN 0 AND 100),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX learning_paths_of_user ON learning_paths (user_id, id);

CREATE TABLE learning_path_items (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    learning_path_id uuid NOT NULL REFERENCES learning_paths (id) ON DELETE CASCADE,
    course_id uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
    seq integer NOT NULL CHECK (seq > 0),
    UNIQUE (learning_path_id, seq)
);

CREATE TABLE course_enrollments (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    course_id uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
    progress_percentage integer NOT NULL DEFAULT 0 CHECK (progress_percentage BETWEEN 0 AND 100),
    status text NOT NULL DEFAULT 'enrolled'
        CHECK (status IN ('enrolled', 'in_progress', 'completed')),
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (user_id, course_id)
);

CREATE TABLE credit_awards (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credits integer NOT NULL CHECK (credits <> 0),
    reason text NOT NULL,
    source_type text NOT NULL,
    source_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, source_type, source_id)
);

CREATE TABLE shadowing_sessions (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    student_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mentor_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    start_date timestamptz NOT NULL,
    end_date timestamptz NOT NULL,
    learning_credits_awarded integer NOT NULL DEFAULT 0,
    mentor_approved_at timestamptz,
    client_approved_at timestamptz,
    nda_signed_at timestamptz,
    status text NOT NULL DEFAULT 'requested'
        CHECK (status IN ('requested', 'approved', 'active', 'completed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (student_id <> mentor_id),
    CONSTRAINT shadowing_sessions_end_date_order CHECK (end_date > start_date)
);
CREATE INDEX shadowing_sessions_of_student ON shadowing_sessions (student_id, id);
CREATE INDEX shadowing_sessions_of_mentor ON shadowing_sessions (mentor_id, id);
CREATE INDEX shadowing_sessions_of_client ON shadowing_sessions (client_id, id);
CREATE INDEX shadowing_sessions_newest ON shadowing_sessions (created_at DESC, id DESC);

CREATE TABLE community_events (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '',
    organizer_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    location text,
    join_url text,
    attendee_count integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'scheduled'
        CHECK (status IN ('scheduled', 'live', 'ended', 'cancelled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT community_events_ends_at_order CHECK (ends_at > starts_at)
);
CREATE INDEX community_events_next ON community_events (starts_at, id);
CREATE INDEX community_events_of_organizer ON community_events (organizer_id, id);

CREATE TABLE event_attendees (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    community_event_id uuid NOT NULL REFERENCES community_events (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (community_event_id, user_id)
);
CREATE INDEX event_attendees_of_user ON event_attendees (user_id, id);

CREATE TABLE platform_settings (
    key text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]{1,99}$'),
    value jsonb NOT NULL,
    description text,
    -- Not told to strangers unless it is said here.
    is_public boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);

INSERT INTO platform_settings (key, value, description, is_public) VALUES
    ('gig_payment_minutes', '15', 'An order that is not paid is cancelled', true),
    ('contract_acceptance_days', '7', 'A contract that is not accepted is cancelled', true),
    ('cancellation_days', '7', 'A proposed cancellation expires', true),
    ('milestone_approval_days', '14', 'A submitted milestone is approved', true),
    ('milestone_reminder_days', '12', 'The client is reminded of it', true),
    ('clearing_days', '5', 'What was earned can be withdrawn', true),
    ('review_days', '14', 'An invitation to review expires', true),
    ('review_publication_days', '7', 'A review is published though the other is missing', true),
    ('account_restore_days', '30', 'A deleted account can be restored', true),
    ('data_request_days', '30', 'A request about one''s data is done', true),
    ('job_analysis', 'false', 'Jobs are analysed before they are open', false),
    ('activity_days', '90', 'Activity is kept', false),
    ('search_history_days', '90', 'What was searched for is kept', false),
    ('view_address_days', '30', 'Addresses in views are kept', false);

CREATE TABLE timers (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    machine text NOT NULL,
    entity_id uuid NOT NULL,
    action text NOT NULL,
    due_at timestamptz NOT NULL,
    -- The row of platform_settings that says how long: a change of it moves what is running.
    setting text REFERENCES platform_settings (key),
    started_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    UNIQUE (machine, entity_id, action)
);
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL DEFAULT '{}',
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, method, path, key)
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);

CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    url text NOT NULL CHECK (url ~ '^https?://' AND char_length(url) <= 2000),
    events text[] NOT NULL DEFAULT '{}' CHECK (cardinality(events) <= 50),
    secret_encrypted bytea,
    failing_since timestamptz,
    status text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX webhook_endpoints_of_user ON webhook_endpoints (user_id, id);

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    webhook_endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event text NOT NULL,
    body jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    response_status integer,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'ok', 'dead')),
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (webhook_endpoint_id, id DESC);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at)
    WHERE status = 'pending';

CREATE TABLE audit_log (
    id uuid NOT NULL DEFAULT uuid7(),
    actor_id uuid,
    action text NOT NULL,
    entity_type text NOT NULL,
    entity_id text NOT NULL,
    old_values jsonb,
    new_values jsonb,
    ip inet,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX audit_log_of_actor ON audit_log (actor_id, created_at DESC);
CREATE INDEX audit_log_of_entity ON audit_log (entity_type, entity_id, created_at DESC);
CREATE INDEX audit_log_newest ON audit_log (created_at DESC, id DESC);

CREATE TABLE daily_stats (
    day date NOT NULL,
    area text NOT NULL CHECK (area IN ('gigs', 'orders', 'payments', 'messaging', 'reviews')),
    subject_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    name text NOT NULL,
    value numeric(20, 4) NOT NULL,
    PRIMARY KEY (area, day, subject_id, name)
);
CREATE INDEX daily_stats_of_subject ON daily_stats (subject_id, area, day);
