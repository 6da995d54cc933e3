package simredis

import (
	"bytes"
	"errors"
	"strconv"
)

var errProtocol = errors.New("simredis: this is no request")

// ParseRequest cuts the first complete request off what a client has sent. Of
// an incomplete one it returns no words, and needs more bytes.
func ParseRequest(sent []byte) (words []string, rest []byte, err error) {
	count, at, err := parseLength(sent, 0, '*')
	if err != nil || at == 0 {
		return nil, sent, err
	}
	for range count {
		size, body, err := parseLength(sent, at, '$')
		if err != nil || body == 0 || body+size+2 > len(sent) {
			return nil, sent, err
		}
		words = append(words, string(sent[body:body+size]))
		at = body + size + 2
	}
	return words, sent[at:], nil
}

// parseLength reads a line with a number; next is 0 when the line is not
// complete.
func parseLength(sent []byte, at int, kind byte) (number, next int, err error) {
	end := bytes.IndexByte(sent[at:], '\n')
	if end < 0 {
		return 0, 0, nil
	}
	line := bytes.TrimSuffix(sent[at:at+end], []byte("\r"))
	if len(line) < 2 || line[0] != kind {
		return 0, 0, errProtocol
	}
	number, err = strconv.Atoi(string(line[1:]))
	if err != nil || number < 0 {
		return 0, 0, errProtocol
	}
	return number, at + end + 1, nil
}
