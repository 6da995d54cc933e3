package simredis_test

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/streamlease/streamlease/internal/simredis"
)

// tee is a connection of a client to both twins. What the client asks goes to
// both as it is, but for time: scripts read it from a key instead of a clock,
// entries get the IDs of that time, and no read waits.
type tee struct {
	twins *twins
	own   *simredis.Client // for what only a connection of its own can ask
	mutex sync.Mutex
	ready sync.Cond
	sent  []byte
	reply []byte
	ended bool
}

func (w *twins) dial() net.Conn {
	t := &tee{twins: w}
	t.ready.L = &t.mutex
	w.mutex.Lock()
	defer w.mutex.Unlock()
	t.own = w.simulated.Connect(t.answer)
	return t
}

func (t *tee) answer(reply []byte) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.reply = append(t.reply, reply...)
	t.ready.Broadcast()
}

// Write hands every complete request to the twins.
func (t *tee) Write(sent []byte) (int, error) {
	t.sent = append(t.sent, sent...)
	for {
		words, rest, err := simredis.ParseRequest(t.sent)
		if err != nil || words == nil {
			return len(sent), err
		}
		t.sent = rest
		t.twins.serve(t, words)
	}
}

func (t *tee) Read(into []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for len(t.reply) == 0 {
		if t.ended {
			return 0, io.EOF
		}
		t.ready.Wait()
	}
	n := copy(into, t.reply)
	t.reply = t.reply[n:]
	return n, nil
}

func (t *tee) Close() error {
	t.twins.mutex.Lock()
	t.own.Close()
	t.twins.mutex.Unlock()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.ended = true
	t.ready.Broadcast()
	return nil
}

func (*tee) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*tee) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*tee) SetDeadline(time.Time) error      { return nil }
func (*tee) SetReadDeadline(time.Time) error  { return nil }
func (*tee) SetWriteDeadline(time.Time) error { return nil }

// serve asks the twins one request of a client.
func (w *twins) serve(t *tee, words []string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	switch strings.ToUpper(words[0]) {
	case "HELLO", "CLIENT", "SUBSCRIBE", "UNSUBSCRIBE", "PING":
		t.own.Do(words)
		return
	case "INFO": // long, and read by its few lines
		raw, _ := w.askReal(words)
		t.answer(raw)
		return
	}
	name, asked := w.nameOf(words), w.translate(words)
	raw, real := w.askReal(asked)
	w.compareAs(name, asked, real, w.askSimulated(asked))
	t.answer(raw)
}

// translate makes of a request what can be asked of both.
func (w *twins) translate(words []string) []string {
	words = slices.Clone(words)
	switch strings.ToUpper(words[0]) {
	case "EVAL", "EVAL_RO":
		words[1] = withoutTime(words[1])
	case "EVALSHA", "EVALSHA_RO":
		if hash, known := w.hashes[words[1]]; known {
			words[1] = hash
		}
	case "XADD":
		w.entries++
		words[2] = fmt.Sprintf("%d-%d", w.clock.UnixMilli(), w.entries)
	case "XREADGROUP":
		if at := slices.Index(words, "block"); at > 0 {
			words = slices.Delete(words, at, at+2)
		}
	}
	return words
}

func hashOf(source string) string {
	sum := sha1.Sum([]byte(source))
	return hex.EncodeToString(sum[:])
}

var readsPTTL = regexp.MustCompile(`redis\.call\('PTTL', ([^)]*)\)`)

// withoutTime lets a script read the time from a key, and see time to live in
// whole hours.
func withoutTime(source string) string {
	source = strings.ReplaceAll(source, `redis.call('TIME')`, `redis.call('HMGET', 'clock', 's', 'u')`)
	return readsPTTL.ReplaceAllString(source, `(math.ceil(redis.call('PTTL', $1) / 3600000) * 3600000 + 0)`)
}

// nameOf is the command, or the first line of the script's comment.
func (w *twins) nameOf(words []string) string {
	name := strings.ToUpper(words[0])
	switch name {
	case "EVAL", "EVAL_RO":
		w.hashes[hashOf(words[1])] = hashOf(withoutTime(words[1]))
		w.names[hashOf(words[1])] = firstComment(words[1])
		return firstComment(words[1])
	case "EVALSHA", "EVALSHA_RO":
		if known := w.names[words[1]]; known != "" {
			return known
		}
	}
	return name
}

var shared = regexp.MustCompile(`(?m)^-- ((?:Acquires|Extends|Gives leases|Says|A page|Finds|Draws|Drops|Notes|Writes|Moves|Tells|` +
	`Pages|Delivers|Goes on|Ends tenures|Answers what was|Records tenures)[^.:\n]*)`)

func firstComment(source string) string {
	if found := shared.FindStringSubmatch(source); found != nil {
		return strings.TrimSpace(found[1])
	}
	return oneLine(source)
}

func oneLine(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	return line[:min(60, len(line))]
}

// compareAs compares replies, of scripts whose replies have no order too.
func (w *twins) compareAs(name string, words []string, real, simulated any) {
	w.calls[name]++
	if list, is := real.([]any); is && strings.HasPrefix(name, "Says that a member lives") {
		real, simulated = byMember(list), byMember(simulated)
	}
	if strings.HasPrefix(name, "Answers what was given back") {
		real, simulated = withoutAges(real), withoutAges(simulated)
	}
	if !same(real, simulated) {
		w.differ += fmt.Sprintf("%s\n%.3000q:\nreal      %q\nsimulated %q\n", name, words, real, simulated)
	}
}

// byMember sorts the members that a heartbeat lists.
func byMember(reply any) any {
	const head, perMember = 8, 3
	list, is := reply.([]any)
	if !is || len(list) < head {
		return reply
	}
	members := map[string]string{}
	for at := head; at+perMember <= len(list); at += perMember {
		members[fmt.Sprint(list[at])] = fmt.Sprint(list[at+1 : at+perMember])
	}
	ordered := slices.Clone(list[:head])
	for _, member := range slices.Sorted(maps.Keys(members)) {
		ordered = append(ordered, member+members[member])
	}
	return ordered
}

// withoutAges leaves out how long entries have been pending, which the server
// counts in real time.
func withoutAges(reply any) any {
	const perSwept, age = 7, 5
	list, is := reply.([]any)
	if !is || len(list) < 2 {
		return reply
	}
	round, is := list[1].([]any)
	if !is {
		return reply
	}
	copied, pages := slices.Clone(list), slices.Clone(round)
	for at := age; at < len(pages); at += perSwept {
		pages[at] = "age"
	}
	copied[1] = pages
	return copied
}

var errNoTime = errors.New("the clock's key cannot be written")

// setClock moves the time that scripts read.
func (w *twins) setClock(to time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.clock = to
	const script = "#!lua flags=allow-oom\nreturn redis.call('HSET', 'clock', 's', ARGV[1], 'u', ARGV[2])"
	micros := to.UnixMicro()
	_, value := w.ask("EVAL", script, "0", strconv.FormatInt(micros/1e6, 10), strconv.FormatInt(micros%1e6, 10))
	if _, failed := value.(failure); failed {
		w.t.Fatal(errNoTime, value)
	}
}
