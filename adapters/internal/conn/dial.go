package conn

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"
)

// dial is what go-redis calls for each new connection.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// dialerFor dials as the options say, notes the server's address, and cuts the
// connection when until ends.
func dialerFor(options *redis.Options, server *server, until context.Context) dial {
	original := dial(options.Dialer)
	if original == nil {
		original = redis.NewDialer(options)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := original.bounded(ctx, network, address)
		if err != nil {
			return nil, err
		}
		server.saw(connection, address)
		if until.Done() != nil {
			connection = newCuttable(until, connection)
		}
		return connection, nil
	}
}

// bounded ends with its ctx also where the dialer does not: in a TLS handshake
// with a server that never answers.
func (d dial) bounded(ctx context.Context, network, address string) (net.Conn, error) {
	type dialed struct {
		connection net.Conn
		err        error
	}
	answer := make(chan dialed, 1)
	go func() {
		connection, err := d(ctx, network, address)
		answer <- dialed{connection, err}
	}()
	select {
	case result := <-answer:
		return result.connection, result.err
	case <-ctx.Done():
		go func() {
			if late := <-answer; late.err == nil {
				_ = late.connection.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// cuttable is a connection that is closed when a ctx ends.
type cuttable struct {
	net.Conn
	stop func() bool
}

func newCuttable(until context.Context, connection net.Conn) *cuttable {
	return &cuttable{connection, context.AfterFunc(until, func() { _ = connection.Close() })}
}

// Close closes the connection and forgets the ctx.
func (c *cuttable) Close() error {
	c.stop()
	return c.Conn.Close()
}

// NetConn lets go-redis look at the socket beneath when it checks an idle
// connection.
func (c *cuttable) NetConn() net.Conn { return c.Conn }
