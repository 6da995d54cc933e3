package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

// fleetOfStreams is a service in which one member owns many streams.
func fleetOfStreams(b *testing.B, shape ports.GrantShape, streams int) (*memory.Service, []ports.StreamRef, []ports.GrantID) {
	b.Helper()
	service, err := memory.New(memory.Config{Shape: shape})
	require.NoError(b, err)
	refs := make([]ports.StreamRef, streams)
	grants := make([]ports.GrantID, streams)
	for i := range streams {
		announced, err := service.Source.Announce(b.Context(), []ports.Assignment{{Ref: ports.StreamRef{Name: fmt.Sprint("stream-", i)}}})
		require.NoError(b, err)
		refs[i] = announced[0].Ref
		if shape == ports.GrantPerLease {
			grants[i] = ports.GrantID{1, byte(i), byte(i >> 8), byte(i >> 16)}
		}
		own(b, service, refs[i], grants[i])
	}
	_, err = service.Source.Fetch(b.Context(), alice, streams, 0)
	require.NoError(b, err)
	return service, refs, grants
}

func own(b *testing.B, service *memory.Service, ref ports.StreamRef, grant ports.GrantID) ports.Token {
	acquired, err := service.Leases.Acquire(b.Context(), alice, []ports.AcquireRequest{{Ref: ref, Grant: grant, Open: true}}, time.Hour)
	if err != nil || acquired[0].Err != nil {
		b.Fatal(err, acquired)
	}
	taken, err := service.Source.Take(b.Context(), alice, []ports.TakeRequest{{Ref: ref, Token: acquired[0].Token}})
	if err != nil || taken[0].Err != nil {
		b.Fatal(err, taken)
	}
	return acquired[0].Token
}

// BenchmarkTenure is a whole tenure, from Acquire to Release, beside others.
func BenchmarkTenure(b *testing.B) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		for _, streams := range []int{1_000, 100_000} {
			b.Run(fmt.Sprintf("%v/%d", shape, streams), func(b *testing.B) {
				service, refs, grants := fleetOfStreams(b, shape, streams)
				inspected, err := service.Leases.Inspect(b.Context(), []string{refs[0].Name})
				require.NoError(b, err)
				token := inspected[0].Holder.Lease.Token
				b.ReportAllocs()
				for b.Loop() {
					lease := ports.Lease{Ref: refs[0], Grant: grants[0], Token: token}
					settled, err := service.Source.Settle(b.Context(), alice, []ports.Settlement{{Ref: refs[0], Token: token, Outcome: ports.HandedOff}})
					if err != nil || settled[0].Err != nil {
						b.Fatal(err, settled)
					}
					released, err := service.Leases.Release(b.Context(), []ports.ReleaseRequest{{Lease: lease}})
					if err != nil || !released[0].Changed {
						b.Fatal(err, released)
					}
					token = own(b, service, refs[0], grants[0])
				}
			})
		}
	}
}

// BenchmarkRenew is one renewal of everything that a member owns.
func BenchmarkRenew(b *testing.B) {
	const streams = 100_000
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		b.Run(shape.String(), func(b *testing.B) {
			service, _, grants := fleetOfStreams(b, shape, streams)
			if shape == ports.GrantPerMember {
				grants = grants[:1]
			}
			b.ReportAllocs()
			for b.Loop() {
				results, err := service.Leases.Renew(b.Context(), grants, time.Hour)
				if err != nil || results[0].Err != nil {
					b.Fatal(err, results)
				}
			}
		})
	}
}
