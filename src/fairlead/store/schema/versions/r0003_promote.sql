-- A person may send a canary on that waits at its horizon: from one weight, in one environment,
-- once, however often it is asked.
ALTER TABLE fairlead.intentions DROP CONSTRAINT intentions_kind_check;
ALTER TABLE fairlead.intentions
  ADD CONSTRAINT intentions_kind_check CHECK (kind IN ('stop', 'rollback', 'promote')),
  ADD COLUMN environment text NOT NULL DEFAULT '',
  ADD COLUMN weight integer NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX intentions_promote ON fairlead.intentions (run, environment, weight)
  WHERE kind = 'promote';
