package driver_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
	"github.com/streamlease/streamlease/ports"
)

// exchange is a command, the call that it asks for and its answer.
type exchange struct {
	command core.Command
	method  string
	args    []any
	answer  core.Event // with an empty head
	batch   bool
}

func exchanges(call core.Call) []exchange {
	beat := core.Beat{Owned: 3}
	take := []core.TakeRequest{{Token: 1}, {Token: 2}}
	settle := []core.Settlement{{Token: 1}}
	sweep := core.SweepRequest{Limit: 9}
	acquire := []core.AcquireRequest{{Floor: 1}, {Floor: 2}, {Floor: 3}}
	grants := []core.GrantID{{1}, {2}}
	release := []core.ReleaseRequest{{EndGrant: true}}
	names := []string{"a", "b"}
	hints := []core.Hint{{Kind: core.HintName}}
	return []exchange{
		{core.SendHeartbeat{Call: call, Beat: beat}, "Heartbeat", []any{beat},
			core.HeartbeatAnswered{Fleet: core.Fleet{Version: 7}}, false},
		{core.SendFetch{Call: call, Max: 5, Wait: time.Minute}, "Fetch", []any{member, 5, time.Minute},
			core.FetchAnswered{Fetched: core.Fetched{Left: 7}}, false},
		{core.SendDeliveries{Call: call, Member: member, Cursor: "c", Limit: 5}, "Deliveries", []any{member, "c", 5},
			core.DeliveriesAnswered{Page: core.DeliveryPage{Next: "7"}}, false},
		{core.SendTake{Call: call, Requests: take}, "Take", []any{member, take},
			core.TakeAnswered{Results: make([]core.TakeResult, 2)}, true},
		{core.SendSettle{Call: call, Settlements: settle}, "Settle", []any{member, settle},
			core.SettleAnswered{Results: make([]core.SettleResult, 1)}, true},
		{core.SendSweep{Call: call, Request: sweep}, "Sweep", []any{member, sweep},
			core.SweepAnswered{Page: core.SweepPage{RoundNumber: 7}}, false},
		{core.SendAcquire{Call: call, Requests: acquire, TTL: time.Second}, "Acquire", []any{member, acquire, time.Second},
			core.AcquireAnswered{Results: make([]core.AcquireResult, 3)}, true},
		{core.SendRenew{Call: call, Grants: grants, TTL: time.Second}, "Renew", []any{grants, time.Second},
			core.RenewAnswered{Results: make([]core.RenewResult, 2)}, true},
		{core.SendLeases{Call: call, Grant: core.GrantID{1}, Cursor: "c", Limit: 5}, "Leases", []any{core.GrantID{1}, "c", 5},
			core.LeasesAnswered{Page: core.LeasePage{Next: "7"}}, false},
		{core.SendRelease{Call: call, Requests: release}, "Release", []any{release},
			core.ReleaseAnswered{Results: make([]core.ReleaseResult, 1)}, true},
		{core.SendInspect{Call: call, Names: names}, "Inspect", []any{names},
			core.InspectAnswered{Results: make([]core.InspectResult, 2)}, true},
		{core.SendPublish{Call: call, Hints: hints}, "Publish", []any{hints},
			core.PublishAnswered{}, false},
		{core.SendCheck{Call: call}, "Check", nil,
			core.CheckAnswered{}, false},
	}
}

// answered is the head of an answer and the answer without it.
func answered(t *testing.T, event core.Event) (core.Answered, core.Event) {
	t.Helper()
	rest := reflect.New(reflect.TypeOf(event)).Elem()
	rest.Set(reflect.ValueOf(event))
	field := rest.FieldByName("Answered")
	head, found := field.Interface().(core.Answered)
	require.True(t, found, "%T has no head", event)
	field.SetZero()
	return head, rest.Interface().(core.Event)
}

func eachExchange(t *testing.T, test func(t *testing.T, e exchange)) {
	for _, e := range exchanges(core.Call{ID: 42, Timeout: time.Second}) {
		t.Run(fmt.Sprintf("%T", e.command), func(t *testing.T) { test(t, e) })
	}
}

