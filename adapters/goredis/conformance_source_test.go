package goredis_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/ports"
)

func TestTheStreamSourceKeepsItsContract(t *testing.T) {
	report := conformance.StreamSource(t, sourceHarness{examined.Start(t, 1)})
	require.Empty(t, report.NotCovered())
}

// sourceHarness makes stream sources on one server.
type sourceHarness struct{ *examined.Servers }

func (h sourceHarness) Open() (conformance.StreamSourceInstance, error) {
	service := h.NewService()
	keys, err := conn.NewKeys(service.Name)
	return &sourceInstance{service, keys}, err
}

type sourceInstance struct {
	*examined.Service
	keys conn.Keys
}

func (i *sourceInstance) Handle() (ports.StreamSource, error) { return i.HandleWith(0) }

func (i *sourceInstance) HandleWith(kind conformance.Mishap) (ports.StreamSource, error) {
	client, err := i.Client(0, kind)
	if err != nil {
		return nil, err
	}
	return goredis.NewSource(client, i.Name)
}

// Refuse takes away what announces, too.
func (i *sourceInstance) Refuse() error {
	return i.Operate("ACL", "SETUSER", "default", "-eval", "-evalsha", "-xadd")
}

func (i *sourceInstance) LoseGroup() error {
	return i.Operate("XGROUP", "DESTROY", i.keys.Stream(), i.keys.Group())
}

func (i *sourceInstance) LoseDelivery(ref ports.StreamRef) error {
	return i.Operate("XACK", i.keys.Stream(), i.keys.Group(), ref.MessageID)
}

func (i *sourceInstance) Trim(ref ports.StreamRef) error {
	return i.Operate("XDEL", i.keys.Stream(), ref.MessageID)
}

// Poisons are those of the payload, and those of the entry around it.
func (i *sourceInstance) Poisons() []conformance.Poison {
	poisons := conformance.Poisons(func(payload string) (string, error) { return i.add(conn.Field, payload) })
	for what, fields := range map[string][]string{
		"another field":           {"input", `{"DataStreamName":"s"}`},
		"a field in another case": {strings.ToUpper(conn.Field), `{"DataStreamName":"s"}`},
		"one field more":          {conn.Field, `{"DataStreamName":"s"}`, "more", "1"},
		"the field twice":         {conn.Field, `{"DataStreamName":"s"}`, conn.Field, `{"DataStreamName":"s"}`},
		"an empty field":          {"", ""},
	} {
		poisons = append(poisons, conformance.Poison{What: what, Add: func() (string, error) { return i.add(fields...) }})
	}
	return poisons
}

func (i *sourceInstance) add(fieldsAndValues ...string) (messageID string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return i.Operators[0].XAdd(ctx, &redis.XAddArgs{Stream: i.keys.Stream(), Values: fieldsAndValues}).Result()
}

func (i *sourceInstance) Quarantine() ([]conformance.Quarantined, error) {
	return examined.Quarantine(i.Operators[0], i.keys.Quarantine())
}
