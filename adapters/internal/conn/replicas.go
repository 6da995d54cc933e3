package conn

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Acknowledged is the same lane for calls whose effect has to survive the loss
// of the server: Send answers over it when so many replicas have what the
// commands wrote. When they have not said so in time, the outcome of the
// calls is unknown: the server has done them, and a failover may undo them.
func (l *Lane) Acknowledged(replicas int) *Lane {
	acknowledged := *l
	acknowledged.replicas = replicas
	return &acknowledged
}

// askReplicas ends a pipeline with the question whether the replicas have what
// it wrote. It must be asked over the connection that wrote: WAIT is about
// that, and another connection may lead to the successor already. What it
// returns says what is missing, once the pipeline has been executed.
func askReplicas(ctx context.Context, pipeline redis.Pipeliner, node *redis.Client, replicas int) (missing func() error) {
	if replicas == 0 {
		return func() error { return nil }
	}
	patience := replicaPatience(ctx, node)
	asked := pipeline.Do(ctx, "WAIT", replicas, patience.Milliseconds())
	return func() error {
		have, err := asked.Int64()
		switch {
		case err != nil:
			// The text alone: a refusal of WAIT is no refusal of what was written.
			return fmt.Errorf("done, but whether %d replicas have it is unknown: WAIT: %s", replicas, err)
		case have < int64(replicas):
			return fmt.Errorf("done, but only %d of %d replicas had it after %v, so a failover may undo it", have, replicas, patience)
		}
		return nil
	}
}

// replicaPatience is how long replicas may take. The rest of the time is for
// the answer, which says more than that time is over.
func replicaPatience(ctx context.Context, node *redis.Client) time.Duration {
	const most = 10 * time.Second
	patience := most
	if deadline, bounded := ctx.Deadline(); bounded {
		patience = min(patience, time.Until(deadline)*3/4)
	}
	if timeout := node.Options().ReadTimeout; timeout > 0 {
		patience = min(patience, timeout*3/4)
	}
	return max(patience, time.Millisecond) // 0 would mean for ever
}

// CheckReplicas looks whether as many replicas are there as Acknowledged wants,
// and whether the user may ask them. Replicas that are away may come back, so
// they are a warning.
func (c *Conn) CheckReplicas(ctx context.Context, replicas int) (warnings []string, err error) {
	// One that has just connected counts once it has said what it has.
	const patience = 500 * time.Millisecond
	var have int64
	err = c.Rest.Do(ctx, "WAIT", func(node *redis.Client) (err error) {
		have, err = node.Do(ctx, "WAIT", replicas, patience.Milliseconds()).Int64()
		return err
	})
	if err == nil && have < int64(replicas) {
		warnings = append(warnings, fmt.Sprintf(
			"The server has %d replicas and leases wait for %d: until there are more, no lease is given and none is renewed.", have, replicas))
	}
	return warnings, err
}
