package simredis_test

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/ports"
)

// What is kept besides assignments and leases, and what operators ask for.

func (h *history) load(ctx context.Context) {
	var requests []ports.LoadRequest
	for _, ref := range h.refs() {
		requests = append(requests, ports.LoadRequest{Ref: ref, Token: max(h.newToken(), 1)})
	}
	_, _ = h.checkpoints.Load(ctx, requests)
}

func (h *history) save(ctx context.Context) {
	var requests []ports.SaveRequest
	for _, ref := range h.refs() {
		requests = append(requests, ports.SaveRequest{Ref: ref, Token: max(h.newToken(), 1), Number: int64(1 + h.IntN(4)),
			Position: fmt.Sprintf("at \x00\xff %d", h.IntN(100))})
	}
	_, _ = h.checkpoints.Save(ctx, requests)
}

func (h *history) finish(ctx context.Context) {
	var requests []ports.FinishRequest
	for _, ref := range h.refs() {
		requests = append(requests, ports.FinishRequest{Ref: ref, Token: max(h.newToken(), 1)})
	}
	_, _ = h.checkpoints.Finish(ctx, requests)
}

// operate is one thing that an operator does. Not what tells how long something
// has been idle in real time, lists evidence, whose JSON has no order, or scans
// all keys.
func (h *history) operate(ctx context.Context) {
	switch h.IntN(4) {
	case 0:
		_, _ = h.admin.Summary(ctx)
	case 1:
		if ref, err := h.admin.Requeue(ctx, h.ref().MessageID); err == nil {
			h.known = append(h.known, ref)
		}
	case 2:
		_, _ = h.admin.Drop(ctx, []ports.StreamRef{h.ref()})
	default:
		for _, err := range h.admin.Pages(ctx, goredis.AdminFilter{}) {
			if err != nil {
				return
			}
		}
	}
}
