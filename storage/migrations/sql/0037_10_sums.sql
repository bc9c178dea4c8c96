-- How much a setting is in a currency: so many whole units, a hundred times as many where it has no decimals.
CREATE FUNCTION setting_amount(p_key text, p_currency text) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT setting_number(p_key) * CASE currency_decimals(p_currency) WHEN 0 THEN 100 ELSE 1 END
$$;

-- Whether a user owes the platform money, in any currency.
CREATE FUNCTION owes_something(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM ledger_accounts a WHERE a.user_id = p_user AND a.kind = 'debt' AND a.balance < 0)
$$;
