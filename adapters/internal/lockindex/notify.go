package lockindex

import (
	"context"
	"strings"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/hints"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// NewNotifier makes a notifier of the index's leases, which closes the index's
// connections when it is closed. With keyEvents it listens to the server's word
// of locks that went away, too.
func (i *Index) NewNotifier(config hints.Config, keyEvents bool) *hints.Notifier {
	look := hints.Look{At: i.expired, Rights: Rights}
	if keyEvents {
		look.Events = &hints.Events{NameOf: i.nameOf, Lapsed: i.lapsed}
	}
	return hints.New(i.Conn, config, look)
}

// expired finds leases that have expired and that nobody has taken since.
func (i *Index) expired(ctx context.Context, lane *conn.Lane, position string) (hints.Sight, error) {
	return hints.RunLook(ctx, lane, expiredScript, i.keys, position, textsPerHint, lostLease)
}

const textsPerHint = 2 // name, message ID

func lostLease(texts []string) (ports.Hint, bool) {
	ref := ports.StreamRef{Name: texts[0], MessageID: texts[1]}
	return ports.Hint{Kind: ports.HintRef, Ref: ref}, ports.ValidateName(ref.Name) == nil && ref.MessageID != ""
}

// nameOf is the name whose lock has the key, if it is the key of a lock.
func (i *Index) nameOf(key string) (name string, ok bool) { return strings.CutPrefix(key, i.locks) }

// lapsed gives hints of those names that are not locked and whose last lease
// is not yet released or taken.
func (i *Index) lapsed(ctx context.Context, lane *conn.Lane, names []string) ([]ports.Hint, error) {
	args := make([]any, len(names))
	for at, name := range names {
		args[at] = name
	}
	answer, err := lapsedScript.Run(ctx, lane, i.keys, args...)
	if err != nil {
		return nil, err
	}
	r := reply.New(answer)
	found := lostLeases(r)
	if !r.Done() {
		return nil, lapsedScript.BadReply(answer)
	}
	return found, nil
}

func lostLeases(r *reply.Reader) (found []ports.Hint) {
	for r.More() {
		hint, ours := lostLease([]string{r.Text(), r.Text()})
		hint.Age = r.Duration(time.Microsecond)
		if r.OK() && ours {
			found = append(found, hint)
		}
	}
	return found
}
