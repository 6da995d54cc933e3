package goredis_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestThousandsOfOpenStreamsAreReadOverAFewConnections(t *testing.T) {
	client := redistest.Start(t).Client(t)
	o := openStreams(t, client, testsize.Pick(1000, 5000))
	o.produce(200, time.Millisecond)
	connections := strings.Count(client.ClientList(t.Context()).Val(), "\n")
	require.Less(t, connections, 30)
	late := o.end()
	t.Logf("%d streams, %d connections: p50 %v, p99 %v", len(o.names), connections, late[len(late)/2], late[len(late)*99/100])
	require.Len(t, late, 200, "each message was read once")
}

// BenchmarkOpenStreams measures what docs/reading.md says: 5,000 open streams
// with 50 messages a second in all.
func BenchmarkOpenStreams(b *testing.B) {
	client := redistest.Start(b).Client(b)
	o := openStreams(b, client, 5000)
	for b.Loop() {
		began, own, server := time.Now(), ownProcessor(b), serverProcessor(b, client)
		o.produce(500, 20*time.Millisecond)
		took := time.Since(began).Seconds()
		b.ReportMetric((ownProcessor(b)-own).Seconds()/took*100, "%-client-CPU")
		b.ReportMetric((serverProcessor(b, client)-server).Seconds()/took*100, "%-Redis-CPU")
	}
	late := o.end()
	b.ReportMetric(float64(late[len(late)/2].Milliseconds()), "ms-p50")
	b.ReportMetric(float64(late[len(late)*99/100].Milliseconds()), "ms-p99")
	b.ReportMetric(0, "ns/op")
}

// open is many streams, each with a loop that reads it.
type open struct {
	t       testing.TB
	client  *redis.Client
	names   []string
	reading sync.WaitGroup

	mu   sync.Mutex
	late []time.Duration // of each message that was read
}

func openStreams(t testing.TB, client *redis.Client, count int) *open {
	o := &open{t: t, client: client}
	reader, err := goredis.NewReader(client, goredis.ReaderConfig{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, reader.Close()) })
	for i := range count {
		s := &tenure{name: fmt.Sprintf("stream-%d", i)}
		s.ctx, s.end = t.Context(), nil
		o.names = append(o.names, s.name)
		o.reading.Go(func() { o.read(reader, s) })
	}
	return o
}

func (o *open) read(reader *goredis.Reader, s *tenure) {
	for message, err := range reader.Messages(o.t.Context(), s) {
		if !assert.NoError(o.t, err) {
			return
		}
		sent, err := strconv.ParseInt(message.Values["sent"], 10, 64)
		assert.NoError(o.t, err)
		o.mu.Lock()
		o.late = append(o.late, time.Since(time.Unix(0, sent)))
		o.mu.Unlock()
	}
}

// produce adds messages to streams at random.
func (o *open) produce(messages int, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for range messages {
		<-ticker.C
		o.add(o.names[rand.IntN(len(o.names))], "sent", time.Now().UnixNano())
	}
}

func (o *open) add(stream string, values ...any) {
	require.NoError(o.t, o.client.XAdd(o.t.Context(), &redis.XAddArgs{Stream: stream, Values: values}).Err())
}

// end ends every stream, and returns how late the messages were, in order.
func (o *open) end() []time.Duration {
	for _, name := range o.names {
		o.add(name, goredis.EndField, 1)
	}
	o.reading.Wait()
	slices.Sort(o.late)
	return o.late
}

func ownProcessor(t testing.TB) time.Duration {
	var used syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

var usedProcessor = regexp.MustCompile(`used_cpu_(?:sys|user):([0-9.]+)`)

func serverProcessor(t testing.TB, client *redis.Client) (used time.Duration) {
	for _, match := range usedProcessor.FindAllStringSubmatch(client.Info(t.Context(), "cpu").Val(), -1) {
		seconds, err := strconv.ParseFloat(match[1], 64)
		require.NoError(t, err)
		used += time.Duration(seconds * float64(time.Second))
	}
	return used
}
