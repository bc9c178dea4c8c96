-- Work: jobs and what is offered for them, contracts and what is delivered, tasks and who carries them
-- out. A status changes by the executor's transitions only (0003_80).

CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    -- Whose row it is: of an internal job the client, of an external one the freelancer who brought it.
    client_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    platform text NOT NULL DEFAULT 'internal'
        CHECK (platform IN ('internal', 'upwork', 'freelancer', 'fiverr')),
    external_job_id text,
    external_client_id text,
    external_client_name text,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 20000),
    category_id uuid REFERENCES categories (id),
    job_type text CHECK (char_length(job_type) <= 100),
    video_type text CHECK (char_length(video_type) <= 50),
    video_duration_preference text CHECK (char_length(video_duration_preference) <= 50),
    platform_preference text CHECK (char_length(platform_preference) <= 50),
    budget_type text NOT NULL DEFAULT 'fixed' CHECK (budget_type IN ('fixed', 'hourly', 'range')),
    budget_min numeric(14, 2) CHECK (budget_min >= 0),
    budget_max numeric(14, 2) CHECK (budget_max >= 0),
    budget_estimate numeric(14, 2) CHECK (budget_estimate >= 0),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    timeline_estimate interval,
    deadline timestamptz,
    estimated_duration_days integer CHECK (estimated_duration_days > 0),
    estimated_hours integer CHECK (estimated_hours > 0),
    complexity text NOT NULL DEFAULT 'moderate'
        CHECK (complexity IN ('simple', 'moderate', 'complex', 'expert')),
    experience_level text NOT NULL DEFAULT 'any'
        CHECK (experience_level IN ('entry', 'intermediate', 'expert', 'any')),
    requirements jsonb NOT NULL DEFAULT '{}',
    work_breakdown jsonb NOT NULL DEFAULT '{}',
    deliverables jsonb NOT NULL DEFAULT '[]',
    attachment_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(attachment_ids) <= 20),
    tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 20),
    senior_developer_id uuid REFERENCES users (id) ON DELETE SET NULL,
    qa_score real CHECK (qa_score BETWEEN 0 AND 100),
    user_approved_at timestamptz,
    client_approved_at timestamptz,
    revision_count integer NOT NULL DEFAULT 0,
    view_count integer NOT NULL DEFAULT 0,
    proposal_count integer NOT NULL DEFAULT 0,
    is_featured boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN (
        'draft', 'analyzing', 'open', 'closed', 'pending', 'active', 'in_progress', 'review',
        'delivered', 'completed', 'disputed', 'cancelled')),
    published_at timestamptz,
    closed_at timestamptz,
    completed_at timestamptz,
    search_vector tsvector GENERATED ALWAYS AS (
        weighed_tokens(title, 'A') || weighed_tokens(description, 'B')
        || weighed_tokens(words_of(tags), 'C')) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT jobs_budget_max_order CHECK (budget_min <= budget_max),
    CONSTRAINT jobs_deadline_future CHECK (deadline > created_at),
    CONSTRAINT jobs_platform_external CHECK ((platform = 'internal') = (external_job_id IS NULL))
);
CREATE INDEX jobs_of_client ON jobs (client_id, created_at DESC, id DESC);
CREATE INDEX jobs_newest ON jobs (created_at DESC, id DESC) WHERE status = 'open';
CREATE INDEX jobs_of_category ON jobs (category_id, created_at DESC, id DESC) WHERE status = 'open';
CREATE INDEX jobs_by_deadline ON jobs (deadline, id) WHERE status = 'open';
CREATE INDEX jobs_budget ON jobs (category_id, budget_min, budget_max, created_at DESC)
    WHERE status = 'open';
CREATE INDEX jobs_best_paid ON jobs (budget_max DESC NULLS LAST, id DESC) WHERE status = 'open';
CREATE INDEX jobs_featured ON jobs (created_at DESC, id DESC) WHERE status = 'open' AND is_featured;
CREATE UNIQUE INDEX jobs_external_once ON jobs (platform, external_job_id)
    WHERE external_job_id IS NOT NULL;
CREATE INDEX jobs_of_senior ON jobs (senior_developer_id) WHERE senior_developer_id IS NOT NULL;
CREATE INDEX jobs_by_status ON jobs (status, created_at DESC, id DESC);
CREATE INDEX jobs_tags ON jobs USING gin (tags);
CREATE INDEX jobs_search ON jobs USING gin (search_vector) WHERE status = 'open';
CREATE INDEX jobs_title ON jobs USING gin (title gin_trgm_ops) WHERE status = 'open';

