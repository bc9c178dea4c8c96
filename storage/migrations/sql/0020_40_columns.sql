-- What is left of the timers of a row while they are stopped.
ALTER TABLE milestones ADD COLUMN timers_left jsonb;
