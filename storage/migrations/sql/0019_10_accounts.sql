-- The ledger's accounts by the kinds that its postings name, and where the money in them came from. A positive
-- line raises what the platform owes. The version before writes none of these tables.

-- How many decimals an amount has; NULL for a currency that is not dealt in.
CREATE FUNCTION currency_decimals(p_currency text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN p_currency IN ('USD', 'EUR', 'CNY') THEN 2
        WHEN p_currency IN ('JPY', 'KRW') THEN 0
    END
$$;

ALTER TABLE ledger_accounts
    DROP CONSTRAINT ledger_accounts_kind_check,
    DROP CONSTRAINT ledger_accounts_owner,
    DROP CONSTRAINT ledger_accounts_not_negative;
-- What had no origin can be withdrawn: it is nobody's deposit.
UPDATE ledger_accounts SET kind = 'wallet_earned' WHERE kind = 'wallet';
UPDATE ledger_accounts SET balance = 0 WHERE kind IN ('fee', 'cash', 'cost', 'adjustment');
ALTER TABLE ledger_accounts
    ADD CONSTRAINT ledger_accounts_kind_check CHECK (kind IN (
        'wallet_funded', 'wallet_earned', 'pending', 'withdrawing', 'debt',
        'escrow', 'fee', 'cash', 'cost', 'adjustment')),
    ADD CONSTRAINT ledger_accounts_owner CHECK (
        (kind IN ('wallet_funded', 'wallet_earned', 'pending', 'withdrawing', 'debt')) = (user_id IS NOT NULL)
        AND (kind = 'escrow') = (contract_id IS NOT NULL)),
    -- The platform's accounts keep no balance: every release would wait for the row of the fees.
    ADD CONSTRAINT ledger_accounts_sign CHECK (CASE
        WHEN kind = 'debt' THEN balance <= 0
        WHEN kind IN ('fee', 'cash', 'cost', 'adjustment') THEN balance = 0
        ELSE balance >= 0 END);

CREATE TABLE deposits (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    -- What it pays for; a plain top-up names neither.
    contract_id uuid REFERENCES contracts (id),
    milestone_id uuid REFERENCES milestones (id),
    payment_method_id uuid REFERENCES payment_methods (id) ON DELETE SET NULL,
    provider text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 50),
    provider_reference text,
    method text NOT NULL CHECK (char_length(method) BETWEEN 1 AND 50),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    processing_fee numeric(14, 2) NOT NULL DEFAULT 0 CHECK (processing_fee >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- The part of the amount that went back to where it came from.
    returned numeric(14, 2) NOT NULL DEFAULT 0,
    -- What was captured was late or not what was asked: it never served, and its fee goes back with it.
    is_unmatched boolean NOT NULL DEFAULT false,
    action_url text,
    error_message text,
    request_key text,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'captured', 'failed')),
    captured_at timestamptz,
    failed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT deposits_returned_part CHECK (returned BETWEEN 0 AND amount),
    UNIQUE (provider, provider_reference)
);
CREATE UNIQUE INDEX deposits_asked_once ON deposits (user_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX deposits_of_user ON deposits (user_id, created_at DESC, id DESC);
CREATE INDEX deposits_of_contract ON deposits (contract_id, id) WHERE contract_id IS NOT NULL;
CREATE INDEX deposits_of_milestone ON deposits (milestone_id, id) WHERE milestone_id IS NOT NULL;
CREATE INDEX deposits_by_status ON deposits (status, created_at DESC, id DESC);
CREATE INDEX deposits_newest ON deposits (created_at DESC, id DESC);

-- Wallets and escrows keep where their money came from: a deposit, or work (NULL); an escrow also for which
-- milestone it is held. A balance is the sum of its lots.
CREATE TABLE ledger_lots (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES ledger_accounts (id),
    deposit_id uuid REFERENCES deposits (id),
    milestone_id uuid REFERENCES milestones (id),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_lots_once UNIQUE NULLS NOT DISTINCT (account_id, deposit_id, milestone_id)
);
CREATE INDEX ledger_lots_of_deposit ON ledger_lots (deposit_id) WHERE deposit_id IS NOT NULL;
CREATE INDEX ledger_lots_of_milestone ON ledger_lots (milestone_id) WHERE milestone_id IS NOT NULL;
INSERT INTO ledger_lots (id, account_id, currency, amount, created_at)
SELECT uuid7(), a.id, a.currency, a.balance, a.created_at FROM ledger_accounts a
WHERE a.kind IN ('wallet_earned', 'escrow') AND a.balance > 0;

-- A line names the lot that it changes: lots are the sums of lines, as balances are.
ALTER TABLE journal_lines
    ADD COLUMN deposit_id uuid REFERENCES deposits (id),
    ADD COLUMN milestone_id uuid REFERENCES milestones (id);
CREATE INDEX journals_by_day ON journals (created_at);

-- The sums of the platform's accounts by day, made when a day is over: written with each journal, one row a day
-- would be waited for by every release.
CREATE TABLE ledger_daily (
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fee', 'cash', 'cost', 'adjustment')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount numeric(16, 2) NOT NULL,
    PRIMARY KEY (day, kind, currency)
);

CREATE FUNCTION guard_line_fineness() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_decimals integer := currency_decimals(NEW.currency);
BEGIN
    IF v_decimals IS NULL OR round(NEW.amount, v_decimals) <> NEW.amount THEN
        RAISE check_violation USING
            MESSAGE = format('%s is no amount in %s', NEW.amount, NEW.currency),
            COLUMN = 'amount', CONSTRAINT = 'journal_lines_fineness', TABLE = 'journal_lines';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER journal_lines_fineness BEFORE INSERT ON journal_lines
    FOR EACH ROW EXECUTE FUNCTION guard_line_fineness();
