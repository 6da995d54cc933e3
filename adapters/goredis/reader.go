package goredis

import (
	"context"
	"iter"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/reading"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Tenure is what a Reader needs of a tenure: a *streamlease.Stream is one.
type Tenure interface {
	Ref() ports.StreamRef
	// Context ends with the tenure.
	Context() context.Context
	Checkpoint(ctx context.Context) (position string, err error)
	SaveCheckpoint(ctx context.Context, position string) error
	// Progress is called while there is nothing to read: who waits is not stuck.
	Progress()
}

// Message is an entry of a data stream.
type Message struct {
	// ID is where the message stands in the stream.
	ID string
	// Values are its fields, of any bytes. Of a field that is there twice the
	// last is here.
	Values map[string]string
}

// ErrReaderClosed is what Messages ends with when its Reader is closed.
var ErrReaderClosed = reading.ErrClosed

// Reader reads data streams: Redis streams whose keys are the names that were
// announced. One Reader is enough for a process, however many streams it owns:
// they share a few connections. Its methods may be called concurrently.
//
//	for message, err := range reader.Messages(ctx, s) {
//		if err != nil {
//			return err // the tenure is over, or the stream cannot be read
//		}
//		if err := process(message); err != nil {
//			return err
//		}
//	}
//	return nil // the producer has ended the stream: it is done
type Reader struct {
	config ReaderConfig
	source readings
}

// readings are a reading.Poller or a reading.Blocker.
type readings interface {
	Open(key, after string, idle func()) reading.Stream
	Close() error
}

// NewReader makes a reader of data streams, which may be on another server than
// the service's keys. It does not talk to the server, and treats the client as
// New does. A client that cannot be copied, and a config with mistakes, is
// ports.ErrInvalid. Close ends it.
func NewReader(client redis.UniversalClient, config ReaderConfig) (*Reader, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	lanes, err := conn.LanesOf(client)
	if err != nil {
		return nil, err
	}
	config = config.withDefaults()
	how := reading.Config{Batch: config.Batch, MinWait: config.MinWait, MaxWait: config.MaxWait}
	if config.Blocking {
		return &Reader{config, reading.NewBlocker(lanes, how)}, nil
	}
	return &Reader{config, reading.NewPoller(lanes, how)}, nil
}

// Messages reads the tenure's data stream from its checkpoint on, in order. A
// message is processed when the loop asks for the next one. Then, and while it
// waits, Messages saves the checkpoint: at the latest after
// ReaderConfig.SaveEvery messages or ReaderConfig.SaveAfter, whichever comes
// first. It brings no further message before that is done, so a new owner
// repeats SaveEvery messages at most, and none is skipped.
//
// The loop ends by itself, without an error, at the message with which the
// producer ends the stream (ReaderConfig.EndField); what came before it is saved
// then. It ends with an error as its last turn: when ctx or the tenure has ended
// (context.Cause), when the reader was closed (ErrReaderClosed), when a server
// says that the stream will never be read (ports.ErrRefused), or when the
// checkpoint cannot be had or is no ID of a message (ports.ErrInvalid). A server
// that cannot be reached is waited for. A stream that is not there is empty.
//
// What was processed is saved also when the loop is left early or ends with an
// error, if the tenure still lives; the message at which it was left is not taken
// to be processed. Of one tenure have one loop at a time.
func (r *Reader) Messages(ctx context.Context, s Tenure) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		tenure := s.Context()
		defer context.AfterFunc(tenure, func() { cancel(context.Cause(tenure)) })()
		l := &lecture{config: r.config, tenure: s, yield: yield}
		if err := l.read(ctx, r.source); err != nil {
			yield(Message{}, err)
		}
	}
}

// Close ends all loops, with ErrReaderClosed, and closes the connections.
func (r *Reader) Close() error { return r.source.Close() }