func TestEachCommandBecomesItsCallAndItsAnswer(t *testing.T) {
	eachExchange(t, func(t *testing.T, e exchange) {
		port := newPort()
		event := driver.Translator{Ports: port.set(), Member: member}.Call(t.Context(), 5*time.Second, e.command)

		require.Equal(t, []string{e.method}, port.calls)
		require.Equal(t, []any{e.args}, port.args)
		head, rest := answered(t, event)
		require.Equal(t, core.Answered{Call: 42, Sent: 5 * time.Second}, head)
		require.Equal(t, e.answer, rest)
	})
}

func TestAnErrorOfTheWholeCallLeavesNoResults(t *testing.T) {
	for _, err := range []error{errBroken, errRefusal} {
		eachExchange(t, func(t *testing.T, e exchange) {
			port := newPort()
			port.err = err
			event := driver.Translator{Ports: port.set(), Member: member}.Call(t.Context(), time.Second, e.command)

			head, rest := answered(t, event)
			require.Equal(t, core.CallID(42), head.Call)
			require.Equal(t, time.Second, head.Sent)
			require.ErrorIs(t, head.Err, err)
			require.Zero(t, rest)
		})
	}
}

func TestAPanicOfAPortIsAnUnknownOutcome(t *testing.T) {
	eachExchange(t, func(t *testing.T, e exchange) {
		port := newPort()
		port.panics = "index out of range"
		event := driver.Translator{Ports: port.set(), Member: member}.Call(t.Context(), time.Second, e.command)

		head, rest := answered(t, event)
		require.Equal(t, core.CallID(42), head.Call)
		require.ErrorContains(t, head.Err, "index out of range")
		require.NotErrorIs(t, head.Err, core.ErrRefused)
		require.Zero(t, rest)
	})
}

func TestResultsThatAreNotOneForEachRequestAreAnUnknownOutcome(t *testing.T) {
	for _, results := range []int{0, 4} {
		eachExchange(t, func(t *testing.T, e exchange) {
			port := newPort()
			port.results = results
			event := driver.Translator{Ports: port.set(), Member: member}.Call(t.Context(), time.Second, e.command)

			head, rest := answered(t, event)
			if !e.batch {
				require.NoError(t, head.Err)
				return
			}
			require.ErrorContains(t, head.Err, fmt.Sprintf("%d results", results))
			require.Zero(t, rest)
		})
	}
}

func TestPublishWithoutANotifierIsAnError(t *testing.T) {
	event := driver.Translator{Ports: ports.Set{}, Member: member}.Call(t.Context(), 0, core.SendPublish{})
	head, _ := answered(t, event)
	require.Error(t, head.Err)
}

func TestCheckTellsItsWarnings(t *testing.T) {
	port := newPort()
	var warnings []string
	translator := driver.Translator{Ports: port.set(), Warn: func(warning string) { warnings = append(warnings, warning) }}
	translator.Call(t.Context(), 0, core.SendCheck{})
	require.Equal(t, []string{"it is slow"}, warnings, "one value that is three ports is asked once")
}

func TestEachCommandHasAHeaderAnAllowanceAndAnAnswerWithoutResults(t *testing.T) {
	eachExchange(t, func(t *testing.T, e exchange) {
		call, asks := driver.Header(e.command)
		require.True(t, asks)
		require.Equal(t, core.CallID(42), call.ID)

		allowance := time.Second
		if e.method == "Fetch" {
			allowance += time.Minute
		}
		require.Equal(t, allowance, driver.Allowance(e.command))

		event := driver.Unanswered(e.command, time.Minute, errBroken)
		require.IsType(t, e.answer, event)
		head, _ := answered(t, event)
		require.Equal(t, core.Answered{Call: 42, Sent: time.Minute, Err: errBroken}, head)
	})
}

func TestACommandThatAsksForNoCallHasNoAnswer(t *testing.T) {
	for _, command := range []core.Command{core.WakeAt{}, core.CancelCall{}, core.Joined{}, core.TenureBegan{},
		core.TenureEnded{}, core.ContextEnded{}, core.Reply{}, core.Terminated{}, core.Broken{}} {
		_, asks := driver.Header(command)
		require.False(t, asks, "%T", command)
		require.Nil(t, driver.Unanswered(command, 0, errBroken), "%T", command)
		require.Nil(t, driver.Translator{}.Call(t.Context(), 0, command), "%T", command)
	}
}
