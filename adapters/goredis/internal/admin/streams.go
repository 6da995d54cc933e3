package admin

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

const (
	// streamsPage is how many assignments one script reads.
	streamsPage = 200
	// pageBytes of entries are enough for a page.
	pageBytes = 1 << 20
)

// Filter chooses streams. Its zero value chooses all.
type Filter struct {
	// Prefix is how the name begins.
	Prefix string
	// Name is the whole name.
	Name string
}

func (f Filter) matches(name string) bool {
	return strings.HasPrefix(name, f.Prefix) && (f.Name == "" || name == f.Name)
}

// Page is some of what was announced.
type Page struct {
	Streams []Stream
	// Passed is how many assignments were looked at for it.
	Passed int
}

// Pages goes through everything that is announced and not done, in the order of
// announcement. What changes meanwhile may be listed or not. An error ends it.
func (a *Admin) Pages(ctx context.Context, filter Filter) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for cursor := ""; ; {
			found, next, err := a.page(ctx, cursor)
			page := Page{Passed: len(found)}
			if err == nil {
				page.Streams, err = a.judged(ctx, chosen(found, filter))
			}
			if err != nil {
				yield(Page{}, fmt.Errorf("list the streams of %.100q: %w", a.reads.Service(), err))
				return
			}
			if !yield(page, nil) || next == "" {
				return
			}
			cursor = next
		}
	}
}

func chosen(found []stored, filter Filter) []stored {
	var kept []stored
	for _, one := range found {
		if filter.matches(one.Ref.Name) {
			kept = append(kept, one)
		}
	}
	return kept
}

// judged asks who holds the names.
func (a *Admin) judged(ctx context.Context, found []stored) ([]Stream, error) {
	var names []string
	for _, one := range found {
		if one.Problem == "" {
			names = append(names, one.Ref.Name)
		}
	}
	leases, err := a.inspect(ctx, names)
	if err != nil {
		return nil, err
	}
	streams := make([]Stream, len(found))
	at := 0
	for i, one := range found {
		var lease ports.InspectResult
		if one.Problem == "" {
			lease = leases[at]
			at++
		}
		if lease.Err != nil {
			return nil, lease.Err
		}
		streams[i] = one.judge(lease)
	}
	return streams, nil
}

// stored is what the source knows of an assignment.
type stored struct {
	Stream
	isDelivered, hasRecord, isOpen bool
}

func (a *Admin) page(ctx context.Context, after string) (found []stored, next string, err error) {
	answer, err := a.run(ctx, a.reads.Rest, streamsScript, after, streamsPage, pageBytes)
	if err != nil {
		return nil, "", err
	}
	found, next, ok := readStreams(answer)
	if !ok {
		return nil, "", streamsScript.BadReply(answer)
	}
	return found, next, nil
}

func readStreams(answer any) (found []stored, next string, ok bool) {
	read := reply.New(answer)
	next = read.Text()
	read.Require(next == "" || source.IsMessageID(next))
	for read.More() {
		found = append(found, readStored(read))
	}
	return found, next, read.Done()
}

func readStored(read *reply.Reader) stored {
	one := stored{}
	one.Ref.MessageID = read.Text()
	read.Require(source.IsMessageID(one.Ref.MessageID))
	one.Announced = read.Duration(time.Millisecond)
	one.isDelivered = read.Word("0", "1") == "1"
	payload := read.Text()
	one.Problem = read.Text()
	one.hasRecord = read.Word("0", "1") == "1"
	if one.hasRecord {
		readRecord(read, &one)
		return one
	}
	if one.Problem == "" {
		name, _, err := source.ParsePayload(payload)
		if one.Ref.Name = name; err != nil {
			one.Problem = err.Error()
		}
	}
	return one
}

func readRecord(read *reply.Reader, one *stored) {
	one.Token = readToken(read)
	one.Owner = ports.Member{Incarnation: read.Text(), ID: read.Text()}
	one.Since = read.Duration(time.Millisecond)
	one.RetryIn = read.Duration(time.Millisecond)
	one.Failures, one.Crashes = int(read.Number()), int(read.Number())
	one.Suspected = read.Word("0", "1") == "1"
	one.isOpen = read.Text() == "-" && one.Owner.Incarnation != ""
	one.Ref.Name = read.Text()
}

// readToken reads a token that may be of 64 bits, or 0.
func readToken(read *reply.Reader) ports.Token {
	token, err := strconv.ParseInt(read.Text(), 10, 64)
	read.Require(err == nil && token >= 0)
	return ports.Token(max(token, 0))
}
