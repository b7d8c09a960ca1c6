-- What was measured, at four grains. Rows of one span add up: what arrives late is a row of its own.
-- `rolled` rows are contained in a row of the next grain. `seen_s` counts the seconds of the span
-- that a source told about; `sketch` holds the counts of answer times as analysis/sketch.py packs them.
-- Most rows live for two hours and are changed once: vacuum comes early, so that the table stays small.
CREATE TABLE fairlead.rollups (
  app         text NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  component   text NOT NULL,
  source      text NOT NULL,
  grain       integer NOT NULL CHECK (grain IN (1, 60, 3600, 86400)),
  began       timestamptz NOT NULL,
  seen_s      double precision NOT NULL CHECK (seen_s >= 0),
  requests    bigint NOT NULL CHECK (requests >= 0),
  errors      bigint NOT NULL CHECK (errors BETWEEN 0 AND requests),
  total_ms    double precision NOT NULL CHECK (total_ms >= 0),
  sketch      bytea NOT NULL,
  rolled      boolean NOT NULL DEFAULT false
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX rollups_of_place ON fairlead.rollups (app, environment, source, grain, began);
CREATE INDEX rollups_fresh ON fairlead.rollups (grain, app, environment, source, began)
  WHERE NOT rolled;
CREATE INDEX rollups_old ON fairlead.rollups (grain, began) WHERE rolled;
-- What is not contained in another row is all that was ever told.
CREATE INDEX rollups_all ON fairlead.rollups (app, environment, source, release) WHERE NOT rolled;

-- What a counter of an application stood at when it was told last; `process` is who counts.
CREATE TABLE fairlead.told_series (
  series   bytea PRIMARY KEY,
  process  bytea NOT NULL,
  at       timestamptz NOT NULL,
  requests bigint NOT NULL,
  total_ms double precision NOT NULL,
  sketch   bytea NOT NULL
);
CREATE INDEX told_series_of_process ON fairlead.told_series (process, at);

-- Which messages came, so that one that is sent twice counts once.
CREATE TABLE fairlead.told_once (
  digest bytea PRIMARY KEY,
  at     timestamptz NOT NULL
);

-- Which runs were told as traces to whoever keeps them.
CREATE TABLE fairlead.run_traces (
  run text PRIMARY KEY REFERENCES fairlead.runs (id),
  at  timestamptz NOT NULL
);

-- Errors that applications report, told apart by their fingerprint.
CREATE TABLE fairlead.error_groups (
  app           text NOT NULL,
  environment   text NOT NULL,
  fingerprint   text NOT NULL,
  component     text NOT NULL,
  severity      text NOT NULL CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
  title         text NOT NULL,
  events        bigint NOT NULL CHECK (events >= 0),
  first_seen    timestamptz NOT NULL,
  first_release text NOT NULL,
  last_seen     timestamptz NOT NULL,
  last_release  text NOT NULL,
  resolved_at   timestamptz,
  resolved_by   text NOT NULL DEFAULT '',
  reopened_at   timestamptz,
  PRIMARY KEY (app, environment, fingerprint)
);
CREATE INDEX error_groups_newest ON fairlead.error_groups (app, environment, last_seen DESC);

-- How often each release had them; kept longer than the events themselves.
CREATE TABLE fairlead.error_releases (
  app         text NOT NULL,
  environment text NOT NULL,
  fingerprint text NOT NULL,
  release     text NOT NULL,
  events      bigint NOT NULL CHECK (events >= 0),
  first_seen  timestamptz NOT NULL,
  last_seen   timestamptz NOT NULL,
  PRIMARY KEY (app, environment, fingerprint, release)
);

-- Single events; `id` is the reporter's or made here, so that one that is sent twice counts once.
CREATE TABLE fairlead.error_events (
  app         text NOT NULL,
  environment text NOT NULL,
  id          uuid NOT NULL,
  fingerprint text NOT NULL,
  release     text NOT NULL,
  component   text NOT NULL,
  severity    text NOT NULL,
  at          timestamptz NOT NULL,
  message     text NOT NULL,
  stack       text NOT NULL,
  metadata    jsonb NOT NULL,
  PRIMARY KEY (app, environment, id)
);
CREATE INDEX error_events_of_group ON fairlead.error_events (app, environment, fingerprint, at DESC);
CREATE INDEX error_events_newest ON fairlead.error_events (app, environment, at DESC);
CREATE INDEX error_events_oldest ON fairlead.error_events (at);

-- Keys that may report errors of one environment and do nothing else; only their digest is kept.
CREATE TABLE fairlead.error_keys (
  project     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest      text NOT NULL UNIQUE,
  app         text NOT NULL,
  environment text NOT NULL,
  made_by     text NOT NULL,
  made_at     timestamptz NOT NULL,
  revoked_at  timestamptz
);

-- What is to be told to whom. A message is kept with what it tells about, in one transaction, and
-- sent until somebody has taken it or it is too old to matter. `secret` names the secret that holds
-- the channel's address.
CREATE TABLE fairlead.outbox (
  effect     text PRIMARY KEY,
  at         timestamptz NOT NULL,
  channel    text NOT NULL,
  secret     text NOT NULL,
  subject    text NOT NULL,
  body       jsonb NOT NULL,
  due_at     timestamptz NOT NULL,
  attempts   integer NOT NULL DEFAULT 0,
  sent_at    timestamptz,
  given_up_at timestamptz,
  last_error text NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON fairlead.outbox (due_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- What the watch has done: one way back a release, and the time that it keeps quiet after it. `run`
-- is empty where the release could not go back; `told_at` is when it was told how the run ended.
CREATE TABLE fairlead.watch_actions (
  app         text NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  at          timestamptz NOT NULL,
  run         text NOT NULL DEFAULT '',
  because     text NOT NULL,
  told_at     timestamptz,
  PRIMARY KEY (app, environment, release)
);

-- How large the database of an environment and its largest tables were; of the whole `relation` is
-- empty. The first sizes of a day and of an hour are of a coarser grain, and kept for longer.
CREATE TABLE fairlead.database_sizes (
  app         text NOT NULL,
  environment text NOT NULL,
  relation    text NOT NULL,
  at          timestamptz NOT NULL,
  grain       integer NOT NULL CHECK (grain IN (600, 3600, 86400)),
  bytes       bigint NOT NULL CHECK (bytes >= 0),
  PRIMARY KEY (app, environment, at, relation)
);
CREATE INDEX database_sizes_oldest ON fairlead.database_sizes (grain, at);

GRANT SELECT, INSERT, DELETE ON fairlead.database_sizes TO fairlead_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  fairlead.rollups, fairlead.told_series, fairlead.told_once, fairlead.run_traces,
  fairlead.error_groups, fairlead.error_releases, fairlead.error_events, fairlead.error_keys,
  fairlead.outbox, fairlead.watch_actions TO fairlead_server;

-- Deployments that others have done are told to us: one of theirs may have the same name in several
-- apps and environments.
ALTER TABLE fairlead.deployment_audit
  DROP CONSTRAINT deployment_audit_deployment_id_deployment_type_deployment_s_key,
  ADD CONSTRAINT deployment_audit_once
    UNIQUE (app, deployment_id, environment, deployment_type, deployment_status);
