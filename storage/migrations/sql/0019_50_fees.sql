-- What the platform takes from the first day on; an admin changes the rows. Where one of the kind and currency is
-- there already, the admin's hold.
INSERT INTO fee_structure (kind, tier_name, currency, min_amount, max_amount, platform_fee_percentage,
                           processing_fee_percentage, effective_from)
SELECT t.kind, t.tier_name, t.currency, t.min_amount, t.max_amount, t.percentage, t.processing, '2020-01-01T00:00Z'
FROM (
    SELECT 'platform' AS kind, 'All' AS tier_name, c AS currency, 0::numeric AS min_amount,
           NULL::numeric AS max_amount, 10 AS percentage, 3 AS processing
    FROM unnest(ARRAY['USD', 'EUR', 'CNY', 'JPY']) c
    UNION ALL
    SELECT 'creator', 'Smaller', c, 0, CASE c WHEN 'JPY' THEN 150000 ELSE 1000 END, 10, 0
    FROM unnest(ARRAY['USD', 'EUR', 'CNY', 'JPY']) c
    UNION ALL
    SELECT 'creator', 'Larger', c, CASE c WHEN 'JPY' THEN 150000 ELSE 1000 END, NULL, 8, 0
    FROM unnest(ARRAY['USD', 'EUR', 'CNY', 'JPY']) c
) t
WHERE NOT EXISTS (SELECT FROM fee_structure f WHERE f.kind = t.kind AND f.currency = t.currency);
