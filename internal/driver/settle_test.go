package driver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
	"github.com/streamlease/streamlease/ports"
)

// checkpoints answer Finish as told; its calls are noted by the port that
// stands for the others.
type checkpoints struct {
	ports.Checkpoints
	port *port
	// failures are the results' errors by name, err that of the whole call.
	failures map[string]error
	err      error
}

func (c *checkpoints) Finish(ctx context.Context, requests []ports.FinishRequest) ([]ports.FinishResult, error) {
	_ = c.port.called(ctx, "Finish", requests)
	results := make([]ports.FinishResult, len(requests))
	for i, request := range requests {
		results[i].Err = c.failures[request.Ref.Name]
	}
	return results, c.err
}

func settlement(name string, outcome core.Outcome) core.Settlement {
	return core.Settlement{Ref: core.StreamRef{Name: name, MessageID: "1-1"}, Token: 5, Outcome: outcome}
}

func settle(t *testing.T, c *checkpoints, settlements ...core.Settlement) core.SettleAnswered {
	t.Helper()
	set := c.port.set()
	set.Checkpoints = c
	translator := driver.Translator{Ports: set, Member: member}
	event := translator.Call(t.Context(), 0, core.SendSettle{Settlements: settlements})
	require.IsType(t, core.SettleAnswered{}, event)
	return event.(core.SettleAnswered)
}

func TestACheckpointIsFinishedBeforeItsAssignmentEndsForGood(t *testing.T) {
	c := &checkpoints{port: newPort()}
	all := []core.Settlement{
		settlement("done", core.Done), settlement("given-back", core.HandedOff),
		settlement("failed", core.Failed), settlement("quarantined", core.Quarantined),
	}
	answered := settle(t, c, all...)
	require.NoError(t, answered.Err)
	require.Len(t, answered.Results, 4)
	require.Equal(t, []string{"Finish", "Settle"}, c.port.calls)
	require.Equal(t, []any{[]ports.FinishRequest{{Ref: all[0].Ref, Token: 5}, {Ref: all[3].Ref, Token: 5}}}, c.port.args[0])
	require.Equal(t, []any{member, all}, c.port.args[1])
}

func TestWhatGoesOnElsewhereFinishesNoCheckpoint(t *testing.T) {
	c := &checkpoints{port: newPort()}
	settle(t, c, settlement("given-back", core.HandedOff))
	require.Equal(t, []string{"Settle"}, c.port.calls)
}

func TestWhatCouldNotBeFinishedIsNotSettledAndDelaysNothingElse(t *testing.T) {
	c := &checkpoints{port: newPort(), failures: map[string]error{"lost": errBroken, "refused": errRefusal}}
	answered := settle(t, c, settlement("lost", core.Done), settlement("given-back", core.HandedOff),
		settlement("refused", core.Quarantined), settlement("done", core.Done))
	require.NoError(t, answered.Err)
	require.Equal(t, []any{member, []core.Settlement{settlement("given-back", core.HandedOff), settlement("done", core.Done)}}, c.port.args[1])
	require.ErrorIs(t, answered.Results[0].Err, errBroken)
	require.NoError(t, answered.Results[1].Err)
	require.ErrorIs(t, answered.Results[2].Err, core.ErrRefused)
	require.NoError(t, answered.Results[3].Err)
}

func TestAFinishOfUnknownOutcomeSettlesNothingThatEndsForGood(t *testing.T) {
	c := &checkpoints{port: newPort(), err: errBroken}
	answered := settle(t, c, settlement("done", core.Done), settlement("quarantined", core.Quarantined))
	require.Equal(t, []string{"Finish"}, c.port.calls)
	for _, result := range answered.Results {
		require.ErrorIs(t, result.Err, errBroken)
	}
}

func TestTheSourceSaysWhetherATenureIsOvertaken(t *testing.T) {
	c := &checkpoints{port: newPort(), failures: map[string]error{"overtaken": core.ErrDisowned}}
	answered := settle(t, c, settlement("overtaken", core.Done))
	require.Equal(t, []string{"Finish", "Settle"}, c.port.calls)
	require.NoError(t, answered.Results[0].Err)
}
