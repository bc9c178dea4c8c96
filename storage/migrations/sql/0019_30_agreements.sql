-- What parties agree on about money: teams, amendments, splits, a dispute's two sides.

ALTER TABLE contract_members
    ADD COLUMN status text NOT NULL DEFAULT 'accepted'
        CHECK (status IN ('invited', 'accepted', 'declined', 'left')),
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN version integer NOT NULL DEFAULT 1;

-- The freelancer is a member and holds what accepted others do not. Of a contract without any there is nothing to
-- add up: all is the freelancer's.
CREATE FUNCTION members_must_hold_all() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_contract uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.contract_id ELSE NEW.contract_id END;
BEGIN
    IF EXISTS (
        SELECT FROM contract_members m WHERE m.contract_id = v_contract
        HAVING count(*) > 0 AND coalesce(sum(m.share_bp) FILTER (WHERE m.status = 'accepted'), 0) <> 10000
    ) THEN
        RAISE check_violation USING
            MESSAGE = 'the shares of accepted members must add up to 10000',
            COLUMN = 'share_bp', CONSTRAINT = 'contract_members_hold_all', TABLE = 'contract_members';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER contract_members_hold_all AFTER INSERT OR UPDATE OR DELETE ON contract_members
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_must_hold_all();

ALTER TABLE contracts
    -- After an amendment: what was released, and taken as fees, before it. Later fees count from there.
    ADD COLUMN fee_base_released numeric(14, 2) NOT NULL DEFAULT 0 CHECK (fee_base_released >= 0),
    ADD COLUMN fee_base_taken numeric(14, 2) NOT NULL DEFAULT 0 CHECK (fee_base_taken >= 0);
-- A proposal whose contract was lost can be accepted once more.
ALTER TABLE contracts DROP CONSTRAINT contracts_proposal_id_key;
CREATE UNIQUE INDEX contracts_one_live_of_proposal ON contracts (proposal_id)
    WHERE status NOT IN ('cancelled', 'terminated', 'refunded');
CREATE INDEX contracts_of_proposal ON contracts (proposal_id) WHERE proposal_id IS NOT NULL;
-- The contract for which it was rejected: those return when that contract is lost.
ALTER TABLE proposals ADD COLUMN rejected_by uuid REFERENCES contracts (id) ON DELETE SET NULL;
CREATE INDEX proposals_rejected_by ON proposals (rejected_by) WHERE rejected_by IS NOT NULL;

ALTER TABLE milestones
    ADD COLUMN released numeric(14, 2) NOT NULL DEFAULT 0 CHECK (released >= 0),
    ADD COLUMN refunded numeric(14, 2) NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    ADD COLUMN sent_back_at timestamptz,
    ADD COLUMN auto_approve_at timestamptz;

CREATE TABLE contract_amendments (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    proposed_by uuid NOT NULL REFERENCES users (id),
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 5000),
    -- A list of changes: of pending milestones the amount, of any the date and title; new ones.
    milestones jsonb NOT NULL DEFAULT '[]',
    scope_of_work text CHECK (char_length(scope_of_work) <= 20000),
    deadline date,
    total_amount numeric(14, 2) NOT NULL CHECK (total_amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status text NOT NULL DEFAULT 'proposed'
        CHECK (status IN ('proposed', 'accepted', 'declined', 'withdrawn', 'expired')),
    answered_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX contract_amendments_of_contract ON contract_amendments (contract_id, id);
CREATE INDEX contract_amendments_by_status ON contract_amendments (status, created_at DESC, id DESC);
CREATE INDEX contract_amendments_newest ON contract_amendments (created_at DESC, id DESC);
CREATE INDEX contract_amendments_of_proposer ON contract_amendments (proposed_by, id);
CREATE UNIQUE INDEX contract_amendments_one_open ON contract_amendments (contract_id) WHERE status = 'proposed';

-- The raiser's split and the other side's answer: sums, whose items are in split_items.
ALTER TABLE disputes
    ADD COLUMN raiser_client_amount numeric(14, 2) CHECK (raiser_client_amount >= 0),
    ADD COLUMN raiser_freelancer_amount numeric(14, 2) CHECK (raiser_freelancer_amount >= 0),
    ADD COLUMN raiser_goes_on boolean NOT NULL DEFAULT false,
    ADD COLUMN answer text CHECK (char_length(answer) BETWEEN 1 AND 20000),
    ADD COLUMN answer_file_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(answer_file_ids) <= 20),
    ADD COLUMN answer_client_amount numeric(14, 2) CHECK (answer_client_amount >= 0),
    ADD COLUMN answer_freelancer_amount numeric(14, 2) CHECK (answer_freelancer_amount >= 0),
    ADD COLUMN answer_goes_on boolean NOT NULL DEFAULT false,
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN answer_due_at timestamptz,
    ADD COLUMN escalated_at timestamptz,
    -- Whether milestones that were not funded go on after its end.
    ADD COLUMN goes_on boolean NOT NULL DEFAULT false,
    ADD COLUMN outcome text CHECK (outcome IN ('resolved', 'settled', 'withdrawn', 'unanswered', 'mean'));
