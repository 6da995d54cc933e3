package doctor

import (
	"fmt"
	"strings"
)

func (s *server) eviction() Finding {
	const check = "maxmemory-policy"
	policy := s.info.Fields["maxmemory_policy"]
	evicted := ""
	if count := s.number("evicted_keys"); count > 0 {
		evicted = fmt.Sprintf(" It has evicted %d keys since it started.", count)
	}
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case policy == "noeviction":
		return s.finding(check, OK, "It is noeviction: under memory pressure new work is refused, and what is owned is kept.%s", evicted)
	case strings.HasPrefix(policy, "volatile-"):
		return s.finding(check, Missing, "It is %.40s: under memory pressure the server removes keys that expire, which locks of redsync and redislock do. Then two members may own one stream.%s", policy, evicted).
			set(check, "noeviction")
	default:
		return s.finding(check, Missing, "It is %.40s: under memory pressure the server removes leases, records and even announcements. Then streams are lost, and two members may own one.%s", policy, evicted).
			set(check, "noeviction")
	}
}

func (s *server) memory() Finding {
	const check, nearly = "memory", 0.9
	used, limit := s.number("used_memory"), s.number("maxmemory")
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case limit == 0:
		return s.finding(check, OK, "%s are used; there is no limit (maxmemory 0).", megabytes(used))
	case float64(used) >= nearly*float64(limit):
		return s.finding(check, Note, "%s of %s are used: when it is full, announcements and takeovers are refused, and what is owned is kept.", megabytes(used), megabytes(limit)).
			WithAdvice("raise maxmemory, or remove data")
	default:
		return s.finding(check, OK, "%s of %s are used.", megabytes(used), megabytes(limit))
	}
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// persistence: what a restart of the server loses.
func (s *server) persistence() Finding {
	const check = "persistence"
	snapshots, known := s.settings["save"]
	appendfsync := s.settings["appendfsync"]
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case s.info.Fields["aof_enabled"] != "1":
		says := "Nothing is saved: a restart of the server loses every announcement and lease."
		if !known {
			says = "There is no append-only file: a restart of the server loses what it acknowledged since the last snapshot, or everything."
		} else if snapshots != "" {
			says = fmt.Sprintf("There are snapshots only (save %q): a restart of the server loses what it acknowledged since the last one. Streams come back that are done, and two members may own one.", snapshots)
		}
		return s.finding(check, Missing, "%s", says).set("appendonly", "yes").set("appendfsync", "always")
	case appendfsync == "":
		return s.finding(check, Note, "There is an append-only file; how often it is synced could not be read.")
	case appendfsync == "always":
		return s.finding(check, OK, "Every write is on disk before it is acknowledged (appendfsync always).")
	case appendfsync == "everysec":
		return s.finding(check, Note, "A restart of the server loses nothing; a loss of power may lose what was acknowledged in the last two seconds (appendfsync everysec). Then two members may own a stream until the older one's next renewal.").
			set("appendfsync", "always")
	default:
		return s.finding(check, Note, "A restart of the server loses nothing; a loss of power may lose what was acknowledged since the system wrote last, some thirty seconds (appendfsync %.10s).", appendfsync).
			set("appendfsync", "always")
	}
}

// disk: whether what is to be saved can be.
func (s *server) disk() Finding {
	const check = "disk"
	fields := s.info.Fields
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case fields["loading"] == "1":
		return s.finding(check, Note, "The server is loading its data.").WithAdvice("wait")
	case fields["aof_enabled"] == "1" && fields["aof_last_write_status"] == "err":
		return s.finding(check, Missing, "The last write of the append-only file failed: the server refuses writes.").WithAdvice("see its log, and mend its disk")
	case fields["rdb_last_bgsave_status"] == "err":
		return s.finding(check, Missing, "The last snapshot failed: the server may refuse writes (stop-writes-on-bgsave-error).").WithAdvice("see its log, and mend its disk")
	default:
		return s.finding(check, OK, "The last writes to disk went well.")
	}
}

// replication: what a failover loses.
func (s *server) replication() Finding {
	const check = "replication"
	replicas := s.number("connected_slaves")
	required, known := s.settings["min-replicas-to-write"]
	switch {
	case s.infoForbidden:
		return s.unread(check, "INFO")
	case replicas == 0 && (!known || required == "0"):
		return s.finding(check, Note, "There is no replica: while the server is down nothing is owned anew, and what its disk loses is lost.")
	case known && required == "0":
		return s.finding(check, Missing, "Replicas (%d) are not waited for: a failover may lose what was acknowledged, and a master that was cut off goes on acknowledging. Then two members may own a stream until the older one's next renewal.", replicas).
			set("min-replicas-to-write", "1").set("min-replicas-max-lag", "1").
			WithAdvice("bound what a failover loses to a second; to lose no lease at all, let leases wait for replicas (goredis.LeaseConfig.Replicas)")
	case !known:
		return s.finding(check, Note, "There are %d replicas; whether writes need them could not be read (CONFIG).", replicas)
	default:
		return s.finding(check, Note, "Writes need %s of %d replicas not more than %s s behind: a failover loses about as much. Leases that wait for replicas (goredis.LeaseConfig.Replicas) are not lost.", required, replicas, s.settings["min-replicas-max-lag"])
	}
}
