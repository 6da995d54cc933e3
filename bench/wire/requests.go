package wire

import "bytes"

// requests finds the commands in what a client writes: each is an array of
// bulk strings, and may come in several pieces.
type requests struct {
	header  []byte // of which the end has not come
	payload int    // bytes of a bulk string that are still to come
}

// see returns how many commands begin in the bytes.
func (r *requests) see(piece []byte) (begun int64) {
	for len(piece) > 0 {
		if r.payload > 0 {
			skipped := min(r.payload, len(piece))
			r.payload -= skipped
			piece = piece[skipped:]
			continue
		}
		line, rest, complete := bytes.Cut(piece, []byte{'\n'})
		r.header = append(r.header, line...)
		if !complete {
			return begun
		}
		piece = rest
		switch kind := r.header[0]; kind {
		case '*':
			begun++
		case '$':
			r.payload = number(r.header[1:]) + len("\r\n")
		}
		r.header = r.header[:0]
	}
	return begun
}

// number reads the digits at the beginning.
func number(text []byte) (n int) {
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			break
		}
		n = 10*n + int(digit-'0')
	}
	return n
}
