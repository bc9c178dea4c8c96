-- What of `ahead` is taken for a jump of the clock: pollers notice it as they would notice one of the machine's clock.
ALTER TABLE workflow_clock ADD COLUMN jumped interval NOT NULL DEFAULT '0';
