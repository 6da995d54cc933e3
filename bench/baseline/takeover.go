package baseline

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// eventBacklog is how many events may wait, so that none is dropped here.
const eventBacklog = 1 << 20

// listen takes over what has expired, one stream after another.
func (c *Consumer) listen(events *redis.PubSub) {
	ctx := context.Background()
	for event := range events.Channel(redis.WithChannelSize(eventBacklog)) {
		lock, ours := strings.CutPrefix(event.Payload, c.lockPrefix())
		if !ours {
			continue
		}
		colon := strings.LastIndexByte(lock, ':')
		c.takeOver(ctx, lock[:colon], lock[colon+1:])
	}
}

// takeOver wins the mutex first: of all that hear of the loss one may claim.
func (c *Consumer) takeOver(ctx context.Context, name, messageID string) {
	if !c.own(ctx, name, messageID) {
		return
	}
	// The delivery moves to the new owner, who has the mutex whatever comes of it.
	_ = c.client.XClaimJustID(ctx, &redis.XClaimArgs{
		Stream: c.stream(), Group: c.group(), Consumer: c.id, Messages: []string{messageID},
	}).Err()
}
