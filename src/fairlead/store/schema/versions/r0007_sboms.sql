-- What a release is made of: CycloneDX, byte for byte; `digest` is the SHA-256 (hex) of these bytes.
CREATE TABLE fairlead.sboms (
  app        text NOT NULL,
  release    text NOT NULL,
  document   text NOT NULL,
  digest     text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (app, release),
  FOREIGN KEY (app, release) REFERENCES fairlead.releases (app, id)
);
-- Written once, as releases are.
GRANT SELECT, INSERT ON fairlead.sboms TO fairlead_server;
