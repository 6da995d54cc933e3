package goredis_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// shop is a service with something of everything in it.
type shop struct {
	t     *testing.T
	set   ports.Set
	admin *goredis.Admin
	refs  map[string]ports.StreamRef
}

func newShop(t *testing.T, client redis.UniversalClient) *shop {
	t.Helper()
	return &shop{t: t, set: newSet(t, client), admin: newAdmin(t, client), refs: map[string]ports.StreamRef{}}
}

func newAdmin(t *testing.T, client redis.UniversalClient) *goredis.Admin {
	t.Helper()
	admin, err := goredis.NewAdmin(client, "orders", goredis.AdminConfig{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	return admin
}

func (s *shop) announce(names ...string) {
	s.t.Helper()
	var assignments []ports.Assignment
	for _, name := range names {
		assignments = append(assignments, ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: ports.Info(`{"n":1}`)})
	}
	announced, err := s.admin.Announce(within(s.t, patience), assignments)
	require.NoError(s.t, err)
	for _, one := range announced {
		require.NoError(s.t, one.Err)
		s.refs[one.Ref.Name] = one.Ref
	}
}

func (s *shop) beat(member ports.Member) {
	s.t.Helper()
	_, err := s.set.Source.Heartbeat(within(s.t, patience), ports.Beat{Member: member, HasRoom: true, Expiry: patience, Version: "v1.2.3"})
	require.NoError(s.t, err)
}

func (s *shop) fetch(member ports.Member) {
	s.t.Helper()
	_, err := s.set.Source.Fetch(within(s.t, patience), member, 100, 0)
	require.NoError(s.t, err)
}

// lease leases names in one session.
func (s *shop) lease(member ports.Member, grant byte, ttl time.Duration, names ...string) map[string]ports.Lease {
	s.t.Helper()
	leases := map[string]ports.Lease{}
	id := ports.GrantID{grant}
	for i, name := range names {
		request := ports.AcquireRequest{Ref: s.refs[name], Grant: id, Open: i == 0}
		acquired, err := s.set.Leases.Acquire(within(s.t, patience), member, []ports.AcquireRequest{request}, ttl)
		require.NoError(s.t, err)
		require.NoError(s.t, acquired[0].Err)
		leases[name] = ports.Lease{Ref: s.refs[name], Grant: id, Token: acquired[0].Token}
	}
	return leases
}

func (s *shop) take(member ports.Member, leases map[string]ports.Lease, names ...string) {
	s.t.Helper()
	for _, name := range names {
		taken, err := s.set.Source.Take(within(s.t, patience), member, []ports.TakeRequest{{Ref: s.refs[name], Token: leases[name].Token}})
		require.NoError(s.t, err)
		require.NoError(s.t, taken[0].Err)
	}
}

// settle ends a tenure and gives its lease back.
func (s *shop) settle(member ports.Member, lease ports.Lease, settlement ports.Settlement) {
	s.t.Helper()
	settlement.Ref, settlement.Token = lease.Ref, lease.Token
	settled, err := s.set.Source.Settle(within(s.t, patience), member, []ports.Settlement{settlement})
	require.NoError(s.t, err)
	require.NoError(s.t, settled[0].Err)
	_, err = s.set.Leases.Release(within(s.t, patience), []ports.ReleaseRequest{{Lease: lease}})
	require.NoError(s.t, err)
}

func (s *shop) streams(filter goredis.AdminFilter) map[string]goredis.AdminStream {
	s.t.Helper()
	streams := map[string]goredis.AdminStream{}
	for page, err := range s.admin.Pages(within(s.t, patience), filter) {
		require.NoError(s.t, err)
		for _, one := range page.Streams {
			streams[one.Ref.MessageID] = one
		}
	}
	return streams
}

func (s *shop) of(name string) goredis.AdminStream {
	s.t.Helper()
	return s.streams(goredis.AdminFilter{})[s.refs[name].MessageID]
}

// fill brings streams into every state.
func (s *shop) fill() (double ports.StreamRef) {
	s.t.Helper()
	s.beat(alice)
	s.announce("owned", "handed-off", "failed", "poison", "taking", "delivered", "orphan")
	s.fetch(alice)
	s.announce("owned")
	double = s.refs["owned"]
	leases := map[string]ports.Lease{}
	maps.Copy(leases, s.lease(alice, 1, patience, "handed-off", "failed", "poison", "taking"))
	s.take(alice, leases, "handed-off", "failed", "poison")
	s.settle(alice, leases["handed-off"], ports.Settlement{Outcome: ports.HandedOff})
	s.settle(alice, leases["failed"], ports.Settlement{Outcome: ports.Failed, Reason: "no stock", RetryIn: time.Hour})
	position := ports.SaveRequest{Ref: s.refs["poison"], Token: leases["poison"].Token, Number: 1, Position: "7-1"}
	_, err := s.set.Checkpoints.Save(within(s.t, patience), []ports.SaveRequest{position})
	require.NoError(s.t, err)
	s.settle(alice, leases["poison"], ports.Settlement{Outcome: ports.Quarantined, Reason: "it kills"})
	for page := range s.admin.Pages(within(s.t, patience), goredis.AdminFilter{Name: "owned"}) {
		s.refs["owned"] = page.Streams[0].Ref
	}
	owned := s.lease(alice, 2, patience, "owned")
	s.take(alice, owned, "owned")
	orphan := s.lease(ports.Member{ID: "bob", Incarnation: "incarnation-b"}, 3, time.Millisecond, "orphan")
	s.take(ports.Member{ID: "bob", Incarnation: "incarnation-b"}, orphan, "orphan")
	require.Eventually(s.t, func() bool {
		leases, err := s.set.Leases.Inspect(within(s.t, patience), []string{"orphan"})
		return err == nil && !leases[0].Held
	}, patience, time.Millisecond)
	s.announce("waiting")
	return double
}

func TestAdminSeesEveryStreamInItsState(t *testing.T) {
	server := redistest.Start(t)
	s := newShop(t, server.Client(t))
	double := s.fill()
	bad := server.Client(t).XAdd(t.Context(), &redis.XAddArgs{Stream: "orders-input", Values: []string{"lbs-input", "{"}}).Val()

	states := map[string]goredis.AdminState{}
	for id, one := range s.streams(goredis.AdminFilter{}) {
		states[id] = one.State
	}
	require.Equal(t, map[string]goredis.AdminState{
		s.refs["owned"].MessageID:      goredis.StateOwned,
		double.MessageID:               goredis.StateBlocked,
		s.refs["handed-off"].MessageID: goredis.StateFree,
		s.refs["failed"].MessageID:     goredis.StateRetrying,
		s.refs["taking"].MessageID:     goredis.StateTaking,
		s.refs["delivered"].MessageID:  goredis.StateDelivered,
		s.refs["orphan"].MessageID:     goredis.StateUnowned,
		s.refs["waiting"].MessageID:    goredis.StateWaiting,
		bad:                            goredis.StateMalformed,
	}, states)

	owned := s.of("owned")
	require.Equal(t, alice, owned.Owner)
	require.Positive(t, owned.Token)
	require.Positive(t, owned.LeaseLeft)
	require.LessOrEqual(t, owned.LeaseLeft, patience)
	orphan := s.of("orphan")
	require.Equal(t, "bob", orphan.Owner.ID)
	failed := s.of("failed")
	require.Equal(t, 1, failed.Failures)
	require.Greater(t, failed.RetryIn, 50*time.Minute)
	require.Len(t, s.streams(goredis.AdminFilter{Prefix: "o"}), 3)
}

func TestAdminShowsHowTenuresEndedAndWhereTheyStopped(t *testing.T) {
	s := newShop(t, redistest.Start(t).Client(t))
	s.fill()
	failed, err := s.admin.Find(within(t, patience), "failed", nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"n":1}`, string(failed.Info))
	require.Len(t, failed.Endings, 1)
	require.Equal(t, "Failed", failed.Endings[0].Outcome)
	require.Equal(t, "no stock", failed.Endings[0].Reason)
	require.Equal(t, alice, failed.Endings[0].Member)
	require.Equal(t, alice.Incarnation, failed.DeliveredTo)
	require.WithinDuration(t, time.Now(), failed.Endings[0].At, time.Hour)

	owned, err := s.admin.Find(within(t, patience), "owned", func(int) { t.Error("the lease says where it is") })
	require.NoError(t, err)
	require.Equal(t, goredis.StateOwned, owned.State)
	_, err = s.admin.Find(within(t, patience), "nothing", nil)
	require.ErrorIs(t, err, ports.ErrDone)
	_, err = s.admin.Stream(within(t, patience), ports.StreamRef{Name: "other", MessageID: owned.Ref.MessageID})
	require.ErrorIs(t, err, ports.ErrDone)
	_, err = s.admin.Stream(within(t, patience), ports.StreamRef{Name: "owned", MessageID: "x"})
	require.ErrorIs(t, err, ports.ErrInvalid)
}

func TestAdminListsTheFleetAndWhoeverReadsAlong(t *testing.T) {
	server := redistest.Start(t)
	s := newShop(t, server.Client(t))
	s.fill()
	server.Client(t).XGroupCreateConsumer(t.Context(), "orders-input", "orders-group", "intruder")
	members, err := s.admin.Members(within(t, patience))
	require.NoError(t, err)
	found := map[string]goredis.AdminMember{}
	for _, one := range members {
		found[one.Incarnation] = one
	}
	require.Equal(t, goredis.MemberLive, found[alice.Incarnation].State)
	require.Equal(t, "alice", found[alice.Incarnation].ID)
	require.Equal(t, "v1.2.3", found[alice.Incarnation].Version)
	require.EqualValues(t, 1, found[alice.Incarnation].Taken)
	require.True(t, found[alice.Incarnation].HasRoom)
	require.Equal(t, goredis.MemberGone, found["incarnation-b"].State)
	require.EqualValues(t, 1, found["incarnation-b"].Pending)
	require.Equal(t, goredis.MemberForeign, found["intruder"].State)
}

func TestAdminSumsUp(t *testing.T) {
	s := newShop(t, redistest.Start(t).Client(t))
	s.fill()
	summary, err := s.admin.Summary(within(t, patience))
	require.NoError(t, err)
	require.EqualValues(t, 8, summary.Announced)
	require.EqualValues(t, 2, summary.Waiting)
	require.EqualValues(t, 1, summary.Quarantined)
	require.EqualValues(t, 2, summary.Free)
	require.Equal(t, "1.0", summary.Layout)
}

func TestWhatIsQuarantinedIsAnnouncedOnceMoreFromWhereItStopped(t *testing.T) {
	s := newShop(t, redistest.Start(t).Client(t))
	s.fill()
	quarantined := s.quarantine()
	require.Len(t, quarantined, 1)
	require.Equal(t, s.refs["poison"], quarantined[0].Ref)
	require.Equal(t, "it kills", quarantined[0].Reason)
	require.NotEmpty(t, quarantined[0].Endings)

	old := quarantined[0].Ref
	ref, err := s.admin.Requeue(within(t, patience), old.MessageID)
	require.NoError(t, err)
	require.Empty(t, s.quarantine())
	detail, err := s.admin.Stream(within(t, patience), ref)
	require.NoError(t, err)
	require.Equal(t, goredis.StateWaiting, detail.State)
	require.Zero(t, detail.Failures)
	require.JSONEq(t, `{"n":1}`, string(detail.Info))
	require.Equal(t, "7-1", detail.Checkpoint.Position)

	_, err = s.admin.Requeue(within(t, patience), old.MessageID)
	require.ErrorIs(t, err, ports.ErrDone)
	s.beat(alice)
	s.fetch(alice)
	s.refs["poison"] = ref
	lease := s.lease(alice, 9, patience, "poison")
	s.take(alice, lease, "poison")
	loaded, err := s.set.Checkpoints.Load(within(t, patience), []ports.LoadRequest{{Ref: ref, Token: lease["poison"].Token}})
	require.NoError(t, err)
	require.Equal(t, []ports.LoadResult{{Position: "7-1"}}, loaded)
}

func (s *shop) quarantine() (all []goredis.AdminQuarantined) {
	s.t.Helper()
	for one, err := range s.admin.Quarantine(within(s.t, patience)) {
		require.NoError(s.t, err)
		all = append(all, one)
	}
	return all
}

func TestWhatIsNoAnnouncementCanOnlyBeDropped(t *testing.T) {
	client := redistest.Start(t).Client(t)
	s := newShop(t, client)
	s.beat(alice)
	long := `{"DataStreamName":"long","x":"` + strings.Repeat("x", 70<<10) + `","Info":1}`
	for _, payload := range []string{`{"DataStreamName":1}`, long} {
		require.NoError(t, client.XAdd(t.Context(), &redis.XAddArgs{Stream: "orders-input", Values: []string{"lbs-input", payload}}).Err())
	}
	s.fetch(alice)
	all := s.quarantine()
	require.Len(t, all, 2)
	for _, one := range all {
		_, err := s.admin.Requeue(within(t, patience), one.Ref.MessageID)
		require.ErrorIs(t, err, ports.ErrInvalid)
		require.ErrorContains(t, err, "announce it anew")
	}
	dropped, err := s.admin.Drop(within(t, patience), []ports.StreamRef{all[0].Ref, all[1].Ref, {MessageID: "1-1"}})
	require.NoError(t, err)
	require.Equal(t, 2, dropped)
	require.Empty(t, s.quarantine())
}

func TestDroppingTakesTheCheckpointAlong(t *testing.T) {
	client := redistest.Start(t).Client(t)
	s := newShop(t, client)
	s.fill()
	key := "{orders-input}:checkpoint:" + s.refs["poison"].String()
	require.EqualValues(t, 1, client.Exists(t.Context(), key).Val())
	_, err := s.admin.Drop(within(t, patience), []ports.StreamRef{s.refs["poison"]})
	require.NoError(t, err)
	require.Zero(t, client.Exists(t.Context(), key).Val())
}

func TestAnOwnerIsAskedToHandOff(t *testing.T) {
	s := newShop(t, redistest.Start(t).Client(t))
	ref := ports.StreamRef{Name: "s", MessageID: "1-1"}
	hear(t, asker{s.set.Notifier, s.admin}, ports.Hint{Kind: ports.HintHandOff, Ref: ref})
}

// asker publishes by asking for what the hint wishes.
type asker struct {
	ports.ExpiryNotifier
	admin *goredis.Admin
}

func TestAPurgeLeavesNothingOfTheServiceAndAllOfTheOthers(t *testing.T) {
	client := redistest.Start(t).Client(t)
	s := newShop(t, client)
	s.fill()
	for _, key := range []string{"orders-inputs", "{orders-input}", "orders-group", "{order*-input}:x"} {
		require.NoError(t, client.Set(t.Context(), key, "somebody else's", 0).Err())
	}
	purged, err := s.admin.Purge(within(t, patience), nil)
	require.NoError(t, err)
	require.GreaterOrEqual(t, purged.Removed, int64(8))
	keys := client.Keys(t.Context(), "*").Val()
	slices.Sort(keys)
	require.Equal(t, []string{"orders-group", "orders-inputs", "{order*-input}:x", "{orders-input}"}, keys)

	stars, err := goredis.NewAdmin(client, "order*", goredis.AdminConfig{})
	require.NoError(t, err)
	defer func() { require.NoError(t, stars.Close()) }()
	_, err = stars.Purge(within(t, patience), nil)
	require.NoError(t, err)
	require.EqualValues(t, 3, client.DBSize(t.Context()).Val())
}

func TestLookingNeedsReadRightsAloneAndChangesNothing(t *testing.T) {
	server := redistest.Start(t)
	newShop(t, server.Client(t)).fill()
	root := server.Client(t)
	require.NoError(t, root.Do(t.Context(), "ACL", "SETUSER", "looker", "reset", "on", ">secret",
		"%R~orders-input", "%R~{orders-input}:*", "+@read", "+@connection", "+time", "+eval_ro", "+evalsha_ro").Err())
	admin := newAdmin(t, server.Client(t, func(o *redis.Options) { o.Username, o.Password = "looker", "secret" }))
	before := dump(t, root)

	looked := 0
	for page, err := range admin.Pages(within(t, patience), goredis.AdminFilter{}) {
		require.NoError(t, err)
		for _, one := range page.Streams {
			_, err := admin.Stream(within(t, patience), one.Ref)
			require.NoError(t, err)
			_, err = admin.Find(within(t, patience), one.Ref.Name, nil)
			require.NoError(t, err)
			looked++
		}
	}
	require.Equal(t, 8, looked)
	for one, err := range admin.Quarantine(within(t, patience)) {
		require.NoError(t, err)
		_, err = admin.Evidence(within(t, patience), one.Ref.MessageID)
		require.NoError(t, err)
	}
	_, err := admin.Members(within(t, patience))
	require.NoError(t, err)
	_, err = admin.Summary(within(t, patience))
	require.NoError(t, err)
	require.Equal(t, before, dump(t, root))

	_, err = admin.Drop(within(t, patience), []ports.StreamRef{{MessageID: "1-1"}})
	require.ErrorIs(t, err, ports.ErrRefused)
}

// dump is everything that the server has.
func dump(t *testing.T, client *redis.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, key := range client.Keys(t.Context(), "*").Val() {
		value, err := client.Dump(t.Context(), key).Result()
		require.NoError(t, err)
		if client.Type(t.Context(), key).Val() == "hash" {
			// A large hash moves its fields while it is read.
			value = fmt.Sprint(client.HGetAll(t.Context(), key).Val())
		}
		all[key] = fmt.Sprint(value, client.PTTL(t.Context(), key).Val() > 0)
	}
	return all
}

func TestAnEmptyServerHasNothingToShow(t *testing.T) {
	s := newShop(t, redistest.Start(t).Client(t))
	require.Empty(t, s.streams(goredis.AdminFilter{}))
	require.Empty(t, s.quarantine())
	members, err := s.admin.Members(within(t, patience))
	require.NoError(t, err)
	require.Empty(t, members)
	summary, err := s.admin.Summary(within(t, patience))
	require.NoError(t, err)
	require.Equal(t, goredis.AdminSummary{}, summary)
}

// Publish asks through the Admin.
func (a asker) Publish(ctx context.Context, hints []ports.Hint) error {
	return a.admin.AskToHandOff(ctx, hints[0].Ref)
}
