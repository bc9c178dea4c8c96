-- Trust and discovery: reviews, disputes, tickets, what people keep, look for and look at.

CREATE TABLE reviews (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    gig_id uuid REFERENCES gigs (id) ON DELETE SET NULL,
    reviewer_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reviewee_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reviewer_role text NOT NULL CHECK (reviewer_role IN ('client', 'freelancer')),
    overall_rating smallint NOT NULL CHECK (overall_rating BETWEEN 1 AND 5),
    communication_rating smallint CHECK (communication_rating BETWEEN 1 AND 5),
    quality_rating smallint CHECK (quality_rating BETWEEN 1 AND 5),
    professionalism_rating smallint CHECK (professionalism_rating BETWEEN 1 AND 5),
    value_rating smallint CHECK (value_rating BETWEEN 1 AND 5),
    title text CHECK (char_length(title) <= 200),
    comment text CHECK (char_length(comment) <= 10000),
    response_text text CHECK (char_length(response_text) <= 10000),
    response_at timestamptz,
    is_featured boolean NOT NULL DEFAULT false,
    is_flagged boolean NOT NULL DEFAULT false,
    helpful_count integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'published', 'hidden')),
    published_at timestamptz,
    search_vector tsvector GENERATED ALWAYS AS (
        weighed_tokens(title, 'A') || weighed_tokens(comment, 'B')) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (contract_id, reviewer_id),
    CHECK (reviewer_id <> reviewee_id)
);
CREATE INDEX reviews_of_reviewee ON reviews (reviewee_id, created_at DESC, id DESC);
CREATE INDEX reviews_of_reviewer ON reviews (reviewer_id, created_at DESC, id DESC);
CREATE INDEX reviews_of_gig ON reviews (gig_id, created_at DESC, id DESC) WHERE gig_id IS NOT NULL;
CREATE INDEX reviews_newest ON reviews (created_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX reviews_best ON reviews (overall_rating DESC, id DESC) WHERE status = 'published';
CREATE INDEX reviews_search ON reviews USING gin (search_vector) WHERE status = 'published';
CREATE INDEX reviews_title ON reviews USING gin (title gin_trgm_ops) WHERE status = 'published';

CREATE TABLE review_votes (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    review_id uuid NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_helpful boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (review_id, user_id)
);
CREATE INDEX review_votes_of_user ON review_votes (user_id, id);

CREATE TABLE review_invitations (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    reviewer_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reviewee_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    status text NOT NULL DEFAULT 'invited' CHECK (status IN ('invited', 'accepted', 'expired')),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '14 days',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (contract_id, reviewer_id)
);
CREATE INDEX review_invitations_of_reviewer ON review_invitations (reviewer_id, id);
CREATE INDEX review_invitations_expiring ON review_invitations (expires_at)
    WHERE status = 'invited';

CREATE TABLE user_ratings (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    average_rating real NOT NULL DEFAULT 0,
    total_reviews integer NOT NULL DEFAULT 0,
    communication_rating real,
    quality_rating real,
    professionalism_rating real,
    value_rating real,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE disputes (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id),
    raised_by uuid NOT NULL REFERENCES users (id),
    -- Both parties, kept by a trigger: who may read a row must be told by the row itself.
    client_id uuid NOT NULL REFERENCES users (id),
    freelancer_id uuid NOT NULL REFERENCES users (id),
    type text NOT NULL CHECK (type IN ('quality', 'payment', 'timeline', 'scope', 'other')),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 20000),
    evidence_urls jsonb NOT NULL DEFAULT '[]',
    evidence_file_ids uuid[] NOT NULL DEFAULT '{}',
    assigned_to uuid REFERENCES users (id) ON DELETE SET NULL,
    resolution text,
    client_amount numeric(14, 2) CHECK (client_amount >= 0),
    freelancer_amount numeric(14, 2) CHECK (freelancer_amount >= 0),
    resolved_by uuid REFERENCES users (id) ON DELETE SET NULL,
    status text NOT NULL DEFAULT 'open'
        CHECK (status IN ('open', 'under_review', 'escalated', 'resolved', 'closed')),
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (resolved_by NOT IN (client_id, freelancer_id))
);
CREATE INDEX disputes_of_client ON disputes (client_id, created_at DESC, id DESC);
CREATE INDEX disputes_of_freelancer ON disputes (freelancer_id, created_at DESC, id DESC);
CREATE INDEX disputes_by_status ON disputes (status, created_at DESC, id DESC);
CREATE INDEX disputes_newest ON disputes (created_at DESC, id DESC);
CREATE UNIQUE INDEX disputes_one_open ON disputes (contract_id)
    WHERE status IN ('open', 'under_review', 'escalated');

