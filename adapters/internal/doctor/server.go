package doctor

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// server is what was read of a server.
type server struct {
	lane *conn.Lane
	info conn.Info
	// settings are those that could be read; none where CONFIG is forbidden.
	settings map[string]string
	// ahead is how much the server's clock is ahead of this machine's, give or
	// take uncertainty.
	ahead, uncertainty time.Duration
	infoForbidden      bool
}

// Server examines the server of a lane, whoever it serves.
func Server(ctx context.Context, lane *conn.Lane, locks bool) []Finding {
	s, err := read(ctx, lane)
	if err != nil {
		return []Finding{{Check: "connection", Verdict: Missing, Server: lane.Server(), Says: err.Error()}}
	}
	findings := []Finding{s.version(), s.role(), s.eviction(), s.memory(), s.persistence(), s.disk(), s.replication(), s.clock()}
	if locks {
		findings = append(findings, s.events())
	}
	if s.info.Fields["cluster_enabled"] == "1" {
		findings = append(findings, s.cluster(ctx))
	}
	return findings
}

func read(ctx context.Context, lane *conn.Lane) (*server, error) {
	s := &server{lane: lane}
	err := lane.Do(ctx, "TIME", func(node *redis.Client) error {
		sent := time.Now()
		told, err := node.Time(ctx).Result()
		took := time.Since(sent)
		s.ahead, s.uncertainty = told.Sub(sent.Add(took/2)), took/2
		return err
	})
	if err != nil {
		return nil, err
	}
	err = lane.Do(ctx, "INFO", func(node *redis.Client) error {
		text, err := node.Info(ctx).Result()
		s.info = conn.ReadInfo(text)
		return err
	})
	if s.infoForbidden = isForbidden(err); err != nil && !s.infoForbidden {
		return nil, err
	}
	// Where CONFIG is forbidden, what it would have said is said to be unknown.
	_ = lane.Do(ctx, "CONFIG GET", func(node *redis.Client) (err error) {
		s.settings, err = node.ConfigGet(ctx, "*").Result()
		return err
	})
	return s, nil
}

func (s *server) finding(check string, verdict Verdict, format string, values ...any) Finding {
	return Finding{Check: check, Verdict: verdict, Server: s.lane.Server(), Says: fmt.Sprintf(format, values...), lane: s.lane}
}

// unread is the finding where the server would not say.
func (s *server) unread(check, command string) Finding {
	found := s.finding(check, Note, "%s is forbidden to this user, so this could not be checked.", command)
	found.Advice = "look again as a user that may use it"
	return found
}

// set adds the command for a setting, and that which keeps it over a restart.
func (f Finding) set(setting, value string) Finding {
	if n := len(f.Commands); n > 0 {
		f.Commands = f.Commands[:n-1]
	}
	f.Commands = append(f.Commands, []string{"CONFIG", "SET", setting, value}, []string{"CONFIG", "REWRITE"})
	return f
}

func (s *server) number(field string) int64 {
	number, _ := strconv.ParseInt(s.info.Fields[field], 10, 64)
	return number
}

func (s *server) version() Finding {
	const check = "version"
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case !s.info.IsNewEnough:
		return s.finding(check, Missing, "%s %.20s is too old: members refuse to work with it.", s.info.Product, s.info.Version).
			WithAdvice("use Redis 7.0 or newer, or Valkey 7.2 or newer")
	default:
		return s.finding(check, OK, "%s %.20s.", s.info.Product, s.info.Version)
	}
}

func (s *server) role() Finding {
	const check = "role"
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case s.info.Fields["role"] == "slave":
		return s.finding(check, Missing, "This is a replica: members are refused here.").
			WithAdvice("point the client at the master, or at the Sentinels or the cluster, which know it")
	default:
		return s.finding(check, OK, "This is a master.")
	}
}

func (s *server) clock() Finding {
	const check, worth = "clock", time.Second
	found := s.finding(check, OK, "The server's clock is %v ahead of this machine's, give or take %v. Nothing compares the two.",
		s.ahead.Round(time.Millisecond), s.uncertainty.Round(time.Millisecond))
	if s.ahead < 0 {
		found.Says = fmt.Sprintf("The server's clock is %v behind this machine's, give or take %v. Nothing compares the two.",
			(-s.ahead).Round(time.Millisecond), s.uncertainty.Round(time.Millisecond))
	}
	if s.ahead.Abs()-s.uncertainty > worth {
		found.Verdict = Note
		found.Advice = "let both follow the same time servers: times in logs do not fit together, and a step of the server's clock, when it is set right, would end leases early or late"
	}
	return found
}

func (s *server) events() Finding {
	const check = "notify-keyspace-events"
	flags, known := s.settings[check]
	switch {
	case !known:
		return s.unread(check, "CONFIG")
	case flags == "":
		return s.finding(check, OK, "It is off. Expired locks are found by the index of deadlines; only notifiers with KeyEvents use it, and they set it.")
	default:
		return s.finding(check, OK, "It is %q. Expired locks are found by the index of deadlines with or without it.", flags)
	}
}

func (s *server) cluster(ctx context.Context) Finding {
	const check = "cluster"
	var text string
	err := s.lane.Do(ctx, "CLUSTER INFO", func(node *redis.Client) (err error) {
		text, err = node.ClusterInfo(ctx).Result()
		return err
	})
	if err != nil {
		return s.unread(check, "CLUSTER INFO")
	}
	fields := conn.ReadInfo(text).Fields
	if fields["cluster_state"] != "ok" || fields["cluster_slots_fail"] != "0" {
		return s.finding(check, Missing, "The cluster's state is %s, %s of %s slots fail.", fields["cluster_state"], fields["cluster_slots_fail"], fields["cluster_slots_assigned"]).
			WithAdvice("mend the nodes that are down (CLUSTER NODES)")
	}
	return s.finding(check, OK, "The cluster is well, with %s masters. All of the service is in one slot, on this node.", fields["cluster_size"])
}
