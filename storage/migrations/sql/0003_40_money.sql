-- Money. The ledger's journals and their lines are the truth; escrows, transactions and wallets tell of
-- it. The rules of its workflows come with them; what the tables can hold, they hold here.

CREATE TABLE payment_methods (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 50),
    provider_token text NOT NULL,
    type text NOT NULL CHECK (type IN ('card', 'bank_account', 'paypal', 'crypto', 'alipay', 'wechat')),
    last_four text CHECK (last_four ~ '^[0-9A-Za-z]{1,4}$'),
    brand text,
    expiry_month integer CHECK (expiry_month BETWEEN 1 AND 12),
    expiry_year integer CHECK (expiry_year BETWEEN 2000 AND 2200),
    is_default boolean NOT NULL DEFAULT false,
    is_verified boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (provider, provider_token)
);
CREATE INDEX payment_methods_of_user ON payment_methods (user_id, id);
CREATE UNIQUE INDEX payment_methods_one_default ON payment_methods (user_id) WHERE is_default;

CREATE TABLE payout_methods (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 50),
    provider_account_token text NOT NULL,
    type text NOT NULL
        CHECK (type IN ('bank_transfer', 'paypal', 'stripe', 'crypto', 'alipay', 'wechat')),
    account_name text,
    last_four text CHECK (last_four ~ '^[0-9A-Za-z]{1,4}$'),
    is_default boolean NOT NULL DEFAULT false,
    is_verified boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (provider, provider_account_token)
);
CREATE INDEX payout_methods_of_user ON payout_methods (user_id, id);
CREATE UNIQUE INDEX payout_methods_one_default ON payout_methods (user_id) WHERE is_default;

