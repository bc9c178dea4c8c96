-- What money does after it was held: released, cleared, given back, returned to its source.

CREATE TABLE deposit_returns (
    id uuid PRIMARY KEY,
    deposit_id uuid NOT NULL REFERENCES deposits (id),
    user_id uuid NOT NULL REFERENCES users (id),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    -- The part of the processing fee that goes back too.
    processing_fee numeric(14, 2) NOT NULL DEFAULT 0 CHECK (processing_fee >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    provider_reference text,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error_message text,
    request_key text,
    status text NOT NULL DEFAULT 'requested' CHECK (status IN ('requested', 'processing', 'succeeded', 'failed')),
    settled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX deposit_returns_asked_once ON deposit_returns (user_id, request_key)
    WHERE request_key IS NOT NULL;
CREATE INDEX deposit_returns_of_deposit ON deposit_returns (deposit_id, id);
CREATE INDEX deposit_returns_of_user ON deposit_returns (user_id, created_at DESC, id DESC);
CREATE INDEX deposit_returns_by_status ON deposit_returns (status, created_at DESC, id DESC);
CREATE INDEX deposit_returns_newest ON deposit_returns (created_at DESC, id DESC);

-- One a member of a team and milestone; a tip; what an external platform paid.
CREATE TABLE releases (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('milestone', 'tip', 'external')),
    contract_id uuid REFERENCES contracts (id),
    milestone_id uuid REFERENCES milestones (id),
    job_id uuid REFERENCES jobs (id),
    -- The contract's parties: who may read a row must be told by the row itself.
    client_id uuid REFERENCES users (id),
    freelancer_id uuid NOT NULL REFERENCES users (id),
    -- Who is paid: the freelancer or a member of the team.
    user_id uuid NOT NULL REFERENCES users (id),
    journal_id uuid NOT NULL REFERENCES journals (id),
    gross numeric(14, 2) NOT NULL CHECK (gross > 0),
    fee numeric(14, 2) NOT NULL CHECK (fee >= 0),
    net numeric(14, 2) GENERATED ALWAYS AS (gross - fee) STORED,
    -- What of gross and fee was given back.
    refunded numeric(14, 2) NOT NULL DEFAULT 0,
    refunded_fee numeric(14, 2) NOT NULL DEFAULT 0,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    request_key text,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'frozen', 'cleared', 'reversed')),
    clears_at timestamptz,
    -- While it is frozen: what is left of its time.
    clears_in_s bigint CHECK (clears_in_s >= 0),
    cleared_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT releases_fee_part CHECK (fee <= gross),
    CONSTRAINT releases_refunded_part CHECK (refunded BETWEEN 0 AND gross),
    CONSTRAINT releases_refunded_fee_part CHECK (refunded_fee BETWEEN 0 AND fee AND refunded_fee <= refunded),
    CONSTRAINT releases_of_something CHECK (CASE kind
        WHEN 'milestone' THEN contract_id IS NOT NULL AND milestone_id IS NOT NULL AND client_id IS NOT NULL
        WHEN 'tip' THEN contract_id IS NOT NULL AND milestone_id IS NULL AND client_id IS NOT NULL
        ELSE job_id IS NOT NULL AND contract_id IS NULL END)
);
CREATE UNIQUE INDEX releases_once ON releases (milestone_id, user_id) WHERE milestone_id IS NOT NULL;
CREATE UNIQUE INDEX releases_asked_once ON releases (client_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX releases_of_contract ON releases (contract_id, id) WHERE contract_id IS NOT NULL;
CREATE INDEX releases_of_client ON releases (client_id, created_at DESC, id DESC) WHERE client_id IS NOT NULL;
CREATE INDEX releases_of_freelancer ON releases (freelancer_id, created_at DESC, id DESC);
CREATE INDEX releases_of_user ON releases (user_id, created_at DESC, id DESC);
CREATE INDEX releases_of_job ON releases (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX releases_of_milestone ON releases (milestone_id);
CREATE INDEX releases_uncleared ON releases (user_id, currency) WHERE status IN ('pending', 'frozen');
CREATE INDEX releases_by_status ON releases (status, created_at DESC, id DESC);
CREATE INDEX releases_newest ON releases (created_at DESC, id DESC);

-- The client's lots that a release was paid from, which a refund of it returns to.
CREATE TABLE release_lots (
    id uuid PRIMARY KEY,
    release_id uuid NOT NULL REFERENCES releases (id),
    deposit_id uuid REFERENCES deposits (id),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    returned numeric(14, 2) NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT release_lots_returned_part CHECK (returned BETWEEN 0 AND amount),
    CONSTRAINT release_lots_once UNIQUE NULLS NOT DISTINCT (release_id, deposit_id)
);
CREATE INDEX release_lots_of_deposit ON release_lots (deposit_id) WHERE deposit_id IS NOT NULL;

CREATE TABLE chargebacks (
    id uuid PRIMARY KEY,
    deposit_id uuid NOT NULL REFERENCES deposits (id),
    user_id uuid NOT NULL REFERENCES users (id),
    provider text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 50),
    provider_reference text NOT NULL,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason text,
    status text NOT NULL DEFAULT 'opened' CHECK (status IN ('opened', 'won', 'lost')),
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (provider, provider_reference)
);
CREATE INDEX chargebacks_of_deposit ON chargebacks (deposit_id, id);
CREATE INDEX chargebacks_of_user ON chargebacks (user_id, id);

ALTER TABLE escrows ADD COLUMN charged_back numeric(14, 2) NOT NULL DEFAULT 0 CHECK (charged_back >= 0);
ALTER TABLE escrows DROP CONSTRAINT escrows_adds_up;
ALTER TABLE escrows ADD CONSTRAINT escrows_adds_up
    CHECK (total_amount = held_amount + released_amount + refunded_amount + charged_back);
ALTER TABLE refunds ADD COLUMN release_id uuid REFERENCES releases (id);
CREATE INDEX refunds_of_release ON refunds (release_id, id);
ALTER TABLE withdrawals ADD COLUMN request_key text;
CREATE UNIQUE INDEX withdrawals_asked_once ON withdrawals (user_id, request_key) WHERE request_key IS NOT NULL;
