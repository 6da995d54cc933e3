package goredis_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

var errTenureOver = errors.New("the tenure is over")

// tenure is one of a stream whose checkpoint is in memory.
type tenure struct {
	name   string
	ctx    context.Context
	end    context.CancelCauseFunc
	waited atomic.Int64

	mu       sync.Mutex
	position string
	saves    int
	failing  error
}

func newTenure(t *testing.T, name, position string) *tenure {
	s := &tenure{name: name, position: position}
	s.ctx, s.end = context.WithCancelCause(t.Context())
	t.Cleanup(func() { s.end(nil) })
	return s
}

func (s *tenure) Ref() ports.StreamRef { return ports.StreamRef{Name: s.name, MessageID: "1-1"} }

func (s *tenure) Context() context.Context { return s.ctx }

func (s *tenure) Progress() { s.waited.Add(1) }

func (s *tenure) Checkpoint(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.position, s.failing
}

func (s *tenure) SaveCheckpoint(_ context.Context, position string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing == nil {
		s.position = position
		s.saves++
	}
	return s.failing
}

func (s *tenure) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

// saved is the position and the number of saves.
func (s *tenure) saved() (string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.position, s.saves
}

// eachWay runs the test with reads that poll and with reads that block.
func eachWay(t *testing.T, test func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader)) {
	for name, blocking := range map[string]bool{"polling": false, "blocking": true} {
		t.Run(name, func(t *testing.T) {
			client := redistest.Start(t).Client(t)
			test(t, client, func(config goredis.ReaderConfig) *goredis.Reader {
				config.Blocking = blocking
				return newReader(t, client, config)
			})
		})
	}
}

func newReader(t *testing.T, client redis.UniversalClient, config goredis.ReaderConfig) *goredis.Reader {
	t.Helper()
	reader, err := goredis.NewReader(client, config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, reader.Close()) })
	return reader
}

// produce adds messages n = from to to, and returns their IDs.
func produce(t *testing.T, client redis.UniversalClient, stream string, from, to int) (ids []string) {
	t.Helper()
	for n := from; n <= to; n++ {
		id, err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: []any{"n", n}}).Result()
		require.NoError(t, err)
		ids = append(ids, id)
	}
	return ids
}

func endStream(t *testing.T, client redis.UniversalClient, stream string) {
	t.Helper()
	require.NoError(t, client.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: []any{goredis.EndField, 1}}).Err())
}

// numbers reads until the loop ends, and returns each message's n and the error.
func numbers(ctx context.Context, reader *goredis.Reader, s goredis.Tenure) (read []string, err error) {
	for message, failure := range reader.Messages(ctx, s) {
		if failure != nil {
			return read, failure
		}
		read = append(read, message.Values["n"])
	}
	return read, nil
}

func upTo(from, to int) (list []string) {
	for n := from; n <= to; n++ {
		list = append(list, fmt.Sprint(n))
	}
	return list
}

func TestAStreamIsReadInOrderToTheMessageThatEndsIt(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		s := newTenure(t, "order:7\n{", "")
		ids := produce(t, client, s.name, 1, 250)
		endStream(t, client, s.name)
		produce(t, client, s.name, 1000, 1000)
		got, err := numbers(within(t, patience), read(goredis.ReaderConfig{}), s)
		require.NoError(t, err)
		require.Equal(t, upTo(1, 250), got)
		position, saves := s.saved()
		require.Equal(t, ids[249], position)
		require.GreaterOrEqual(t, saves, 3, "after each hundred, and at the end")
	})
}

func TestReadingGoesOnAfterTheCheckpoint(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		ids := produce(t, client, "s", 1, 10)
		endStream(t, client, "s")
		got, err := numbers(within(t, patience), read(goredis.ReaderConfig{}), newTenure(t, "s", ids[3]))
		require.NoError(t, err)
		require.Equal(t, upTo(5, 10), got)
	})
}

// waitFor returns when the condition holds, or when ctx ends.
func waitFor(ctx context.Context, condition func() bool) {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !condition() && ctx.Err() == nil {
		<-look.C
	}
}

