package failures_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
)

// refusal is a server that answers, and says no.
type refusal struct{ begin, end []string }

// refusals may pass by themselves, so members wait for their end.
var refusals = map[string]refusal{
	"it has become a read-only replica": {
		begin: []string{"REPLICAOF", "127.0.0.1", "1"},
		end:   []string{"REPLICAOF", "NO", "ONE"},
	},
	"it has too few replicas to write": {
		begin: []string{"CONFIG", "SET", "min-replicas-to-write", "1"},
		end:   []string{"CONFIG", "SET", "min-replicas-to-write", "0"},
	},
}

func TestMembersFenceThemselvesWhenTheirServerRefusesEverythingAndResumeByThemselves(t *testing.T) {
	t.Parallel()
	atOnce(t, refusals, func(t *testing.T, refusal refusal) {
		s, refs := newOutage(t, outage{}, 2*time.Second)
		before, began := s.books.owners(), s.now()
		s.command(refusal.begin...)
		s.awaitEachDisowned(before, began)
		s.command(refusal.end...)
		s.awaitOwned(refs)
		s.expectNothingCounted(refs, before)
		s.finish()
	})
}

func TestARightThatIsTakenAwayEndsTheMemberAfterATTLAndSaysWhichUnlessItIsGivenBackBefore(t *testing.T) {
	t.Parallel()
	const ttl = 6 * time.Second
	server := redistest.Start(t, "user member on >secret ~* &* +@all")
	admin := server.Client(t)
	client, _ := newClient(t, server.Client(t, func(o *redis.Options) { o.Username, o.Password = "member", "secret" }),
		streamlease.Config{TTL: ttl})
	notifications, err := client.Init(t.Context())
	require.NoError(t, err)
	source := newProducer(t, admin)
	_, err = source.Announce(t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: "a"}})
	require.NoError(t, err)
	stream := receiveStreams(t, notifications, 1)["a"]

	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "member", "-@all").Err())
	awaitThat(t, "the member has met the refusal", func() bool { return client.Status().LastError != nil })
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "member", "+@all").Err())
	renewed := client.Status().LastRenewal
	awaitThat(t, "the member renews again", func() bool { return client.Status().LastRenewal.After(renewed) })
	require.NoError(t, stream.Context().Err(), "what is owned, after a mistake that was put right in time")

	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "member", "-@all").Err())
	forbidden := time.Now()
	var kinds []streamlease.NotificationKind
	var last streamlease.Notification
	for last = range notifications {
		t.Logf("%v after the right was taken away: %v %v", time.Since(forbidden).Round(time.Millisecond), last.Kind, last.Err)
		kinds = append(kinds, last.Kind)
	}
	require.Equal(t, []streamlease.NotificationKind{streamlease.StreamDisowned, streamlease.StreamTerminated}, kinds)
	require.ErrorIs(t, last.Err, streamlease.ErrRefused)
	for _, says := range []string{"NOPERM", server.Addr(), "give the user the right"} {
		require.ErrorContains(t, last.Err, says)
	}
	require.NoError(t, client.Close(t.Context()))
}

// command asks the server for something that members do not ask for.
func (s *scenario) command(words ...string) {
	s.t.Helper()
	var arguments []any
	for _, word := range words {
		arguments = append(arguments, word)
	}
	require.NoError(s.t, s.keys.client.Do(s.t.Context(), arguments...).Err())
}
