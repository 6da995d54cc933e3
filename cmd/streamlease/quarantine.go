package main

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/ports"
)

type quarantineCommand struct {
	List    quarantineListCommand    `cmd:"" name:"ls" help:"List what could not be processed, the oldest first."`
	Show    quarantineShowCommand    `cmd:"" help:"Show all that is known of one, with its announcement."`
	Requeue quarantineRequeueCommand `cmd:"" help:"Announce some once more, with nothing counted against them."`
	Drop    quarantineDropCommand    `cmd:"" help:"Remove some for good."`
}

type quarantineListCommand struct {
	Prefix string `arg:"" optional:"" help:"Only names that begin so."`
	Limit  int    `short:"n" placeholder:"N" help:"End after so many."`
}

// Help implements kong.HelpProvider.
func (*quarantineListCommand) Help() string {
	return `Examples:

    streamlease quarantine ls --service orders
    streamlease quarantine ls order- --json`
}

// Run lists the quarantine.
func (q *quarantineListCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	table := newTable(c.out, "ID", "NAME", "AT", "FAILED", "CRASHED", "SIZE", "REASON")
	shown := 0
	for one, err := range s.Quarantine(c.ctx) {
		switch {
		case err != nil:
			return err
		case !strings.HasPrefix(one.Ref.Name, q.Prefix):
			continue
		case c.json:
			c.object(quarantinedObject(one))
		default:
			table.write([][]string{{
				one.Ref.MessageID, shortened(one.Ref.Name), one.At.Format(time.DateTime),
				strconv.Itoa(one.Failures), strconv.Itoa(one.Crashes), grouped(one.Size), shortened(one.Reason),
			}})
		}
		if shown++; shown == q.Limit {
			c.remark("The first %s; --limit ends it here.", grouped(shown))
			return nil
		}
	}
	if shown == 0 {
		c.remark("Nothing is in the quarantine.")
	}
	return nil
}

type quarantineShowCommand struct {
	What string `arg:"" name:"id" help:"Its message ID, name:message-ID, or its name."`
}

// Help implements kong.HelpProvider.
func (*quarantineShowCommand) Help() string {
	return `Examples:

    streamlease quarantine show 1764000000000-0 --service orders
    streamlease quarantine show order-4711 --json`
}

// Run shows one of the quarantine.
func (q *quarantineShowCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	refs, err := s.inQuarantine(c, []string{q.What})
	if err != nil {
		return err
	}
	one, err := s.Evidence(c.ctx, refs[0].MessageID)
	if err != nil {
		return err
	}
	if c.json {
		c.object(quarantinedObject(one))
		return nil
	}
	field := func(name, format string, values ...any) {
		c.say("%-10s%s", name+":", fmt.Sprintf(format, values...))
	}
	field("ID", "%s", one.Ref.MessageID)
	field("Name", "%s", printable(one.Ref.Name))
	field("At", "%s", one.At.Format(time.DateTime))
	field("Reason", "%s", harmless(one.Reason))
	field("Failures", "%d", one.Failures)
	field("Crashes", "%d", one.Crashes)
	field("Size", "%s, of which %s were kept", plural(one.Size, "byte"), grouped(one.Kept))
	field("Payload", "%s", harmless(one.Payload))
	c.describeEndings(one.Endings)
	return nil
}

type quarantineRequeueCommand struct {
	which
}

// Help implements kong.HelpProvider.
func (*quarantineRequeueCommand) Help() string {
	return `Each becomes a new assignment, with a new message ID, no failures and no crashes; the position that was saved goes along. Mend first what made it fail: it will be tried again at once.

Examples:

    streamlease quarantine requeue 1764000000000-0 --service orders
    streamlease quarantine requeue order-4711
    streamlease quarantine requeue --all --prefix order-`
}

// Run requeues.
func (q *quarantineRequeueCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	refs, err := q.refs(c, s)
	if err != nil {
		return err
	}
	progress := commandline.NewProgress(c.complaints)
	defer progress.Close()
	failed := 0
	for i, ref := range refs {
		again, err := s.Requeue(c.ctx, ref.MessageID)
		switch {
		case c.ctx.Err() != nil:
			return c.ctx.Err()
		case err != nil:
			failed++
			c.remark("streamlease: %v", err)
		case c.json:
			c.object(refJSON{again.Name, again.MessageID})
		default:
			c.say("%s", printable(again.String()))
		}
		progress.Reach(float64(i+1)/float64(len(refs)), func() string { return plural(i+1, "stream") + " requeued" })
	}
	if failed > 0 {
		return errUnwell
	}
	return nil
}

