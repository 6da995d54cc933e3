package streamlease

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease/core"
)

// journalSize is how many entries may wait for a slow log handler.
const journalSize = 1024

// journal writes the log from a goroutine of its own: a handler is code of the
// application and may block (a full pipe does), which must not stop renewals.
// A nil journal writes nothing.
type journal struct {
	log     *slog.Logger
	entries chan func(*slog.Logger)
	dropped atomic.Int64
	stop    chan struct{}
	done    chan struct{}
}

func newJournal(log *slog.Logger, member core.Member) *journal {
	if log == nil {
		return nil
	}
	return &journal{
		log:     log.With("member", member.String()),
		entries: make(chan func(*slog.Logger), journalSize),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
	}
}

// open starts the goroutine. What was written before it waits.
func (j *journal) open() {
	if j != nil {
		go j.run()
	}
}

func (j *journal) run() {
	defer close(j.done)
	for {
		select {
		case entry := <-j.entries:
			j.put(entry)
		case <-j.stop:
			j.flush()
			return
		}
	}
}

func (j *journal) put(entry func(*slog.Logger)) {
	entry(j.log)
	if dropped := j.dropped.Swap(0); dropped > 0 {
		j.log.Warn("the log handler was too slow: entries were dropped", "count", dropped)
	}
}

func (j *journal) flush() {
	for {
		select {
		case entry := <-j.entries:
			j.put(entry)
		default:
			return
		}
	}
}

// write has the entry written, or drops it when the handler is behind.
func (j *journal) write(entry func(*slog.Logger)) {
	if j == nil {
		return
	}
	select {
	case j.entries <- entry:
	default:
		j.dropped.Add(1)
	}
}

// close writes what waits, at most for the given time, and ends the goroutine.
// What is written later is lost.
func (j *journal) close(patience time.Duration) {
	if j == nil {
		return
	}
	close(j.stop)
	ends(j.done, patience)
}

// ownership notes which tenures began and ended in one step.
func (j *journal) ownership(commands []core.Command) {
	if j == nil {
		return
	}
	var changes []core.Command // a copy: the step's own slice is used again
	for _, command := range commands {
		switch command.(type) {
		case core.TenureBegan, core.TenureEnded:
			changes = append(changes, command)
		}
	}
	if len(changes) > 0 {
		j.write(func(log *slog.Logger) { logOwnership(log, changes) })
	}
}

// quarantines says which streams nobody will process any more: no notification
// tells of it, since no application owned them then.
func (j *journal) quarantines(commands []core.Command) {
	if j == nil {
		return
	}
	for _, command := range commands {
		settle, settles := command.(core.SendSettle)
		if !settles {
			continue
		}
		for _, settlement := range settle.Settlements {
			if settlement.Outcome == core.Quarantined {
				j.write(func(log *slog.Logger) {
					log.Warn("a stream goes to the quarantine", "stream", shown(settlement.Ref), "token", int64(settlement.Token), "reason", settlement.Reason)
				})
			}
		}
	}
}

func logOwnership(log *slog.Logger, changes []core.Command) {
	began, ended := make(map[core.Reason]int), make(map[core.Reason]int)
	each := log.Enabled(context.Background(), slog.LevelDebug)
	for _, change := range changes {
		switch change := change.(type) {
		case core.TenureBegan:
			began[change.Tenure.Reason]++
			if each {
				log.Debug("tenure began", "stream", shown(change.Tenure.Ref), "token", int64(change.Tenure.Token),
					"reason", string(change.Tenure.Reason))
			}
		case core.TenureEnded:
			ended[change.Reason]++
			if each {
				log.Debug("tenure ended", "stream", shown(change.Ref), "token", int64(change.Token),
					"reason", string(change.Reason), "cause", change.Cause)
			}
		}
	}
	log.Info("ownership changed", counts("began", began), counts("ended", ended))
}

// counts is a group with one number for each reason and their total.
func counts(name string, byReason map[core.Reason]int) slog.Attr {
	reasons := make([]core.Reason, 0, len(byReason))
	total := 0
	for reason, count := range byReason {
		reasons = append(reasons, reason)
		total += count
	}
	slices.Sort(reasons)
	attributes := []any{slog.Int("count", total)}
	for _, reason := range reasons {
		attributes = append(attributes, slog.Int(string(reason), byReason[reason]))
	}
	return slog.Group(name, attributes...)
}

func shown(ref StreamRef) string { return fmt.Sprintf("%.*s", longestShown, ref.String()) }