func TestMessagesThatComeLaterAreWaitedForAndWhoWaitsIsNotStuck(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		s := newTenure(t, "s", "")
		reader := read(goredis.ReaderConfig{MaxWait: 20 * time.Millisecond})
		n := 0
		produced := make(chan struct{})
		go func() {
			defer close(produced)
			waitFor(t.Context(), func() bool { return s.waited.Load() > 0 })
			produce(t, client, "s", 1, 1)
		}()
		for message, err := range reader.Messages(within(t, patience), s) {
			require.NoError(t, err)
			n++
			require.Equal(t, fmt.Sprint(n), message.Values["n"])
			if n == 20 {
				endStream(t, client, "s")
				continue
			}
			produce(t, client, "s", n+1, n+1)
		}
		<-produced
		require.Equal(t, 20, n)
	})
}

func TestAMessageIsOfAnyBytes(t *testing.T) {
	client := redistest.Start(t).Client(t)
	require.NoError(t, client.XAdd(t.Context(), &redis.XAddArgs{Stream: "s", Values: []any{"\xff\x00", "\n\r\xfe", "", ""}}).Err())
	for message, err := range newReader(t, client, goredis.ReaderConfig{}).Messages(within(t, patience), newTenure(t, "s", "")) {
		require.NoError(t, err)
		require.Equal(t, map[string]string{"\xff\x00": "\n\r\xfe", "": ""}, message.Values)
		break
	}
}

func TestNoMoreThanSaveEveryMessagesAreProcessedAfterTheCheckpoint(t *testing.T) {
	client := redistest.Start(t).Client(t)
	ids := produce(t, client, "s", 1, 100)
	endStream(t, client, "s")
	s := newTenure(t, "s", "")
	reader := newReader(t, client, goredis.ReaderConfig{SaveEvery: 7, SaveAfter: time.Hour})
	place := map[string]int{"": 0}
	for i, id := range ids {
		place[id] = i + 1
	}
	for message, err := range reader.Messages(within(t, patience), s) {
		require.NoError(t, err)
		position, _ := s.saved()
		require.LessOrEqual(t, place[message.ID]-place[position], 7)
		require.Greater(t, place[message.ID], place[position], "it is not processed yet")
	}
	_, saves := s.saved()
	require.Equal(t, 100/7+1, saves, "no more often than that")
}

func TestWhatWasProcessedIsSavedWhileNothingComes(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		s := newTenure(t, "s", "")
		ids := produce(t, client, "s", 1, 3)
		reader := read(goredis.ReaderConfig{SaveAfter: 20 * time.Millisecond})
		go func() {
			waitFor(t.Context(), func() bool { position, _ := s.saved(); return position == ids[2] })
			s.end(errTenureOver)
		}()
		got, err := numbers(within(t, patience), reader, s)
		require.ErrorIs(t, err, errTenureOver)
		require.Equal(t, upTo(1, 3), got)
	})
}

func TestTheLoopEndsWithTheTenureAndSavesWhatItCan(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		s := newTenure(t, "s", "")
		ids := produce(t, client, "s", 1, 10)
		reader := read(goredis.ReaderConfig{})
		turns := 0
		var last error
		for message, err := range reader.Messages(within(t, patience), s) {
			if last = err; err != nil {
				break
			}
			if turns++; message.ID == ids[4] {
				s.end(errTenureOver)
			}
		}
		require.ErrorIs(t, last, errTenureOver)
		require.Equal(t, 5, turns)
		position, _ := s.saved()
		require.Equal(t, ids[4], position, "the client may hand the stream off")

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		_, err := numbers(ctx, reader, newTenure(t, "empty", ""))
		require.ErrorIs(t, err, context.Canceled, "also while it waits")
	})
}

func TestTheMessageAtWhichTheLoopIsLeftIsNotTakenToBeProcessed(t *testing.T) {
	client := redistest.Start(t).Client(t)
	s := newTenure(t, "s", "")
	ids := produce(t, client, "s", 1, 10)
	for message, err := range newReader(t, client, goredis.ReaderConfig{}).Messages(within(t, patience), s) {
		require.NoError(t, err)
		if message.ID == ids[4] {
			break
		}
	}
	position, saves := s.saved()
	require.Equal(t, ids[3], position)
	require.Equal(t, 1, saves)
}

func TestTheReaderDoesNotRunAheadOfACheckpointThatCannotBeSaved(t *testing.T) {
	client := redistest.Start(t).Client(t)
	s := newTenure(t, "s", "")
	produce(t, client, "s", 1, 20)
	endStream(t, client, "s")
	reader := newReader(t, client, goredis.ReaderConfig{SaveEvery: 5})
	var got []string
	for message, err := range reader.Messages(within(t, patience), s) {
		require.NoError(t, err)
		if got = append(got, message.Values["n"]); len(got) == 5 {
			s.fail(errors.New("connection reset by peer"))
			time.AfterFunc(50*time.Millisecond, func() { s.fail(nil) })
		}
		if len(got) == 6 {
			_, saves := s.saved()
			require.Equal(t, 1, saves, "the sixth message came after the save")
		}
	}
	require.Equal(t, upTo(1, 20), got)
}

