-- What is renewed: one grant for each member. It lives until its deadline, by
-- the machine's clock in nanoseconds since 1970. Once a call has seen it over,
-- the deadline is 0, for ever, even if somebody sets the clock back. Then it
-- is kept only for the leases that it left behind.
CREATE TABLE IF NOT EXISTS grants (
	id          TEXT PRIMARY KEY,
	member      TEXT NOT NULL,
	incarnation TEXT NOT NULL,
	deadline    INTEGER NOT NULL,
	changes     INTEGER NOT NULL DEFAULT 0,
	leases      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX IF NOT EXISTS grants_by_deadline ON grants (deadline, leases);

-- At most one row for a name: here it is the database that says no to a second
-- lease, whatever the code around it does.
CREATE TABLE IF NOT EXISTS leases (
	name       TEXT PRIMARY KEY,
	message_id TEXT NOT NULL,
	grant_id   TEXT NOT NULL,
	token      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS leases_by_grant ON leases (grant_id, token);

-- The last token that was drawn, for any name.
CREATE TABLE IF NOT EXISTS counter (
	only  INTEGER PRIMARY KEY CHECK (only = 1),
	token INTEGER NOT NULL
) STRICT;

-- Every change of a grant's leases is counted, whoever makes it: a row that an
-- operator deletes by hand too.
CREATE TRIGGER IF NOT EXISTS lease_added AFTER INSERT ON leases BEGIN
	UPDATE grants SET changes = changes + 1, leases = leases + 1 WHERE id = NEW.grant_id;
END;

CREATE TRIGGER IF NOT EXISTS lease_removed AFTER DELETE ON leases BEGIN
	UPDATE grants SET changes = changes + 1, leases = leases - 1 WHERE id = OLD.grant_id;
END;

-- No lease outlives its grant.
CREATE TRIGGER IF NOT EXISTS grant_removed AFTER DELETE ON grants BEGIN
	DELETE FROM leases WHERE grant_id = OLD.id;
END;
