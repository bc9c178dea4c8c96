-- What the platform takes.

-- name: tiers
-- The tiers of a currency ($1) that are in force at a time ($2).
SELECT f.min_amount, f.max_amount, f.platform_fee_percentage, f.processing_fee_percentage, f.fixed_fee
FROM fee_structure f
WHERE f.kind = 'platform' AND f.currency = $1 AND f.effective_from <= $2
  AND coalesce(f.effective_until > $2, true)
ORDER BY f.min_amount