CREATE TRIGGER disputes_answer_files_owned AFTER INSERT OR UPDATE OF answer_file_ids ON disputes
    FOR EACH ROW WHEN (NEW.answer_file_ids <> '{}') EXECUTE FUNCTION guard_files('answer_file_ids');

CREATE TABLE dispute_offers (
    id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES disputes (id) ON DELETE CASCADE,
    contract_id uuid NOT NULL REFERENCES contracts (id),
    offered_by uuid NOT NULL REFERENCES users (id),
    message text CHECK (char_length(message) <= 5000),
    client_amount numeric(14, 2) NOT NULL CHECK (client_amount >= 0),
    freelancer_amount numeric(14, 2) NOT NULL CHECK (freelancer_amount >= 0),
    goes_on boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'offered'
        CHECK (status IN ('offered', 'accepted', 'declined', 'withdrawn', 'expired')),
    answered_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX dispute_offers_of_dispute ON dispute_offers (dispute_id, id);
CREATE INDEX dispute_offers_of_contract ON dispute_offers (contract_id, id);
CREATE INDEX dispute_offers_of_offerer ON dispute_offers (offered_by, id);
CREATE INDEX dispute_offers_by_status ON dispute_offers (status, created_at DESC, id DESC);
CREATE INDEX dispute_offers_newest ON dispute_offers (created_at DESC, id DESC);

-- Who gets what of one milestone in escrow, or of one release that has not cleared: gross amounts.
CREATE TABLE split_items (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contracts (id),
    cancellation_id uuid REFERENCES contract_cancellations (id) ON DELETE CASCADE,
    dispute_id uuid REFERENCES disputes (id) ON DELETE CASCADE,
    side text CHECK (side IN ('raiser', 'answer', 'resolution')),
    offer_id uuid REFERENCES dispute_offers (id) ON DELETE CASCADE,
    milestone_id uuid REFERENCES milestones (id),
    release_id uuid REFERENCES releases (id),
    client_amount numeric(14, 2) NOT NULL CHECK (client_amount >= 0),
    freelancer_amount numeric(14, 2) NOT NULL CHECK (freelancer_amount >= 0),
    created_at timestamptz NOT NULL,
    CONSTRAINT split_items_of_one CHECK (num_nonnulls(cancellation_id, dispute_id, offer_id) = 1),
    CONSTRAINT split_items_side CHECK ((side IS NULL) = (dispute_id IS NULL)),
    CONSTRAINT split_items_about_one CHECK (num_nonnulls(milestone_id, release_id) = 1),
    CONSTRAINT split_items_once UNIQUE NULLS NOT DISTINCT
        (cancellation_id, dispute_id, side, offer_id, milestone_id, release_id)
);
CREATE INDEX split_items_of_contract ON split_items (contract_id, id);
CREATE INDEX split_items_of_dispute ON split_items (dispute_id) WHERE dispute_id IS NOT NULL;
CREATE INDEX split_items_of_offer ON split_items (offer_id) WHERE offer_id IS NOT NULL;
CREATE INDEX split_items_of_milestone ON split_items (milestone_id) WHERE milestone_id IS NOT NULL;
CREATE INDEX split_items_of_release ON split_items (release_id) WHERE release_id IS NOT NULL;
CREATE INDEX split_items_newest ON split_items (created_at DESC, id DESC);

-- Files of an answer are kept like those of the other columns that name some.
CREATE INDEX disputes_answer_files ON disputes USING gin (answer_file_ids) WHERE answer_file_ids <> '{}';
CREATE TRIGGER disputes_answer_files_named BEFORE INSERT OR UPDATE OF answer_file_ids ON disputes
    FOR EACH ROW EXECUTE FUNCTION name_files('answer_file_ids');
CREATE TRIGGER disputes_answer_files_released AFTER DELETE OR UPDATE OF answer_file_ids ON disputes
    FOR EACH ROW EXECUTE FUNCTION release_files('answer_file_ids');
CREATE OR REPLACE FUNCTION is_file_in_rows(p_file uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM jobs r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM proposals r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM portfolio_items r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM deliverables r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM contract_answers r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM disputes r
                   WHERE r.evidence_file_ids @> ARRAY[p_file] AND r.evidence_file_ids <> '{}')
        OR EXISTS (SELECT FROM disputes r
                   WHERE r.answer_file_ids @> ARRAY[p_file] AND r.answer_file_ids <> '{}')
        OR EXISTS (SELECT FROM support_tickets r
                   WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM identity_verifications r
                   WHERE r.document_file_ids @> ARRAY[p_file] AND r.document_file_ids <> '{}')
        OR EXISTS (SELECT FROM data_requests r WHERE r.result_file_id = p_file)
$$;
