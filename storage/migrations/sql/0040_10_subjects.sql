-- What notifications are about, as it is now: who is who to it, and what is said of it. By the paths of resources and
-- ids, each once; what is not there any more is absent.
-- `lead_id` is the freelancer of a contract, `owner_id` the person whose row it is, `other_id` whom it is about besides.
-- `title` is its own, `context` that of what it belongs to. `amount` is what it is worth now, of `currency`. `due` is
-- until when it waits for an answer, and `is_answered` whether one came that its status does not tell of.
CREATE FUNCTION notification_subjects(p_types text[], p_ids uuid[]) RETURNS TABLE (
    subject_type text, subject_id uuid, status text, is_answered boolean, client_id uuid, lead_id uuid, owner_id uuid,
    other_id uuid, title text, context text, amount numeric, currency text, due timestamptz
)
LANGUAGE sql STABLE AS $$
    SELECT s.type, s.id, f.*
    FROM (SELECT DISTINCT a.type, a.id FROM unnest(p_types, p_ids) AS a (type, id)) s
    CROSS JOIN LATERAL (
        SELECT c.status, false, NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid, c.title, NULL::text, NULL::numeric,
               NULL::text, NULL::timestamptz
        FROM conversations c WHERE s.type = 'conversations' AND c.id = s.id
        UNION ALL
        SELECT g.status, false, NULL, NULL, g.freelancer_id, NULL, g.title, NULL, NULL, NULL, NULL
        FROM gigs g WHERE s.type = 'gigs' AND g.id = s.id
        UNION ALL
        SELECT j.status, false, NULL, NULL, j.client_id, NULL, j.title, NULL, NULL, NULL, NULL
        FROM jobs j WHERE s.type = 'jobs' AND j.id = s.id
        UNION ALL
        SELECT p.status, false, p.client_id, p.freelancer_id, p.freelancer_id, NULL, j.title, NULL,
               coalesce(proposal_total(p), p.amount), p.currency, NULL
        FROM proposals p JOIN jobs j ON j.id = p.job_id WHERE s.type = 'proposals' AND p.id = s.id
        UNION ALL
        SELECT c.status, false, c.client_id, c.freelancer_id, NULL, NULL, c.title, NULL, c.total_amount, c.currency,
               c.expires_at
        FROM contracts c WHERE s.type = 'contracts' AND c.id = s.id
        UNION ALL
        SELECT m.status, false, c.client_id, c.freelancer_id, m.user_id, NULL, coalesce(m.contract_title, c.title),
               NULL, NULL, NULL, NULL
        FROM contract_members m JOIN contracts c ON c.id = m.contract_id
        WHERE s.type = 'contract-members' AND m.id = s.id
        UNION ALL
        SELECT a.status, false, c.client_id, c.freelancer_id, a.proposed_by, NULL, c.title, NULL, NULL, NULL,
               a.expires_at
        FROM contract_amendments a JOIN contracts c ON c.id = a.contract_id
        WHERE s.type = 'contract-amendments' AND a.id = s.id
        UNION ALL
        SELECT e.status, false, c.client_id, c.freelancer_id, e.proposed_by, NULL, c.title, NULL, NULL, NULL,
               e.expires_at
        FROM contract_cancellations e JOIN contracts c ON c.id = e.contract_id
        WHERE s.type = 'contract-cancellations' AND e.id = s.id
        UNION ALL
        SELECT m.status, false, c.client_id, c.freelancer_id, NULL, NULL, m.title, c.title, m.amount, c.currency, NULL
        FROM milestones m JOIN contracts c ON c.id = m.contract_id WHERE s.type = 'milestones' AND m.id = s.id
        UNION ALL
        SELECT r.status, false, r.client_id, r.freelancer_id, r.user_id, NULL, coalesce(c.title, j.title), NULL,
               CASE WHEN r.status = 'reversed' THEN r.net ELSE r.net - r.refunded + r.refunded_fee END, r.currency,
               NULL
        FROM releases r LEFT JOIN contracts c ON c.id = r.contract_id LEFT JOIN jobs j ON j.id = r.job_id
        WHERE s.type = 'releases' AND r.id = s.id
        UNION ALL
        SELECT f.status, false, r.client_id, r.freelancer_id, r.user_id, NULL, c.title, NULL, f.amount, f.currency,
               NULL
        FROM refunds f JOIN contracts c ON c.id = f.contract_id LEFT JOIN releases r ON r.id = f.release_id
        WHERE s.type = 'refunds' AND f.id = s.id
        UNION ALL
        SELECT d.status, false, NULL, NULL, d.user_id, NULL, NULL, NULL, d.amount, d.currency, NULL
        FROM deposits d WHERE s.type = 'deposits' AND d.id = s.id
        UNION ALL
        SELECT d.status, false, NULL, NULL, d.user_id, NULL, NULL, NULL, d.amount, d.currency, NULL
        FROM deposit_returns d WHERE s.type = 'deposit-returns' AND d.id = s.id
        UNION ALL
        SELECT w.status, false, NULL, NULL, w.user_id, NULL, NULL, NULL, w.amount, w.currency, NULL
        FROM withdrawals w WHERE s.type = 'withdrawals' AND w.id = s.id
        UNION ALL
        SELECT b.status, false, NULL, NULL, NULL, NULL, NULL, NULL, b.total_amount, b.currency, NULL
        FROM payout_batches b WHERE s.type = 'payout-batches' AND b.id = s.id
        UNION ALL
        SELECT d.status, d.answered_at IS NOT NULL, d.client_id, d.freelancer_id, d.raised_by,
               CASE WHEN d.raised_by = d.client_id THEN d.freelancer_id ELSE d.client_id END, d.title, c.title, NULL,
               NULL, d.answer_due_at
        FROM disputes d JOIN contracts c ON c.id = d.contract_id WHERE s.type = 'disputes' AND d.id = s.id
        UNION ALL
        SELECT o.status, false, c.client_id, c.freelancer_id, o.offered_by, NULL, d.title, c.title, NULL, NULL,
               o.expires_at
        FROM dispute_offers o JOIN disputes d ON d.id = o.dispute_id JOIN contracts c ON c.id = o.contract_id
        WHERE s.type = 'dispute-offers' AND o.id = s.id
        UNION ALL
        SELECT i.status, false, NULL, NULL, i.reviewer_id, i.reviewee_id, c.title, NULL, NULL, NULL, i.expires_at
        FROM review_invitations i JOIN contracts c ON c.id = i.contract_id
        WHERE s.type = 'review-invitations' AND i.id = s.id
        UNION ALL
        SELECT r.status, false, NULL, NULL, r.reviewer_id, r.reviewee_id, c.title, NULL, NULL, NULL, NULL
        FROM reviews r JOIN contracts c ON c.id = r.contract_id WHERE s.type = 'reviews' AND r.id = s.id
        UNION ALL
        SELECT t.status, false, NULL, NULL, t.user_id, NULL, t.subject, NULL, NULL, NULL, NULL
        FROM support_tickets t WHERE s.type = 'support-tickets' AND t.id = s.id
        UNION ALL
        SELECT '', false, NULL, NULL, q.user_id, NULL, q.name, NULL, NULL, NULL, NULL
        FROM saved_searches q WHERE s.type = 'saved-searches' AND q.id = s.id
    ) f
$$;