CREATE TABLE job_skills (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    skill_id uuid NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
    is_required boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (job_id, skill_id)
);
CREATE INDEX job_skills_of_skill ON job_skills (skill_id, job_id);

CREATE TABLE proposals (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    freelancer_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The job's client, kept by a trigger: who may read a row must be told by the row itself.
    client_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    cover_letter text NOT NULL CHECK (char_length(cover_letter) BETWEEN 1 AND 10000),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    timeline_days integer CHECK (timeline_days BETWEEN 1 AND 3650),
    estimated_hours integer CHECK (estimated_hours > 0),
    delivery_date timestamptz,
    milestones jsonb NOT NULL DEFAULT '[]',
    attachment_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(attachment_ids) <= 20),
    portfolio_item_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(portfolio_item_ids) <= 20),
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'shortlisted', 'accepted', 'rejected', 'withdrawn')),
    rejection_reason text,
    reviewed_at timestamptz,
    accepted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (job_id, freelancer_id),
    CHECK (client_id <> freelancer_id)
);
CREATE INDEX proposals_of_freelancer ON proposals (freelancer_id, created_at DESC, id DESC);
CREATE INDEX proposals_of_client ON proposals (client_id, created_at DESC, id DESC);
CREATE INDEX proposals_of_job ON proposals (job_id, created_at DESC, id DESC);
CREATE INDEX proposals_by_status ON proposals (status, created_at DESC, id DESC);

CREATE TABLE contracts (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    job_id uuid REFERENCES jobs (id),
    proposal_id uuid UNIQUE REFERENCES proposals (id),
    gig_id uuid REFERENCES gigs (id),
    gig_package_id uuid REFERENCES gig_packages (id) ON DELETE SET NULL,
    client_id uuid NOT NULL REFERENCES users (id),
    freelancer_id uuid NOT NULL REFERENCES users (id),
    conversation_id uuid REFERENCES conversations (id) ON DELETE SET NULL,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '',
    scope_of_work text NOT NULL DEFAULT '',
    terms text,
    terms_hash bytea,
    deliverable_description text,
    total_amount numeric(14, 2) NOT NULL CHECK (total_amount > 0),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    platform_fee numeric(14, 2) NOT NULL DEFAULT 0 CHECK (platform_fee >= 0),
    payout numeric(14, 2) GENERATED ALWAYS AS (total_amount - platform_fee) STORED,
    start_date date,
    deadline date,
    estimated_hours integer CHECK (estimated_hours > 0),
    revisions_allowed integer NOT NULL DEFAULT 0 CHECK (revisions_allowed >= 0),
    revisions_used integer NOT NULL DEFAULT 0 CHECK (revisions_used >= 0),
    status text NOT NULL DEFAULT 'pending_acceptance' CHECK (status IN (
        'pending_payment', 'pending_acceptance', 'active', 'in_review', 'revision_requested',
        'completed', 'cancelled', 'disputed', 'terminated', 'refunded')),
    -- What a dispute found, and its withdrawal restores.
    status_before_dispute text,
    accepted_at timestamptz,
    started_at timestamptz,
    submitted_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (client_id <> freelancer_id),
    CONSTRAINT contracts_platform_fee_part CHECK (platform_fee <= total_amount),
    CONSTRAINT contracts_deadline_order CHECK (deadline >= start_date),
    CONSTRAINT contracts_one_origin CHECK (
        (job_id IS NOT NULL AND proposal_id IS NOT NULL AND gig_id IS NULL)
        OR (gig_id IS NOT NULL AND job_id IS NULL AND proposal_id IS NULL))
);
CREATE INDEX contracts_of_client ON contracts (client_id, created_at DESC, id DESC);
CREATE INDEX contracts_of_freelancer ON contracts (freelancer_id, created_at DESC, id DESC);
CREATE INDEX contracts_of_freelancer_live ON contracts (freelancer_id, status, deadline)
    WHERE status IN ('active', 'in_review');
CREATE INDEX contracts_of_client_live ON contracts (client_id, status, deadline)
    WHERE status IN ('active', 'in_review');
