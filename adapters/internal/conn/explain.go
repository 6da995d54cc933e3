package conn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/core"
)

// refusal says what a server's error means when it is the whole answer to one
// command: that nothing was done.
type refusal struct {
	// prefix is how the server's message begins.
	prefix  string
	lasting bool
	advice  string
}

var refusals = []refusal{
	{"NOPERM", true, "give the user the right to this command, these keys and this channel; the documentation of the adapter lists them"},
	{"NOAUTH", true, "set the user name and password of the client"},
	// How the server answers a command of many words before AUTH.
	{"ERR Protocol error: unauthenticated", true, "set the user name and password of the client"},
	{"WRONGPASS", true, "correct the user name and password of the client"},
	{"DENIED", true, "the server is in protected mode: set a password on it, or bind it to a private address"},
	{"WRONGTYPE", true, "a key of the service has a type of somebody else's making: remove it, or choose another name for the service"},
	{"NOPROTO", true, "the server does not speak the protocol that the client asks for: use a server of version 7.0 or newer"},
	{"CROSSSLOT", true, "the keys of the service are in different slots: this is a mistake of this library, please report it"},
	{"ERR unknown command", true, "the server does not know the command, or it was renamed: use a server of version 7.0 or newer that has it"},
	{"ERR unknown subcommand", true, "the server does not know the command: use a server of version 7.0 or newer"},
	{"ERR Unknown subcommand", true, "the server does not know the command: use a server of version 7.0 or newer"},
	{"ERR DB index is out of range", true, "choose a database that the server has"},
	{"ERR SELECT is not allowed in cluster mode", true, "a cluster has database 0 only"},
	{"ERR AUTH", true, "correct the user name and password of the client"},
	{"ERR invalid password", true, "correct the password of the client"},
	{"ERR Unexpected flags in script shebang", true, "use a server of version 7.0 or newer"},
	{"OOM", false, "the server is out of memory: raise maxmemory or remove data; what is owned is kept"},
	{"READONLY", false, "the server is a replica: point the client at the master, or wait for the failover to end"},
	{"LOADING", false, "the server is loading its data: wait"},
	{"MISCONF", false, "the server cannot save its data and stops writing: see its log and mend its disk"},
	{"NOREPLICAS", false, "the server has fewer replicas than min-replicas-to-write asks for: mend them"},
	{"MASTERDOWN", false, "the replica has lost its master: point the client at the master, or wait for the failover to end"},
	{"CLUSTERDOWN", false, "the cluster does not serve the slot: wait, or mend it"},
	{"TRYAGAIN", false, "the slot is moving to another node: wait"},
	{"MOVED", false, "the slot has moved to another node: hand in a *redis.ClusterClient, or wait"},
	{"ASK", false, "the slot is moving to another node: hand in a *redis.ClusterClient, or wait"},
	{"BUSY", false, "the server is busy with a slow script or function of somebody's: wait, or use SCRIPT KILL or FUNCTION KILL"},
	{"ERR max number of clients reached", false, "raise maxclients of the server, or close connections"},
	{"NOSCRIPT", false, "the server has forgotten a script: try again"},
}

// Explain says what an error of a command means. An answer that is a definite
// no, with nothing done, becomes a *core.RefusedError that names server,
// command and advice. Any other error keeps its outcome unknown, and server
// and command are added to its text; so does the error of a script that failed
// half-way, since what it wrote before stays written. What to do about a server
// that cannot be reached stands there too. A nil error stays nil, and what is
// explained already stays as it is.
//
// The rules are for one command or one script. For a transaction or several
// commands look at each command's own error.
func (l *Lane) Explain(command string, err error) error {
	var explained *core.RefusedError
	if err == nil || errors.As(err, &explained) {
		return err
	}
	if meaning, ok := refusalOf(err); ok {
		if !failedHalfway(err) {
			return &core.RefusedError{Server: l.Server(), Command: command, Advice: meaning.advice, Lasting: meaning.lasting, Cause: err}
		}
		return fmt.Errorf("%s at %s: %w (%s)", command, l.Server(), err, meaning.advice)
	}
	if advice := unreachable(err); advice != "" {
		return fmt.Errorf("%s at %s: %w (%s)", command, l.Server(), err, advice)
	}
	return fmt.Errorf("%s at %s: %w", command, l.Server(), err)
}

// unreachable is what to do about a server that does not answer; empty: the
// error has another cause.
func unreachable(err error) string {
	var network *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &network) && network.Op == "dial":
		return "check the client's address, and that the server runs and is not behind a firewall"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "there was no answer in time: check that the server runs and is not overloaded, and that it speaks TLS if the client does, and only then"
	}
	return ""
}

// refusalOf finds what the server's message means. A message may be wrapped:
// an error of the handshake comes before the command was sent.
func refusalOf(err error) (refusal, bool) {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return refusal{}, false
	}
	message := answer.Error()
	for _, known := range refusals {
		if strings.HasPrefix(message, known.prefix) {
			return known, true
		}
	}
	if strings.Contains(message, "The user executing the script can't") || strings.Contains(message, "ACL failure in script") {
		return refusals[0], true
	}
	return refusal{}, false
}

// advice is what to do about the refusal that begins with prefix.
func advice(prefix string) string {
	for _, known := range refusals {
		if known.prefix == prefix {
			return known.advice
		}
	}
	return ""
}

// failedHalfway reports whether the error comes from within a script: Redis
// names the script and its line at the end of such a message.
func failedHalfway(err error) bool {
	message := err.Error()
	return strings.Contains(message, "script: ") && strings.Contains(message, "on @user_script")
}

// keysMoved reports whether the server said that another node has the keys.
func keysMoved(err error) bool {
	return redis.HasErrorPrefix(err, "MOVED ")
}