CREATE TABLE support_tickets (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    category text NOT NULL CHECK (char_length(category) BETWEEN 1 AND 50),
    priority text NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 200),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 20000),
    attachment_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(attachment_ids) <= 20),
    assigned_to uuid REFERENCES users (id) ON DELETE SET NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN (
        'open', 'in_progress', 'waiting_on_customer', 'resolved', 'closed')),
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX support_tickets_of_user ON support_tickets (user_id, created_at DESC, id DESC);
CREATE INDEX support_tickets_by_status ON support_tickets (status, priority, id);
CREATE INDEX support_tickets_newest ON support_tickets (created_at DESC, id DESC);
CREATE INDEX support_tickets_assigned ON support_tickets (assigned_to, status)
    WHERE assigned_to IS NOT NULL;

CREATE TABLE meetings (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    created_by uuid NOT NULL REFERENCES users (id),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    join_url text,
    status text NOT NULL DEFAULT 'scheduled'
        CHECK (status IN ('scheduled', 'live', 'ended', 'cancelled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT meetings_ends_at_order CHECK (ends_at > starts_at)
);
CREATE INDEX meetings_of_conversation ON meetings (conversation_id, starts_at);

CREATE TABLE notification_deliveries (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    notification_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'push')),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'ok', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, notification_id, channel)
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (next_attempt_at)
    WHERE status = 'pending';

CREATE TABLE saved_searches (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    search_type text NOT NULL CHECK (search_type IN ('gigs', 'jobs', 'freelancers')),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    search_params jsonb NOT NULL,
    alert_enabled boolean NOT NULL DEFAULT false,
    alert_frequency text NOT NULL DEFAULT 'daily'
        CHECK (alert_frequency IN ('immediate', 'daily', 'weekly')),
    alerted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX saved_searches_of_user ON saved_searches (user_id, created_at DESC, id DESC);
CREATE INDEX saved_searches_alerting ON saved_searches (alert_frequency, alerted_at)
    WHERE alert_enabled;

CREATE TABLE favorites (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    favorited_type text NOT NULL CHECK (favorited_type IN ('gig', 'freelancer', 'job')),
    favorited_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, favorited_type, favorited_id)
);
CREATE INDEX favorites_of_user ON favorites (user_id, created_at DESC, id DESC);
CREATE INDEX favorites_of_thing ON favorites (favorited_type, favorited_id);

CREATE TABLE search_history (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    search_type text NOT NULL CHECK (search_type IN ('gigs', 'jobs', 'freelancers', 'reviews')),
    query text NOT NULL CHECK (char_length(query) <= 200),
    filters jsonb NOT NULL DEFAULT '{}',
    results_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX search_history_of_user ON search_history (user_id, created_at DESC, id DESC);
CREATE INDEX search_history_old ON search_history (created_at);

CREATE TABLE view_events (
    entity_type text NOT NULL CHECK (entity_type IN ('gig', 'job', 'freelancer', 'portfolio_item')),
    entity_id uuid NOT NULL,
    viewer_id uuid,
    ip inet,
    user_agent text,
    referrer text,
    viewed_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (viewed_at);
CREATE INDEX view_events_of_entity ON view_events (entity_type, entity_id, viewed_at);
CREATE INDEX view_events_of_viewer ON view_events (viewer_id) WHERE viewer_id IS NOT NULL;
