-- The outbox has a consumer that calls the payment provider.
ALTER TABLE outbox DROP CONSTRAINT outbox_consumer_known;
ALTER TABLE outbox ADD CONSTRAINT outbox_consumer_known
    CHECK (consumer IN ('realtime', 'search', 'notifications', 'copies', 'payments'));