func TestWhatTryingAgainDoesNotMendEndsTheLoop(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		reader := read(goredis.ReaderConfig{})
		require.NoError(t, client.Set(t.Context(), "text", "x", 0).Err())
		_, err := numbers(within(t, patience), reader, newTenure(t, "text", ""))
		require.ErrorIs(t, err, ports.ErrRefused)
		require.ErrorContains(t, err, `"text"`)

		for _, position := range []string{"7", "a-1", "01-1", "7-1 ", "-", "99999999999999999999-1"} {
			_, err = numbers(within(t, patience), reader, newTenure(t, "s", position))
			require.ErrorIs(t, err, ports.ErrInvalid, position)
		}
		for _, lasting := range []error{ports.ErrDisowned, ports.ErrDone, ports.ErrInvalid} {
			s := newTenure(t, "s", "")
			s.fail(lasting)
			_, err = numbers(within(t, patience), reader, s)
			require.ErrorIs(t, err, lasting)
		}
	})
}

func TestAServerThatIsAwayIsWaitedFor(t *testing.T) {
	for name, blocking := range map[string]bool{"polling": false, "blocking": true} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			client := server.Client(t)
			reader := newReader(t, client, goredis.ReaderConfig{MaxWait: 20 * time.Millisecond, Blocking: blocking})
			produce(t, client, "s", 1, 3)
			var got []string
			for message, err := range reader.Messages(within(t, patience), newTenure(t, "s", "")) {
				require.NoError(t, err)
				if got = append(got, message.Values["n"]); len(got) == 3 {
					server.Restart()
					produce(t, client, "s", 4, 5)
					endStream(t, client, "s")
				}
			}
			require.Equal(t, upTo(1, 5), got)
		})
	}
}

func TestCloseEndsEveryLoop(t *testing.T) {
	eachWay(t, func(t *testing.T, client *redis.Client, read func(goredis.ReaderConfig) *goredis.Reader) {
		reader := read(goredis.ReaderConfig{})
		s := newTenure(t, "empty", "")
		ended := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := numbers(t.Context(), reader, s)
				ended <- err
			}()
		}
		require.Eventually(t, func() bool { return s.waited.Load() > 0 }, patience, time.Millisecond)
		require.NoError(t, reader.Close())
		for range 3 {
			require.ErrorIs(t, <-ended, goredis.ErrReaderClosed)
		}
		_, err := numbers(t.Context(), reader, s)
		require.ErrorIs(t, err, goredis.ErrReaderClosed)
	})
}

func TestStreamsAreReadOnEveryNodeOfACluster(t *testing.T) {
	client := redistest.StartCluster(t, 3, 0).Client(t)
	for name, blocking := range map[string]bool{"polling": false, "blocking": true} {
		t.Run(name, func(t *testing.T) {
			reader := newReader(t, client, goredis.ReaderConfig{Blocking: blocking})
			var reading sync.WaitGroup
			for i := range 20 {
				stream := fmt.Sprintf("%s-%d", name, i)
				reading.Go(func() {
					produce(t, client, stream, 1, 50)
					endStream(t, client, stream)
					got, err := numbers(within(t, patience), reader, newTenure(t, stream, ""))
					assert.NoError(t, err)
					assert.Equal(t, upTo(1, 50), got)
				})
			}
			reading.Wait()
		})
	}
}

func TestAReaderConfigSaysEveryMistakeAtOnce(t *testing.T) {
	config := goredis.ReaderConfig{SaveEvery: -1, SaveAfter: -1, Batch: -1, MinWait: -1, MaxWait: -1}
	err := config.Validate()
	require.ErrorIs(t, err, ports.ErrInvalid)
	for _, field := range []string{"SaveEvery", "SaveAfter", "Batch", "MinWait", "MaxWait"} {
		require.ErrorContains(t, err, field)
	}
	require.ErrorIs(t, goredis.ReaderConfig{MinWait: time.Minute}.Validate(), ports.ErrInvalid)
	require.NoError(t, goredis.ReaderConfig{}.Validate())
	_, err = goredis.NewReader(nil, goredis.ReaderConfig{})
	require.ErrorIs(t, err, ports.ErrInvalid)
}
