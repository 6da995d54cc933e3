package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A process that stood still while a Renew was under way reads its answer late.
// That says nothing about how long a Renew takes: what it acquires next it must
// renew like anything else, or it would lose everything again and again.
func TestALateAnswerAfterAPauseDoesNotEndRenewals(t *testing.T) {
	m, e := ownerOfOneBy(t, GrantPerLease)
	renew := nextRenew(t, m)
	m.Step(m.now+time.Minute, RenewAnswered{Answered: Answered{Call: renew.ID, Sent: m.now}, Results: []RenewResult{{Err: ErrExpired}}})
	fresh := m.newGrant()
	fresh.opened, fresh.validUntil = true, m.now+m.config.TTL-m.config.Margin-m.config.RenewEvery
	require.True(t, m.worthRenewing(fresh), "%v took its Renew", m.renewTook)
	require.NotEqual(t, held, e.phase)
}

// nextRenew lets time pass until the machine renews.
func nextRenew(t *testing.T, m *Machine) SendRenew {
	t.Helper()
	for range 10 {
		for _, command := range m.Step(m.now + m.config.RenewEvery/4) {
			if renew, is := command.(SendRenew); is {
				return renew
			}
		}
	}
	t.Fatal("nothing was renewed")
	return SendRenew{}
}
