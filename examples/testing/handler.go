package orders

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease"
)

// Bank moves money. It is to refuse a token that is lower than one it has seen
// for the order.
type Bank interface {
	Charge(ctx context.Context, order string, cents int64, token streamlease.Token) error
}

// Shop processes orders.
type Shop struct{ Bank Bank }

// Process is the handler: each data stream is an order, whose Info says what it
// costs.
func (s *Shop) Process(ctx context.Context, order *streamlease.Stream) error {
	var info struct {
		Cents int64 `json:"cents"`
	}
	if err := order.Info().Decode(&info); err != nil {
		return err
	}
	if info.Cents <= 0 {
		return fmt.Errorf("order %q costs %d cents", order.Ref().Name, info.Cents)
	}
	return s.Bank.Charge(ctx, order.Ref().Name, info.Cents, order.Token())
}
