-- Who has asked for a refund can take that back.
ALTER TABLE refunds
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check
        CHECK (status IN ('requested', 'approved', 'rejected', 'withdrawn', 'succeeded'));

INSERT INTO platform_settings (key, value, description, is_public, value_type, minimum, maximum) VALUES
    ('deposit_largest_amount', '50000',
     'A payment into a wallet is at most so many whole units of its currency, or a hundred times as many where it has no decimals', true,
     'integer', 1, 1000000000);
