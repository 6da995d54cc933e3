package orders

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
)

// bank charges, closed or slow as the test has it. Bubbles need no lock where
// only one handler runs.
type bank struct {
	closedUntil time.Time
	takes       time.Duration
	tries       []time.Time
	charged     map[string]int64
}

func (b *bank) Charge(ctx context.Context, order string, cents int64, _ streamlease.Token) error {
	b.tries = append(b.tries, time.Now())
	if time.Now().Before(b.closedUntil) {
		return errors.New("the bank is closed")
	}
	select {
	case <-time.After(b.takes):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	b.charged[order] += cents
	return nil
}

// announce tells the service of an order.
func announce(t *testing.T, service *memory.Service, name, info string) {
	t.Helper()
	_, err := streamlease.NewPublisher(service.Source).Announce(t.Context(),
		streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}, Info: streamlease.Info(info)})
	require.NoError(t, err)
}

// open runs a member of the service until close is called.
func open(t *testing.T, service *memory.Service, bank Bank) (closeShop func() error) {
	t.Helper()
	client, err := streamlease.New(streamlease.Config{Ports: service.Ports()})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx, (&Shop{bank}).Process) }()
	return func() error {
		stop()
		return <-ended
	}
}

func newService(t *testing.T) *memory.Service {
	t.Helper()
	service, err := memory.New(memory.Config{})
	require.NoError(t, err)
	return service
}

func TestAnOrderIsChargedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, bank := newService(t), &bank{charged: map[string]int64{}}
		closeShop := open(t, service, bank)
		announce(t, service, "order-7", `{"cents": 1250}`)
		time.Sleep(time.Minute)
		require.NoError(t, closeShop())
		require.Equal(t, map[string]int64{"order-7": 1250}, bank.charged)
	})
}

func TestWhileTheBankIsClosedAnOrderIsTriedAgainLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		bank := &bank{charged: map[string]int64{}, closedUntil: time.Now().Add(5 * time.Second)}
		closeShop := open(t, service, bank)
		announce(t, service, "order-7", `{"cents": 1250}`)
		time.Sleep(time.Minute)
		require.NoError(t, closeShop())
		require.Equal(t, map[string]int64{"order-7": 1250}, bank.charged)
		require.Len(t, bank.tries, 4, "after about 1, 3 and 7 seconds")
	})
}

func TestAnOrderThatCostsNothingGoesToTheQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, bank := newService(t), &bank{charged: map[string]int64{}}
		closeShop := open(t, service, bank)
		announce(t, service, "order-8", `{"cents": 0}`)
		time.Sleep(time.Minute)
		require.NoError(t, closeShop())
		require.Empty(t, bank.tries)
		quarantined := service.Source.Quarantine()
		require.Len(t, quarantined, 1)
		require.Equal(t, `order "order-8" costs 0 cents`, quarantined[0].Endings[0].Reason)
	})
}

func TestADeployChargesNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		bank := &bank{charged: map[string]int64{}, takes: 30 * time.Second}
		closeOld := open(t, service, bank)
		announce(t, service, "order-7", `{"cents": 1250}`)
		time.Sleep(3 * time.Second)
		closeNew := open(t, service, bank)
		time.Sleep(3 * time.Second)
		require.NoError(t, closeOld()) // the charge is called off, and the order handed on
		time.Sleep(time.Minute)
		require.NoError(t, closeNew())
		require.Len(t, bank.tries, 2)
		require.Equal(t, map[string]int64{"order-7": 1250}, bank.charged)
	})
}
