package failures_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// wireRequest is one command as it came over the wire.
type wireRequest struct {
	raw   []byte
	words []string
}

// readRequest reads one command: clients send arrays of bulk strings.
func readRequest(from *bufio.Reader) (wireRequest, error) {
	var raw bytes.Buffer
	kind, count, err := readHead(from, &raw)
	if err != nil {
		return wireRequest{}, err
	}
	if kind != '*' {
		return wireRequest{}, fmt.Errorf("a request begins with %q", kind)
	}
	request := wireRequest{}
	for range count {
		kind, length, err := readHead(from, &raw)
		if err != nil {
			return wireRequest{}, err
		}
		if kind != '$' {
			return wireRequest{}, fmt.Errorf("a word of a request begins with %q", kind)
		}
		start := raw.Len()
		if err := readBulk(from, &raw, length); err != nil {
			return wireRequest{}, err
		}
		request.words = append(request.words, string(raw.Bytes()[start:start+length]))
	}
	request.raw = raw.Bytes()
	return request, nil
}

// readReply reads one reply, in RESP2 or RESP3, as it came.
func readReply(from *bufio.Reader) ([]byte, error) {
	var raw bytes.Buffer
	err := copyReply(from, &raw)
	return raw.Bytes(), err
}

func copyReply(from *bufio.Reader, raw *bytes.Buffer) error {
	kind, count, err := readHead(from, raw)
	if err != nil {
		return err
	}
	switch kind {
	case '$', '!', '=':
		return readBulk(from, raw, count)
	case '%':
		count *= 2
	case '|': // attributes come before what they belong to
		count = 2*count + 1
	case '*', '~', '>':
	default:
		return nil
	}
	for range count {
		if err := copyReply(from, raw); err != nil {
			return err
		}
	}
	return nil
}

// readHead reads the first line of a value: its kind, and how many elements or
// bytes follow if the kind counts any.
func readHead(from *bufio.Reader, raw *bytes.Buffer) (kind byte, count int, err error) {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return 0, 0, err
	}
	raw.Write(line)
	if len(line) < 3 {
		return 0, 0, fmt.Errorf("a value begins with %q", line)
	}
	switch kind = line[0]; kind {
	case '$', '!', '=', '*', '~', '>', '%', '|':
		count, err = strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	}
	return kind, max(count, nothing), err
}

// nothing is the length of a nil in RESP2.
const nothing = -1

func readBulk(from *bufio.Reader, raw *bytes.Buffer, length int) error {
	if length == nothing {
		return nil
	}
	_, err := io.CopyN(raw, from, int64(length)+2) // the end of the line
	return err
}
