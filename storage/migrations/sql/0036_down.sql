-- Takes back what 0036 made.
DROP INDEX contracts_unpaid;
DROP FUNCTION setting_number(text);
DELETE FROM platform_settings
WHERE key IN ('repeats_per_day', 'unpaid_orders', 'unpaid_orders_per_gig', 'withdrawal_least_amount');
