package conn

import "github.com/redis/go-redis/v9"

// ReadOnly is the same lane, over which scripts run as EVALSHA_RO: the server
// itself refuses one that could write, and a user who may only read is enough.
func (l *Lane) ReadOnly() *Lane {
	reading := *l
	reading.readOnly = true
	return &reading
}

// OpenReadOnly is Open, with lanes that are ReadOnly.
func OpenReadOnly(client redis.UniversalClient, service string) (*Conn, error) {
	c, err := Open(client, service)
	if err != nil {
		return nil, err
	}
	defer c.Close() // the other handle lasts
	return c.ShareReadOnly(), nil
}

// ShareReadOnly is Share, with lanes that are ReadOnly.
func (c *Conn) ShareReadOnly() *Conn {
	shared := c.Share()
	shared.Blocking, shared.Renewals, shared.Rest = c.Blocking.ReadOnly(), c.Renewals.ReadOnly(), c.Rest.ReadOnly()
	return shared
}

// The commands that run a script which the server knows, and one which it does
// not.
func (l *Lane) evalCommands() (known, unknown string) {
	if l.readOnly {
		return "EVALSHA_RO", "EVAL_RO"
	}
	return "EVALSHA", "EVAL"
}