type quarantineDropCommand struct {
	which
	Yes bool `short:"y" help:"Do not ask."`
}

// Help implements kong.HelpProvider.
func (*quarantineDropCommand) Help() string {
	return `Removes announcement, evidence and saved position. Nothing brings them back.

Examples:

    streamlease quarantine drop 1764000000000-0 --service orders
    streamlease quarantine drop --all --yes`
}

// dropPage is how many are dropped at once.
const dropPage = 100

// Run drops.
func (q *quarantineDropCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	refs, err := q.refs(c, s)
	if err != nil || len(refs) == 0 {
		return err
	}
	question := fmt.Sprintf("Remove %s of %q from the quarantine for good?", plural(len(refs), "stream"), s.name)
	if err := c.confirm(q.Yes, question); err != nil {
		return err
	}
	progress := commandline.NewProgress(c.complaints)
	defer progress.Close()
	dropped := 0
	for from := 0; from < len(refs); from += dropPage {
		page := refs[from:min(from+dropPage, len(refs))]
		count, err := s.Drop(c.ctx, page)
		if dropped += count; err != nil {
			return err
		}
		progress.Reach(float64(from+len(page))/float64(len(refs)), func() string { return plural(dropped, "stream") + " dropped" })
	}
	c.remark("Dropped %s.", plural(dropped, "stream"))
	return nil
}

// which says which of the quarantine are meant.
type which struct {
	What   []string `arg:"" optional:"" name:"id" help:"Message IDs, name:message-ID, or names."`
	All    bool     `help:"All of them."`
	Prefix string   `placeholder:"TEXT" help:"With --all: only names that begin so."`
}

func (w *which) refs(c *console, s *service) (refs []ports.StreamRef, err error) {
	switch {
	case w.All && len(w.What) > 0:
		return nil, misuse("--all: name some, or take all of them")
	case !w.All && w.Prefix != "":
		return nil, misuse("--prefix goes with --all")
	case !w.All && len(w.What) == 0:
		return nil, misuse("say which: their message IDs or names (streamlease quarantine ls), or --all")
	case !w.All:
		return s.inQuarantine(c, w.What)
	}
	for one, err := range s.Quarantine(c.ctx) {
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(one.Ref.Name, w.Prefix) {
			refs = append(refs, one.Ref)
		}
	}
	if len(refs) == 0 {
		c.remark("Nothing like that is in the quarantine.")
	}
	return refs, nil
}

// inQuarantine finds what is meant, each by message ID, by name:message-ID or
// by name. All of it must be there before anything is done.
func (s *service) inQuarantine(c *console, texts []string) ([]ports.StreamRef, error) {
	refs := make([]ports.StreamRef, len(texts))
	for i, text := range texts {
		matches, err := matching(s.Quarantine(c.ctx), text)
		switch {
		case err != nil:
			return nil, err
		case len(matches) == 0:
			return nil, fmt.Errorf("%s is not in the quarantine of %q (streamlease quarantine ls)", printable(text), s.name)
		case len(matches) > 1:
			return nil, fmt.Errorf("%s is in the quarantine %s times; name one by its message ID: %s", printable(text), grouped(len(matches)), joined(matches))
		}
		refs[i] = matches[0]
	}
	return refs, nil
}

func matching(all iter.Seq2[goredis.AdminQuarantined, error], text string) (matches []ports.StreamRef, err error) {
	for one, err := range all {
		if err != nil {
			return nil, err
		}
		if text == one.Ref.MessageID || text == one.Ref.Name || text == one.Ref.String() {
			matches = append(matches, one.Ref)
		}
	}
	return matches, nil
}

func joined(refs []ports.StreamRef) string {
	const most = 5
	var ids []string
	for _, ref := range refs[:min(len(refs), most)] {
		ids = append(ids, ref.MessageID)
	}
	if len(refs) > most {
		ids = append(ids, "…")
	}
	return strings.Join(ids, ", ")
}
