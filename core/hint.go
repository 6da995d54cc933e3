package core

import (
	"fmt"
	"time"
)

// HintKind says what a Hint is about.
type HintKind uint8

// The kinds of hints.
const (
	// HintName: the name Ref.Name is probably free. It serves those who wait
	// on that name.
	HintName HintKind = iota + 1
	// HintRef: the assignment Ref probably has no owner.
	HintRef
	// HintGrant: the grant Grant has probably expired; its leases are what it
	// leaves behind.
	HintGrant
	// HintHandOff is a wish: the owner of Ref is asked to hand it off.
	HintHandOff
	// HintGap: hints may have been missed.
	HintGap
)

// Hint is a notifier's word that something is probably free. It may be late,
// lost, doubled or wrong.
type Hint struct {
	Kind  HintKind
	Ref   StreamRef
	Grant GrantID
	// Giver is the incarnation of the member that left Ref to the others: it
	// does not try for it in its turn. Empty for any other hint.
	Giver string
	// Age is how long ago it became free, by the store's clock; 0: the notifier
	// does not know. It is for metrics alone.
	Age time.Duration
}

// WithoutAge is what two hints have in common that say the same.
func (h Hint) WithoutAge() Hint {
	h.Age = 0
	return h
}

// String returns the hint as traces show it.
func (h Hint) String() string {
	switch h.Kind {
	case HintName:
		return "name " + h.Ref.Name
	case HintRef:
		if h.Giver != "" {
			return "ref " + h.Ref.String() + " given by " + h.Giver
		}
		return "ref " + h.Ref.String()
	case HintGrant:
		return "grant " + h.Grant.String()
	case HintHandOff:
		return "hand-off " + h.Ref.String()
	case HintGap:
		return "gap"
	default:
		return fmt.Sprintf("hint of kind %d", h.Kind)
	}
}
