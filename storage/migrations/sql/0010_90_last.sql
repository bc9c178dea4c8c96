-- Locks conversations against everybody, hence it comes last in the step.

-- Served the count of direct conversations, which strangers_reached replaces.
DROP INDEX conversations_direct_opened;
