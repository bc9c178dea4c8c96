-- A token is one's own once: whether somebody else has it too is not told, and two people may share an account.
ALTER TABLE payment_methods DROP CONSTRAINT payment_methods_provider_provider_token_key;
ALTER TABLE payment_methods ADD CONSTRAINT payment_methods_user_id_provider_provider_token_key
    UNIQUE (user_id, provider, provider_token);
ALTER TABLE payout_methods DROP CONSTRAINT payout_methods_provider_provider_account_token_key;
ALTER TABLE payout_methods ADD CONSTRAINT payout_methods_user_id_provider_provider_account_token_key
    UNIQUE (user_id, provider, provider_account_token);
