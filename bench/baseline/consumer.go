package baseline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-redsync/redsync/v4"
	pool "github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"
)

const (
	fetchBatch = 500
	fetchWait  = time.Second
	field      = "lbs-input"
)

// Application is told what a consumer owns.
type Application interface {
	Added(name string)
	Disowned()
}

// Consumer is one consumer. It ends with its process.
type Consumer struct {
	client      *redis.Client
	locks       *redsync.Redsync
	service, id string
	ttl         time.Duration
	application Application
	joined      atomic.Bool
}

// New makes a consumer of a service.
func New(client *redis.Client, service, id string, ttl time.Duration, application Application) *Consumer {
	return &Consumer{
		client: client, locks: redsync.New(pool.NewPool(client)),
		service: service, id: id, ttl: ttl, application: application,
	}
}

func (c *Consumer) stream() string { return c.service + "-input" }

func (c *Consumer) group() string { return c.service + "-group" }

// lockPrefix is what the keys of mutexes begin with; the stream's name and the
// message ID follow, with a colon between them.
func (c *Consumer) lockPrefix() string { return c.service + ":lock:" }

// Join begins to read announcements and to listen for mutexes that expire.
func (c *Consumer) Join(ctx context.Context) error {
	err := c.client.XGroupCreateMkStream(ctx, c.stream(), c.group(), "0").Err()
	if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return fmt.Errorf("make the consumer group: %w", err)
	}
	if err := c.client.ConfigSet(ctx, "notify-keyspace-events", "Ex").Err(); err != nil {
		return fmt.Errorf("ask for keyspace events: %w", err)
	}
	events := c.client.Subscribe(ctx, fmt.Sprintf("__keyevent@%d__:expired", c.client.Options().DB))
	if _, err := events.Receive(ctx); err != nil {
		return fmt.Errorf("listen for expired keys: %w", err)
	}
	go c.listen(events)
	go c.read()
	c.joined.Store(true)
	return nil
}

// Fleet is 1: a consumer knows of nobody else.
func (c *Consumer) Fleet() int {
	if c.joined.Load() {
		return 1
	}
	return 0
}

// HandOff is impossible here: a stream can be finished or lost.
func (c *Consumer) HandOff(context.Context) (string, error) { return "", errors.ErrUnsupported }

// read takes new announcements, one after another.
func (c *Consumer) read() {
	ctx := context.Background()
	for {
		streams, err := c.client.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: c.group(), Consumer: c.id, Streams: []string{c.stream(), ">"}, Count: fetchBatch, Block: fetchWait,
		}).Result()
		if err != nil {
			continue // nothing was announced, or the next read says what is wrong
		}
		for _, message := range streams[0].Messages {
			c.begin(ctx, message)
		}
	}
}

func (c *Consumer) begin(ctx context.Context, message redis.XMessage) {
	text, _ := message.Values[field].(string)
	var announced struct{ DataStreamName string }
	if json.Unmarshal([]byte(text), &announced) != nil {
		return
	}
	c.own(ctx, announced.DataStreamName, message.ID)
}

// own tells the application, if the mutex is to be had.
func (c *Consumer) own(ctx context.Context, name, messageID string) bool {
	mutex := c.locks.NewMutex(c.lockPrefix()+name+":"+messageID, redsync.WithExpiry(c.ttl), redsync.WithTries(1))
	if mutex.LockContext(ctx) != nil {
		return false
	}
	c.application.Added(name)
	go c.keep(ctx, mutex)
	return true
}

// keep extends the mutex until that fails.
func (c *Consumer) keep(ctx context.Context, mutex *redsync.Mutex) {
	ticker := time.NewTicker(c.ttl / 2)
	defer ticker.Stop()
	for range ticker.C {
		if kept, err := mutex.ExtendContext(ctx); !kept || err != nil {
			c.application.Disowned()
			return
		}
	}
}
