-- How many answers fell into each bucket of time (fairlead.analysis.histogram); NULL: not told.
ALTER TABLE fairlead.measurements ADD COLUMN buckets bigint[];

-- All that is known of a canary, kept after every look, so that a killed server goes on with it.
ALTER TABLE fairlead.rollouts ADD COLUMN evidence jsonb;