-- W(u) wallet, P(u) pending, X(u) withdrawing, E(c) escrow and FEE are never negative; CASH, COST and
-- ADJ may be. A positive line raises what the platform owes.
CREATE TABLE ledger_accounts (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    kind text NOT NULL CHECK (
        kind IN ('wallet', 'pending', 'withdrawing', 'escrow', 'fee', 'cash', 'cost', 'adjustment')),
    user_id uuid REFERENCES users (id),
    contract_id uuid REFERENCES contracts (id),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    balance numeric(16, 2) NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_accounts_owner CHECK (
        (kind IN ('wallet', 'pending', 'withdrawing')) = (user_id IS NOT NULL)
        AND (kind = 'escrow') = (contract_id IS NOT NULL)),
    CONSTRAINT ledger_accounts_not_negative CHECK (
        balance >= 0 OR kind IN ('cash', 'cost', 'adjustment'))
);
CREATE UNIQUE INDEX ledger_accounts_once ON ledger_accounts (
    kind, currency, coalesce(user_id, contract_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX ledger_accounts_of_user ON ledger_accounts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ledger_accounts_of_contract ON ledger_accounts (contract_id)
    WHERE contract_id IS NOT NULL;

CREATE TABLE journals (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    business_key text NOT NULL UNIQUE,
    kind text NOT NULL,
    contract_id uuid REFERENCES contracts (id),
    milestone_id uuid REFERENCES milestones (id),
    reverses_id uuid UNIQUE REFERENCES journals (id),
    description text,
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX journals_of_contract ON journals (contract_id, id) WHERE contract_id IS NOT NULL;

CREATE TABLE journal_lines (
    journal_id uuid NOT NULL REFERENCES journals (id),
    line integer NOT NULL,
    account_id uuid NOT NULL REFERENCES ledger_accounts (id),
    amount numeric(14, 2) NOT NULL CHECK (amount <> 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    PRIMARY KEY (journal_id, line)
);
CREATE INDEX journal_lines_of_account ON journal_lines (account_id, journal_id);

CREATE FUNCTION journal_must_balance() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM journal_lines l WHERE l.journal_id = NEW.journal_id
        GROUP BY l.currency HAVING sum(l.amount) <> 0
    ) THEN
        RAISE EXCEPTION 'journal % does not balance', NEW.journal_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'journal_lines_balance';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_lines_balance AFTER INSERT ON journal_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_must_balance();

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'check_violation',
        CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
CREATE TRIGGER journals_append_only BEFORE UPDATE OR DELETE ON journals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_lines_append_only BEFORE UPDATE OR DELETE ON journal_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE transactions (
    id uuid NOT NULL DEFAULT uuid7(),
    type text NOT NULL CHECK (type IN (
        'payment', 'refund', 'payout', 'escrow_hold', 'escrow_release', 'platform_fee',
        'processing_fee', 'tip', 'adjustment', 'certification_fee')),
    payer_id uuid REFERENCES users (id) ON DELETE SET NULL,
    payee_id uuid REFERENCES users (id) ON DELETE SET NULL,
    contract_id uuid REFERENCES contracts (id),
    milestone_id uuid REFERENCES milestones (id),
    job_id uuid REFERENCES jobs (id) ON DELETE SET NULL,
    contract_member_id uuid REFERENCES contract_members (id) ON DELETE SET NULL,
    journal_id uuid REFERENCES journals (id),
    payment_method_id uuid REFERENCES payment_methods (id) ON DELETE SET NULL,
    gross_amount numeric(14, 2) NOT NULL,
    platform_fee numeric(14, 2) NOT NULL DEFAULT 0,
    processing_fee numeric(14, 2) NOT NULL DEFAULT 0,
    creator_fee numeric(14, 2) NOT NULL DEFAULT 0,
    net_amount numeric(14, 2) NOT NULL,
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    provider text,
    provider_transaction_id text,
    chain_hash text,
    details jsonb NOT NULL DEFAULT '{}',
    description text,
    error_message text,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN (
        'pending', 'processing', 'completed', 'failed', 'cancelled', 'refunded')),
    completed_at timestamptz,
    failed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX transactions_of_payer ON transactions (payer_id, created_at DESC, id DESC);
CREATE INDEX transactions_of_payee ON transactions (payee_id, created_at DESC, id DESC);
CREATE INDEX transactions_of_contract ON transactions (contract_id, created_at DESC);
CREATE INDEX transactions_unfinished ON transactions (created_at DESC)
    WHERE status IN ('pending', 'processing');
CREATE INDEX transactions_newest ON transactions (created_at DESC, id DESC);

CREATE TABLE escrows (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL UNIQUE REFERENCES contracts (id),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total_amount numeric(14, 2) NOT NULL DEFAULT 0 CHECK (total_amount >= 0),
    held_amount numeric(14, 2) NOT NULL DEFAULT 0 CHECK (held_amount >= 0),
    released_amount numeric(14, 2) NOT NULL DEFAULT 0 CHECK (released_amount >= 0),
    refunded_amount numeric(14, 2) NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),
    status text NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'releasing', 'released', 'refunding', 'refunded')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT escrows_adds_up CHECK (total_amount = held_amount + released_amount + refunded_amount)
);
CREATE INDEX escrows_by_status ON escrows (status, id);

CREATE TABLE refunds (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    contract_id uuid NOT NULL REFERENCES contracts (id),
    requested_by uuid NOT NULL REFERENCES users (id),
    journal_id uuid REFERENCES journals (id),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 5000),
    attempts integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'requested' CHECK (status IN (
        'requested', 'approved', 'rejected', 'processing', 'succeeded', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX refunds_of_contract ON refunds (contract_id, id);
CREATE INDEX refunds_by_status ON refunds (status, id);

CREATE TABLE payout_batches (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    provider text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total_amount numeric(14, 2) NOT NULL DEFAULT 0,
    withdrawal_count integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'submitted', 'settled', 'partially_failed')),
    submitted_at timestamptz,
    settled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX payout_batches_newest ON payout_batches (created_at DESC, id DESC);

CREATE TABLE withdrawals (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id),
    payout_method_id uuid REFERENCES payout_methods (id) ON DELETE SET NULL,
    payout_batch_id uuid REFERENCES payout_batches (id) ON DELETE SET NULL,
    journal_id uuid REFERENCES journals (id),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    provider_reference text,
    error_message text,
    status text NOT NULL DEFAULT 'requested' CHECK (status IN (
        'requested', 'approved', 'processing', 'paid', 'failed', 'cancelled', 'returned')),
    paid_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX withdrawals_of_user ON withdrawals (user_id, created_at DESC, id DESC);
CREATE INDEX withdrawals_by_status ON withdrawals (status, id);
CREATE INDEX withdrawals_of_batch ON withdrawals (payout_batch_id) WHERE payout_batch_id IS NOT NULL;

-- Half-open tiers [min, max) of the whole amount. Of one kind and currency no two hold at one time.
CREATE TABLE fee_structure (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    kind text NOT NULL DEFAULT 'platform' CHECK (kind IN ('platform', 'creator', 'certification')),
    tier_name text NOT NULL CHECK (char_length(tier_name) BETWEEN 1 AND 50),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    min_amount numeric(14, 2) NOT NULL CHECK (min_amount >= 0),
    max_amount numeric(14, 2),
    platform_fee_percentage numeric(5, 2) NOT NULL
        CHECK (platform_fee_percentage BETWEEN 0 AND 100),
    processing_fee_percentage numeric(5, 2) NOT NULL DEFAULT 0
        CHECK (processing_fee_percentage BETWEEN 0 AND 100),
    fixed_fee numeric(14, 2) NOT NULL DEFAULT 0 CHECK (fixed_fee >= 0),
    effective_from timestamptz NOT NULL,
    effective_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT fee_structure_max_amount_order CHECK (max_amount > min_amount),
    CONSTRAINT fee_structure_effective_until_order CHECK (effective_until > effective_from),
    CONSTRAINT fee_structure_no_overlap EXCLUDE USING gist (
        kind WITH =, currency WITH =,
        numrange(min_amount, max_amount) WITH &&,
        tstzrange(effective_from, effective_until) WITH &&)
);
CREATE INDEX fee_structure_effective ON fee_structure (effective_from, id);

CREATE TABLE provider_events (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    applied_at timestamptz,
    error text,
    UNIQUE (provider, event_id)
);
CREATE INDEX provider_events_unapplied ON provider_events (received_at) WHERE applied_at IS NULL;
