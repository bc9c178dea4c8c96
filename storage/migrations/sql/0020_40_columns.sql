-- What is left of the timers of a row while they are stopped.
ALTER TABLE milestones ADD COLUMN timers_left jsonb;
-- A contract and its conversation refer to each other, and are made in one transaction.
ALTER TABLE contracts ALTER CONSTRAINT contracts_conversation_id_fkey DEFERRABLE INITIALLY DEFERRED;
