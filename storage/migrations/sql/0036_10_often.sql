-- What nobody may do without end: ask the same of who has said no, order without paying, withdraw by the cent.
INSERT INTO platform_settings (key, value, description, is_public, value_type, minimum, maximum) VALUES
    ('repeats_per_day', '5', 'What was declined or taken back is asked for so many times a day', true,
     'integer', 1, 1000),
    ('unpaid_orders', '25', 'So many orders of a client may wait to be paid', true, 'integer', 1, 1000),
    ('unpaid_orders_per_gig', '5', 'So many orders of one gig by a client may wait to be paid', true,
     'integer', 1, 1000),
    ('withdrawal_least_amount', '1',
     'A withdrawal is of at least so many whole units of its currency, or a hundred times as many where it has no decimals; less only where it is all that was earned',
     true, 'integer', 0, 1000000);

-- A setting that is a number; NULL where there is none.
CREATE FUNCTION setting_number(p_key text) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT (s.value #>> '{}')::numeric FROM platform_settings s WHERE s.key = p_key
$$;

CREATE INDEX contracts_unpaid ON contracts (client_id, gig_id) WHERE status = 'pending_payment';
