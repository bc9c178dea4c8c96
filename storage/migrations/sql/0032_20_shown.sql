-- Figures and times that are shown say what is so, and nothing where nothing is.

-- Nobody is late before anything was due, and nobody fails before anything has ended.
ALTER TABLE freelancer_profiles
    ALTER COLUMN success_rate DROP NOT NULL, ALTER COLUMN success_rate DROP DEFAULT,
    ALTER COLUMN on_time_rate DROP NOT NULL, ALTER COLUMN on_time_rate DROP DEFAULT;
UPDATE freelancer_profiles p SET success_rate = NULL
WHERE p.success_rate = 0 AND NOT EXISTS (
    SELECT FROM contracts c JOIN milestones m ON m.contract_id = c.id
    WHERE c.freelancer_id = p.user_id AND c.status IN ('completed', 'refunded', 'cancelled', 'terminated')
      AND m.funded_at IS NOT NULL);
UPDATE freelancer_profiles p SET on_time_rate = NULL
WHERE p.on_time_rate = 0 AND NOT EXISTS (
    SELECT FROM contracts c JOIN milestones m ON m.contract_id = c.id
    WHERE c.freelancer_id = p.user_id AND m.status = 'paid' AND m.due_date IS NOT NULL);

-- How much of a contract's total a milestone reaches, with those before it. What was said before an amendment.
UPDATE milestones m SET percentage = s.reached
FROM (
    SELECT o.id, greatest(1, round(100 * sum(o.amount) OVER (PARTITION BY o.contract_id ORDER BY o.seq)
                                   / sum(o.amount) OVER (PARTITION BY o.contract_id)))::integer AS reached
    FROM milestones o
) s
WHERE s.id = m.id AND m.percentage <> s.reached;

-- Nothing is approved by itself while a contract is disputed, and an answer that was given is not due.
UPDATE milestones m SET auto_approve_at = NULL
FROM contracts c WHERE c.id = m.contract_id AND c.status = 'disputed' AND m.auto_approve_at IS NOT NULL;
UPDATE disputes SET answer_due_at = NULL
WHERE answer_due_at IS NOT NULL AND (answered_at IS NOT NULL OR status = 'closed');

-- Until when a contract waits to be paid for, or to be accepted.
ALTER TABLE contracts ADD COLUMN expires_at timestamptz;
CREATE FUNCTION keep_contract_expiry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    NEW.expires_at := NEW.created_at + CASE NEW.status
        WHEN 'pending_payment' THEN setting_length('gig_payment_minutes')
        WHEN 'pending_acceptance' THEN setting_length('contract_acceptance_days') END;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_expiry BEFORE INSERT OR UPDATE OF status ON contracts
    FOR EACH ROW EXECUTE FUNCTION keep_contract_expiry();
UPDATE contracts SET expires_at = created_at + setting_length('gig_payment_minutes')
WHERE status = 'pending_payment';
UPDATE contracts SET expires_at = created_at + setting_length('contract_acceptance_days')
WHERE status = 'pending_acceptance';

-- From when a payout method may be paid to: as it was told when the method was made.
ALTER TABLE payout_methods ADD COLUMN usable_at timestamptz NOT NULL DEFAULT now();
UPDATE payout_methods SET usable_at = created_at + setting_length('payout_method_hours');
CREATE FUNCTION keep_payout_method_usable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    NEW.usable_at := NEW.created_at + setting_length('payout_method_hours');
    RETURN NEW;
END $$;
CREATE TRIGGER payout_methods_usable BEFORE INSERT OR UPDATE OF created_at ON payout_methods
    FOR EACH ROW EXECUTE FUNCTION keep_payout_method_usable();