CREATE INDEX contracts_newest ON contracts (created_at DESC, id DESC);
CREATE INDEX contracts_of_job ON contracts (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX contracts_of_gig ON contracts (gig_id) WHERE gig_id IS NOT NULL;

CREATE TABLE contract_members (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL DEFAULT 'member' CHECK (char_length(role) BETWEEN 1 AND 50),
    share_bp integer NOT NULL CHECK (share_bp BETWEEN 0 AND 10000),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (contract_id, user_id)
);
CREATE INDEX contract_members_of_user ON contract_members (user_id, contract_id);

CREATE TABLE contract_extras (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    gig_extra_id uuid REFERENCES gig_extras (id) ON DELETE SET NULL,
    title text NOT NULL,
    price numeric(14, 2) NOT NULL CHECK (price > 0),
    quantity integer NOT NULL DEFAULT 1 CHECK (quantity BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contract_extras_of_contract ON contract_extras (contract_id, id);

CREATE TABLE contract_answers (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    gig_requirement_id uuid REFERENCES gig_requirements (id) ON DELETE SET NULL,
    question text NOT NULL,
    answer text NOT NULL CHECK (char_length(answer) <= 10000),
    file_ids uuid[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contract_answers_of_contract ON contract_answers (contract_id, id);

CREATE TABLE contract_cancellations (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    proposed_by uuid NOT NULL REFERENCES users (id),
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 5000),
    client_amount numeric(14, 2) NOT NULL CHECK (client_amount >= 0),
    freelancer_amount numeric(14, 2) NOT NULL CHECK (freelancer_amount >= 0),
    status text NOT NULL DEFAULT 'proposed'
        CHECK (status IN ('proposed', 'agreed', 'declined', 'withdrawn', 'expired')),
    answered_at timestamptz,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX contract_cancellations_of_contract ON contract_cancellations (contract_id, id);
CREATE UNIQUE INDEX contract_cancellations_one_open ON contract_cancellations (contract_id)
    WHERE status = 'proposed';

CREATE TABLE milestones (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    seq integer NOT NULL CHECK (seq > 0),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    percentage integer CHECK (percentage BETWEEN 1 AND 100),
    due_date timestamptz,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN (
        'pending', 'in_progress', 'submitted', 'approved', 'paid', 'cancelled')),
    funded_at timestamptz,
    submitted_at timestamptz,
    approved_at timestamptz,
    paid_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (contract_id, seq)
);
CREATE INDEX milestones_by_status ON milestones (status, due_date);

CREATE TABLE deliverables (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    milestone_id uuid NOT NULL REFERENCES milestones (id) ON DELETE CASCADE,
    delivery_number integer NOT NULL DEFAULT 1 CHECK (delivery_number > 0),
    title text CHECK (char_length(title) <= 200),
    description text CHECK (char_length(description) <= 10000),
    video_urls jsonb NOT NULL DEFAULT '[]',
    file_ids uuid[] NOT NULL DEFAULT '{}',
    client_feedback text,
    revision_notes text,
    status text NOT NULL DEFAULT 'submitted' CHECK (status IN (
        'submitted', 'under_review', 'approved', 'revision_requested', 'rejected')),
    reviewed_at timestamptz,
    approved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (milestone_id, delivery_number)
);
CREATE INDEX deliverables_of_contract ON deliverables (contract_id, id);
CREATE INDEX deliverables_by_status ON deliverables (status, id);

-- Every transition of every machine; written by the executor, in the change's own transaction.
CREATE TABLE status_history (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    action text,
    from_status text,
    to_status text NOT NULL,
    actor_id uuid REFERENCES users (id) ON DELETE SET NULL,
    note text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX status_history_of_entity ON status_history (entity_type, entity_id, id);

CREATE TABLE agents (
    id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,50}$'),
    name text NOT NULL,
    kind text NOT NULL,
    description text,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tasks (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    client_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    task_type text,
    description text NOT NULL DEFAULT '',
    requirements jsonb NOT NULL DEFAULT '{}',
    required_skills jsonb NOT NULL DEFAULT '[]',
    assignee_id uuid REFERENCES users (id) ON DELETE SET NULL,
    agent_id text REFERENCES agents (id),
    priority integer NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 10),
    estimated_hours integer CHECK (estimated_hours > 0),
    estimated_duration_minutes integer CHECK (estimated_duration_minutes > 0),
    actual_duration_minutes integer CHECK (actual_duration_minutes >= 0),
    completion_percentage integer NOT NULL DEFAULT 0
        CHECK (completion_percentage BETWEEN 0 AND 100),
    output jsonb,
    quality_score real CHECK (quality_score BETWEEN 0 AND 100),
    retry_count integer NOT NULL DEFAULT 0,
    max_retries integer NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
    lease_owner uuid,
    lease_until timestamptz,
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'assigned', 'in_progress', 'completed', 'failed')),
    assigned_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (assignee_id IS NULL OR agent_id IS NULL)
);
CREATE INDEX tasks_of_job ON tasks (job_id, priority DESC, id);
CREATE INDEX tasks_of_client ON tasks (client_id, id);
CREATE INDEX tasks_of_assignee ON tasks (assignee_id, status, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_of_agent ON tasks (agent_id, status) WHERE agent_id IS NOT NULL;
CREATE INDEX tasks_ready ON tasks (status, priority DESC, id) WHERE status = 'pending';

CREATE TABLE task_dependencies (
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    depends_on_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, depends_on_id),
    CHECK (task_id <> depends_on_id)
);
CREATE INDEX task_dependencies_back ON task_dependencies (depends_on_id);

-- A graph of tasks has no circle. The job's lock makes two that would close one together take turns.
CREATE FUNCTION refuse_circle() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM jobs j JOIN tasks t ON t.job_id = j.id
    WHERE t.id = NEW.task_id FOR NO KEY UPDATE OF j;
    IF EXISTS (
        WITH RECURSIVE before(id) AS (
            SELECT NEW.depends_on_id
            UNION
            SELECT d.depends_on_id FROM task_dependencies d JOIN before b ON d.task_id = b.id
        ) SELECT FROM before WHERE id = NEW.task_id
    ) THEN
        RAISE EXCEPTION 'tasks would wait for each other' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'task_dependencies_acyclic';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_dependencies_acyclic BEFORE INSERT OR UPDATE ON task_dependencies
    FOR EACH ROW EXECUTE FUNCTION refuse_circle();

CREATE TABLE agent_runs (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    agent_id text NOT NULL REFERENCES agents (id),
    task_id uuid REFERENCES tasks (id) ON DELETE CASCADE,
    execution_time_seconds integer CHECK (execution_time_seconds >= 0),
    quality_score real CHECK (quality_score BETWEEN 0 AND 100),
    user_feedback_score real CHECK (user_feedback_score BETWEEN 0 AND 100),
    retry_required boolean NOT NULL DEFAULT false,
    error_message text,
    tokens_used integer CHECK (tokens_used >= 0),
    cost numeric(14, 4) CHECK (cost >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX agent_runs_of_agent ON agent_runs (agent_id, created_at DESC);
CREATE INDEX agent_runs_of_task ON agent_runs (task_id, id);

CREATE TABLE task_matches (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    match_score real NOT NULL,
    vector_score real NOT NULL DEFAULT 0,
    graph_score real NOT NULL DEFAULT 0,
    availability_score real NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (task_id, user_id)
);
CREATE INDEX task_matches_of_user ON task_matches (user_id, match_score DESC);

CREATE TABLE ai_analyses (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    kind text NOT NULL CHECK (kind IN ('job', 'team', 'matching', 'github', 'resume')),
    job_id uuid REFERENCES jobs (id) ON DELETE CASCADE,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    input_hash bytea,
    result jsonb NOT NULL DEFAULT '{}',
    provider text,
    error text,
    status text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'ok', 'cached', 'fallback', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX ai_analyses_of_job ON ai_analyses (job_id, kind, id DESC);
CREATE INDEX ai_analyses_of_user ON ai_analyses (user_id, kind, id DESC);
CREATE INDEX ai_analyses_same ON ai_analyses (kind, input_hash) WHERE status = 'ok';

DO $$
BEGIN
    -- An access method of pgvector, since its version 0.5.
    IF NOT EXISTS (SELECT FROM pg_am a WHERE a.amname = 'hnsw') THEN
        RETURN;
    END IF;
    CREATE TABLE embeddings (
        entity_type text NOT NULL
            CHECK (entity_type IN ('job', 'task', 'profile', 'gig', 'repository', 'resume')),
        entity_id uuid NOT NULL,
        model text NOT NULL,
        embedding vector(768) NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (entity_type, entity_id, model)
    );
    CREATE INDEX embeddings_near ON embeddings USING hnsw (embedding vector_cosine_ops);
END $$;
