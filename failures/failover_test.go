package failures_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// failover is a Sentinel pair of which the test kills the master, and a
// resource elsewhere that fences.
type failover struct {
	t        *testing.T
	sentinel *redistest.Sentinel
	resource resource
}

func newFailover(t *testing.T, directives ...string) *failover {
	t.Helper()
	// The master is to keep what it could not send, however much it is.
	directives = append(directives, "client-output-buffer-limit replica 0 0 0")
	return &failover{t, redistest.StartSentinel(t, directives...), resource{redistest.Start(t).Client(t)}}
}

func (f *failover) await(what string, condition func() error) {
	f.t.Helper()
	var missing error
	for began := time.Now(); time.Since(began) < patience; <-time.After(lookEvery) {
		if missing = condition(); missing == nil {
			return
		}
	}
	require.Fail(f.t, "waited in vain", "for %v, until %s: %v", patience, what, missing)
}

// stopReplication lets nothing that the master does from here on reach the
// replica. A replica that only stands still would find it in its socket, so the
// sockets between them are filled first.
func (f *failover) stopReplication() {
	f.t.Helper()
	f.sentinel.Replica.Freeze()
	master := f.sentinel.Master.Client(f.t)
	junk := strings.Repeat("junk", 1<<18)
	f.await("the master holds back what it cannot send", func() error {
		if err := master.Set(f.t.Context(), "junk", junk, 0).Err(); err != nil && !redis.HasErrorPrefix(err, "NOREPLICAS") {
			return err
		}
		list, err := master.Do(f.t.Context(), "CLIENT", "LIST", "TYPE", "replica").Text()
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(list, " omem=")
		held := 0
		if _, err := fmt.Sscan(rest, &held); err != nil {
			return fmt.Errorf("read %q: %w", list, err)
		}
		if held < 4*len(junk) {
			return fmt.Errorf("only %d bytes", held)
		}
		return nil
	})
}

// killMaster ends the master, lets the replica take its place, and brings what
// was the master back as the replica of that, empty.
func (f *failover) killMaster() {
	f.t.Helper()
	f.sentinel.Master.Kill9()
	f.sentinel.Replica.Thaw()
	successor := f.sentinel.Replica.Client(f.t)
	f.await("the replica is the master", func() error {
		role, err := successor.Do(f.t.Context(), "ROLE").Slice()
		if err != nil {
			return err
		}
		if role[0] != "master" {
			return fmt.Errorf("its role is %v", role[0])
		}
		return nil
	})
	f.sentinel.Master.Launch(fmt.Sprintf("replicaof 127.0.0.1 %d", f.sentinel.Replica.Port()))
}

// claimant is a member that has nothing but leases.
type claimant struct {
	f      *failover
	member ports.Member
	store  *goredis.Leases
	grant  ports.GrantID
	opened bool
	// believes is what it was told that it has.
	believes map[string]ports.Token
}

func (f *failover) claimant(number byte, config goredis.LeaseConfig) *claimant {
	f.t.Helper()
	store, err := goredis.NewLeases(f.sentinel.Client(f.t), serviceName, config)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { assert.NoError(f.t, store.Close()) })
	id := fmt.Sprint("claimant-", number)
	return &claimant{
		f: f, store: store, grant: ports.GrantID{number},
		member:   ports.Member{ID: id, Incarnation: id},
		believes: map[string]ports.Token{},
	}
}

// claim tries a name once, for longer than the test takes.
func (c *claimant) claim(name string) error {
	ctx, cancel := context.WithTimeout(c.f.t.Context(), 3*time.Second)
	defer cancel()
	request := ports.AcquireRequest{Ref: ports.StreamRef{Name: name, MessageID: "1-1"}, Grant: c.grant, Open: !c.opened}
	results, err := c.store.Acquire(ctx, c.member, []ports.AcquireRequest{request}, time.Hour)
	if err != nil {
		return err
	}
	if results[0].Err == nil {
		c.opened = true
		c.believes[name] = results[0].Token
	}
	return results[0].Err
}

// claimForSure tries until the answer is yes or no.
func (c *claimant) claimForSure(name string) {
	c.f.t.Helper()
	c.f.await(fmt.Sprintf("%s has an answer about %s", c.member.ID, name), func() error {
		err := c.claim(name)
		if errors.Is(err, ports.ErrHeld) {
			return nil
		}
		return err
	})
}

// claimAny claims one name after the other, until it gets one.
func (c *claimant) claimAny() (name string) {
	c.f.t.Helper()
	tried := 0
	c.f.await(c.member.ID+" has a lease", func() error {
		tried++
		name = fmt.Sprint("claimed at first ", tried)
		return c.claim(name)
	})
	return name
}

// write is an effect of the lease that the claimant believes in.
func (c *claimant) write(name string) (accepted bool) {
	c.f.t.Helper()
	ref := ports.StreamRef{Name: name, MessageID: "1-1"}
	accepted, err := c.f.resource.write(c.f.t.Context(), ref, c.believes[name], firstEffect)
	require.NoError(c.f.t, err)
	return accepted
}

// bothBelieve are the names of which both think that they own them.
func bothBelieve(one, other *claimant) (names []string) {
	for name := range one.believes {
		if _, too := other.believes[name]; too {
			names = append(names, name)
		}
	}
	return names
}
