package goredis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/ports"
)

const (
	// endless is a patience that does not end.
	endless = time.Hour
	// lastSave bounds the save at the end of a loop whose ctx has ended.
	lastSave = 2 * time.Second
	// saveMinPause and saveMaxPause bound the time between two tries of a call
	// for a checkpoint.
	saveMinPause = 10 * time.Millisecond
	saveMaxPause = time.Second
)

// lecture is one loop over the messages of one tenure.
type lecture struct {
	config ReaderConfig
	tenure Tenure
	yield  func(Message, error) bool

	processed string    // the ID of the last message that was processed
	unsaved   int       // how many were since the last save
	saveBy    time.Time // when the first of these is to be saved
}

// read returns nil when there is nothing more to say: the stream has ended, or
// the loop was left.
func (l *lecture) read(ctx context.Context, source readings) error {
	start, err := l.start(ctx)
	if err != nil {
		return err
	}
	stream := source.Open(l.tenure.Ref().Name, start, l.tenure.Progress)
	defer stream.Close()
	for {
		if err := l.over(ctx); err != nil {
			return l.leave(ctx, err)
		}
		messages, err := stream.Next(ctx, l.patience())
		if err != nil {
			return l.leave(ctx, err)
		}
		for _, message := range messages {
			over, err := l.turn(ctx, message)
			if over || err != nil {
				return l.leave(ctx, err)
			}
		}
		if err := l.saveInTime(ctx); err != nil {
			return l.leave(ctx, err)
		}
	}
}

// turn is one turn of the loop. It reports whether that is over.
func (l *lecture) turn(ctx context.Context, message redis.XMessage) (over bool, err error) {
	if _, isEnd := message.Values[l.config.EndField]; isEnd {
		return true, l.save(ctx)
	}
	if err := l.over(ctx); err != nil {
		return true, err
	}
	if !l.yield(messageOf(message), nil) {
		return true, nil
	}
	if l.unsaved == 0 {
		l.saveBy = time.Now().Add(l.config.SaveAfter)
	}
	l.unsaved++
	l.processed = message.ID
	return false, l.saveInTime(ctx)
}

// over is why no further message may be brought. The tenure is asked itself: ctx
// hears of its end a little later.
func (l *lecture) over(ctx context.Context) error {
	if tenure := l.tenure.Context(); tenure.Err() != nil {
		return context.Cause(tenure)
	}
	return context.Cause(ctx)
}

// start is the ID of the message after which the tenure goes on.
func (l *lecture) start(ctx context.Context) (position string, err error) {
	err = insist(ctx, func() (err error) {
		position, err = l.tenure.Checkpoint(ctx)
		return err
	})
	switch {
	case err != nil:
		return "", err
	case position == "":
		return "0-0", nil
	case !isMessageID(position):
		return "", fmt.Errorf("%w: the checkpoint of %.100q, %.40q, is no ID of a message", ports.ErrInvalid, l.tenure.Ref(), position)
	}
	return position, nil
}

// patience is how long there may be nothing to read before something is to be
// saved.
func (l *lecture) patience() time.Duration {
	if l.unsaved == 0 {
		return endless
	}
	return max(time.Until(l.saveBy), 0)
}

// saveInTime saves when it is time to.
func (l *lecture) saveInTime(ctx context.Context) error {
	if l.unsaved < l.config.SaveEvery && (l.unsaved == 0 || time.Now().Before(l.saveBy)) {
		return nil
	}
	return l.save(ctx)
}

func (l *lecture) save(ctx context.Context) error {
	if l.unsaved == 0 {
		return nil
	}
	err := insist(ctx, func() error { return l.tenure.SaveCheckpoint(ctx, l.processed) })
	if err == nil {
		l.unsaved = 0
	}
	return err
}

// leave ends the loop. What was processed is saved once more: ctx may have ended
// because the client closes, and the next owner should not repeat it all.
func (l *lecture) leave(ctx context.Context, cause error) error {
	if l.unsaved > 0 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
		defer cancel()
		// An error means that more is repeated, as promised.
		_ = l.tenure.SaveCheckpoint(ctx, l.processed)
	}
	return cause
}

// insist repeats a call for the checkpoint until it has an answer that counts:
// who went on without would repeat more than is promised.
func insist(ctx context.Context, call func() error) error {
	for pause := saveMinPause; ; pause = min(2*pause, saveMaxPause) {
		err := call()
		if err == nil || counts(err) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// counts reports whether trying again does not mend the error.
func counts(err error) bool {
	for _, lasting := range []error{ports.ErrDisowned, ports.ErrDone, ports.ErrInvalid} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	var refused *ports.RefusedError
	return errors.As(err, &refused) && refused.Lasting
}

func messageOf(message redis.XMessage) Message {
	values := make(map[string]string, len(message.Values))
	for field, value := range message.Values {
		values[field], _ = value.(string)
	}
	return Message{ID: message.ID, Values: values}
}

// isMessageID reports whether Redis would write the text as an ID.
func isMessageID(text string) bool {
	milliseconds, sequence, found := strings.Cut(text, "-")
	return found && isNumber(milliseconds) && isNumber(sequence)
}

func isNumber(text string) bool {
	number, err := strconv.ParseUint(text, 10, 64)
	return err == nil && strconv.FormatUint(number, 10) == text
}
