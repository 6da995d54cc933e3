package mishap

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// request is what a client sends at once: an array of strings.
type request struct {
	raw     []byte
	command string
}

// setup are the commands by which clients get a connection ready.
var setup = []string{"AUTH", "CLIENT", "COMMAND", "HELLO", "PING", "READONLY", "SELECT"}

func (r request) isSetup() bool { return slices.Contains(setup, r.command) }

var errNoRequest = errors.New("not a request of the Redis protocol")

func readRequest(from *bufio.Reader) (request, error) {
	var read request
	words, err := read.number(from, '*')
	if err != nil {
		return request{}, err
	}
	for i := range words {
		size, err := read.number(from, '$')
		if err != nil {
			return request{}, err
		}
		word := make([]byte, size+2)
		if _, err := io.ReadFull(from, word); err != nil {
			return request{}, err
		}
		read.raw = append(read.raw, word...)
		if i == 0 {
			read.command = strings.ToUpper(string(word[:size]))
		}
	}
	return read, nil
}

// number reads a line like *3 or $12.
func (r *request) number(from *bufio.Reader, kind byte) (int, error) {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return 0, err
	}
	r.raw = append(r.raw, line...)
	text, isLine := strings.CutSuffix(string(line), "\r\n")
	if !isLine || text == "" || text[0] != kind {
		return 0, errNoRequest
	}
	number, err := strconv.Atoi(text[1:])
	if err != nil || number < 0 {
		return 0, errNoRequest
	}
	return number, nil
}
