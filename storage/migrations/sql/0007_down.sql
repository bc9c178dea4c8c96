-- Filled by the change that follows.
SELECT 1;
