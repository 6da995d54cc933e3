package simredis

import (
	"math"
	"strconv"
)

// A reply is nil, an int64, a string, a float64, a []any of replies, or one of
// these.
type (
	// Status is a simple string, such as OK.
	Status string
	// Error is what a command failed with, its code first.
	Error string
	// Pairs is a map in RESP3, and a flat array in RESP2.
	Pairs []any
	// push comes without having been asked for.
	push []any
	// noArray is the array that is not there.
	noArray struct{}
)

const (
	ok     = Status("OK")
	newest = 3 // version of the protocol
)

// appendReply writes a reply as the version of the protocol has it.
func appendReply(to []byte, reply any, version int) []byte {
	switch reply := reply.(type) {
	case nil:
		if version == newest {
			return append(to, "_\r\n"...)
		}
		return append(to, "$-1\r\n"...)
	case noArray:
		if version == newest {
			return append(to, "_\r\n"...)
		}
		return append(to, "*-1\r\n"...)
	case int64:
		return appendLine(to, ':', strconv.FormatInt(reply, 10))
	case string:
		to = appendLine(to, '$', strconv.Itoa(len(reply)))
		return append(append(to, reply...), "\r\n"...)
	case float64:
		if version == newest {
			return appendLine(to, ',', formatFloat(reply))
		}
		return appendReply(to, formatFloat(reply), version)
	case Status:
		return appendLine(to, '+', string(reply))
	case Error:
		return appendLine(to, '-', string(reply))
	case Pairs:
		if version == newest {
			return appendAll(appendLine(to, '%', strconv.Itoa(len(reply)/2)), reply, version)
		}
		return appendArray(to, '*', reply, version)
	case push:
		if version == newest {
			return appendArray(to, '>', reply, version)
		}
		return appendArray(to, '*', reply, version)
	case []any:
		return appendArray(to, '*', reply, version)
	default:
		panic("simredis: a reply of an unknown type")
	}
}

func appendLine(to []byte, kind byte, text string) []byte {
	return append(append(append(to, kind), text...), "\r\n"...)
}

func appendArray(to []byte, kind byte, replies []any, version int) []byte {
	return appendAll(appendLine(to, kind, strconv.Itoa(len(replies))), replies, version)
}

func appendAll(to []byte, replies []any, version int) []byte {
	for _, reply := range replies {
		to = appendReply(to, reply, version)
	}
	return to
}

// formatFloat writes a number as C's %.17g does.
func formatFloat(number float64) string {
	switch {
	case math.IsInf(number, 1):
		return "inf"
	case math.IsInf(number, -1):
		return "-inf"
	}
	return strconv.FormatFloat(number, 'g', 17, 64)
}

func texts(list []string) []any {
	replies := make([]any, len(list))
	for i, text := range list {
		replies[i] = text
	}
	return replies
}

func boolean(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
