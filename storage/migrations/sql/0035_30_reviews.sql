-- Reviews of contracts for which next to nothing was paid would be stars for cents.
INSERT INTO platform_settings (key, value, description, is_public, value_type, minimum, maximum) VALUES
    ('review_least_amount', '5',
     'A contract is reviewed if at least so many whole units were paid for it; hundreds of a currency without cents',
     true, 'integer', 0, 1000000);
