-- How many errors each release had in a minute; single events are let go of earlier.
CREATE TABLE fairlead.error_minutes (
  app         text NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  began       timestamptz NOT NULL,
  events      bigint NOT NULL CHECK (events >= 0),
  PRIMARY KEY (app, environment, began, release)
);
CREATE INDEX error_minutes_oldest ON fairlead.error_minutes (began);
INSERT INTO fairlead.error_minutes
  SELECT app, environment, release, date_trunc('minute', at), count(*)
  FROM fairlead.error_events GROUP BY 1, 2, 3, 4;
GRANT SELECT, INSERT, UPDATE, DELETE ON fairlead.error_minutes TO fairlead_server;
