-- What proposals, orders and the contracts that come of them ask besides rows by their keys.

-- name: lock_proposals
-- Locks the proposals of the job $1 that wait for an answer: their authors could still change them.
SELECT p.* FROM proposals p WHERE p.job_id = $1 AND p.status IN ('pending', 'shortlisted')
ORDER BY p.id FOR NO KEY UPDATE

-- name: returning
-- The proposals that were rejected for the contract $1 and may be accepted once it is lost.
SELECT p.id FROM proposals p JOIN users u ON u.id = p.freelancer_id
WHERE p.rejected_by = $1 AND p.status = 'rejected' AND u.status = 'active'
  AND NOT EXISTS (
      SELECT FROM user_blocks b
      WHERE (b.blocker_id = p.client_id AND b.blocked_id = p.freelancer_id)
         OR (b.blocker_id = p.freelancer_id AND b.blocked_id = p.client_id))
