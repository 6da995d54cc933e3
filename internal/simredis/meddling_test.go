package simredis_test

import (
	"context"
	"maps"
	"slices"

	"github.com/stretchr/testify/require"
)

// meddle does what operators, evictions and other programs do.
func (h *history) meddle(ctx context.Context) {
	h.twins.mutex.Lock()
	keys := h.twins.simulated.Keys()
	h.twins.mutex.Unlock()
	keys = slices.DeleteFunc(keys, func(key string) bool { return key == "clock" })
	stream, group := service+"-input", service+"-group"
	switch at := h.IntN(12); {
	case at < 4 && len(keys) > 0:
		_ = h.client.Del(ctx, keys[h.IntN(len(keys))])
	case at < 6 && len(keys) > 0: // a key of another type
		key := keys[h.IntN(len(keys))]
		if h.IntN(2) == 0 {
			_ = h.client.Set(ctx, key, "of somebody else", 0)
		} else {
			_ = h.client.Del(ctx, key)
			_ = h.client.ZAdd(ctx, key)
		}
	case at < 8:
		_ = h.client.XDel(ctx, stream, h.ref().MessageID)
	case at < 9:
		_ = h.client.XAck(ctx, stream, group, h.ref().MessageID)
	case at < 10:
		_ = h.client.XGroupDestroy(ctx, stream, group)
	case at < 11:
		_ = h.client.HSet(ctx, "{"+stream+"}:records", h.ref().MessageID, "nonsense")
	default:
		if h.IntN(10) == 0 {
			_ = h.client.FlushAll(ctx)
			h.twins.setClock(h.twins.clock)
		}
	}
}

// fill lets the servers run out of memory for a few steps.
func (h *history) fill(context.Context) {
	if h.outage <= 0 {
		h.outage = 1 + h.IntN(6)
		h.setMemory(false)
	}
}

func (h *history) setMemory(enough bool) {
	w := h.twins
	w.mutex.Lock()
	defer w.mutex.Unlock()
	limit := "1"
	if enough {
		limit = "0"
	}
	_, reply := w.askReal([]string{"CONFIG", "SET", "maxmemory", limit})
	require.Equal(w.t, "OK", reply)
	w.simulated.Full = !enough
}

// compareKeyspaces compares all that is stored, but for when it was pending.
func (w *twins) compareKeyspaces() {
	w.t.Helper()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	real, simulated := w.dump(w.askRealValue), w.dump(w.askSimulated)
	for _, key := range slices.Sorted(maps.Keys(real)) {
		require.Equal(w.t, real[key], simulated[key], "key %q", key)
	}
	require.Len(w.t, simulated, len(real))
}

func (w *twins) dump(ask func([]string) any) map[string]any {
	keys, _ := ask([]string{"KEYS", "*"}).([]any)
	dumped := map[string]any{}
	for _, key := range keys {
		key := key.(string)
		switch ask([]string{"TYPE", key}) {
		case "string":
			dumped[key] = ask([]string{"GET", key})
		case "hash":
			dumped[key] = fieldsOf(ask([]string{"HGETALL", key}))
		case "zset":
			dumped[key] = ask([]string{"ZRANGE", key, "0", "-1", "WITHSCORES"})
		case "stream":
			dumped[key] = []any{ask([]string{"XRANGE", key, "-", "+"}), w.pendingOf(ask, key, service+"-group")}
		}
	}
	return dumped
}

// fieldsOf leaves out where a walk over a hash has come to: cursors are the
// server's own.
func fieldsOf(reply any) map[string]string {
	list, fields := reply.([]any), map[string]string{}
	for i := 0; i < len(list); i += 2 {
		fields[list[i].(string)] = canonical(list[i+1].(string))
	}
	delete(fields, "walk")
	return fields
}

func consumersOf(reply any) any {
	list, is := reply.([]any)
	if !is {
		return reply
	}
	var names []any
	for _, one := range list {
		described := one.([]any)
		names = append(names, described[1], described[3])
	}
	return names
}
