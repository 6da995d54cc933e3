package simredis_test

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/simredis"
)

// twins are a real server and a simulated one that are asked the same.
type twins struct {
	t         *testing.T
	mutex     sync.Mutex
	real      net.Conn
	replies   *bufio.Reader
	simulated *simredis.Server
	client    *simredis.Client
	answer    []byte // of the simulated server
	asked     int
	hashes    map[string]string // of a script as the adapters know it → as it is sent
	names     map[string]string // of a script by its hash
	clock     time.Time         // what scripts take for the time
	entries   int
	calls     map[string]int // how often each command, and each script, was asked
	differ    string
}

func newTwins(t *testing.T) *twins {
	server := redistest.Start(t)
	connection, err := net.Dial("tcp", server.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	w := &twins{t: t, real: connection, replies: bufio.NewReader(connection),
		simulated: simredis.NewServer(time.Now), hashes: map[string]string{}, names: map[string]string{}, calls: map[string]int{}}
	w.client = w.simulated.Connect(func(reply []byte) { w.answer = append(w.answer, reply...) })
	return w
}

// ask asks both, and returns the real server's reply as bytes and as a value.
func (w *twins) ask(words ...string) (raw []byte, value any) {
	raw, value = w.askReal(words)
	simulated := w.askSimulated(words)
	w.compare(words, value, simulated)
	return raw, value
}

func (w *twins) askReal(words []string) ([]byte, any) {
	request := fmt.Appendf(nil, "*%d\r\n", len(words))
	for _, word := range words {
		request = fmt.Appendf(request, "$%d\r\n%s\r\n", len(word), word)
	}
	_, err := w.real.Write(request)
	require.NoError(w.t, err)
	raw, value, err := readReply(w.replies)
	require.NoError(w.t, err)
	return raw, value
}

func (w *twins) askSimulated(words []string) any {
	w.answer = nil
	w.client.Do(words)
	_, value, err := readReply(bufio.NewReader(strings.NewReader(string(w.answer))))
	require.NoError(w.t, err, "the simulated server answered %q to %q", w.answer, words)
	return value
}

func (w *twins) compare(words []string, real, simulated any) {
	w.asked++
	w.calls[strings.ToLower(words[0])]++
	if !same(real, simulated) {
		w.differ += fmt.Sprintf("request %d, %.2000q:\nreal      %q\nsimulated %q\n", w.asked, words, real, simulated)
	}
}

// check fails the test at the first difference.
func (w *twins) check() {
	w.t.Helper()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.differ != "" {
		w.t.Fatal("the simulated server differs: " + w.differ)
	}
}

// failure is an error reply.
type failure string

// readReply reads a reply of RESP2.
func readReply(from *bufio.Reader) (raw []byte, value any, err error) {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	text := strings.TrimRight(string(line[1:]), "\r\n")
	number, _ := strconv.Atoi(text)
	switch line[0] {
	case '+':
		return line, text, nil
	case '-':
		return line, failure(text), nil
	case ':':
		return line, number, nil
	case '$':
		if number < 0 {
			return line, nil, nil
		}
		body := make([]byte, number+2)
		for read := 0; read < len(body); {
			n, err := from.Read(body[read:])
			if err != nil {
				return nil, nil, err
			}
			read += n
		}
		return append(line, body...), string(body[:number]), nil
	case '*':
		return readList(from, line, number)
	default:
		return nil, nil, fmt.Errorf("a reply begins with %q", line)
	}
}

func readList(from *bufio.Reader, raw []byte, count int) ([]byte, any, error) {
	if count < 0 {
		return raw, nil, nil
	}
	list := []any{}
	for range count {
		more, value, err := readReply(from)
		if err != nil {
			return nil, nil, err
		}
		raw, list = append(raw, more...), append(list, value)
	}
	return raw, list, nil
}
