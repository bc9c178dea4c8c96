-- Takes back what 0037 made.
DROP FUNCTION owes_something(uuid);
DROP FUNCTION setting_amount(text, text);
