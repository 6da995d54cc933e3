// Package resptest makes replies of a server out of a fuzzer's bytes, so that
// whatever reads replies can be fuzzed without a server. Every text of bytes is
// a reply, and every reply that go-redis can answer is some text of bytes. Only
// tests import it.
package resptest

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
)

// The kinds of values, by their first byte. The byte is taken modulo their
// number, so that no byte is wasted on a fuzzer's way.
const (
	kindNil = iota
	kindText
	kindSmall
	kindInteger
	kindList
	kindMap
	kindError
	kindFloat
	kindBool
	kindBig
	kinds
)

// deepest is how far lists nest. Readers look one level down.
const deepest = 8

// Decode reads a reply. Bytes that are missing count as zeros, and what is left
// over is ignored; a count of more elements than there are bytes is cut, so the
// reply is never much larger than the data.
func Decode(data []byte) any {
	d := decoder{data}
	return d.value(0)
}

type decoder struct{ rest []byte }

func (d *decoder) value(depth int) any {
	kind := d.byte() % kinds
	if depth == deepest && (kind == kindList || kind == kindMap) {
		kind = kindNil
	}
	switch kind {
	case kindText:
		return d.text()
	case kindSmall:
		return int64(int8(d.byte()))
	case kindInteger:
		return int64(d.number())
	case kindList:
		return d.list(depth)
	case kindMap:
		return d.mapping(depth)
	case kindError:
		return errors.New(d.text())
	case kindFloat:
		return math.Float64frombits(d.number())
	case kindBool:
		return d.byte()%2 == 1
	case kindBig:
		return new(big.Int).SetBytes([]byte(d.text()))
	default:
		return nil
	}
}

func (d *decoder) list(depth int) []any {
	values := []any{}
	for count := d.count(); count > 0; count-- {
		values = append(values, d.value(depth+1))
	}
	return values
}

// mapping has keys that can be compared, as go-redis has it.
func (d *decoder) mapping(depth int) map[any]any {
	values := map[any]any{}
	for count := d.count(); count > 0; count-- {
		key := d.text()
		values[key] = d.value(depth + 1)
	}
	return values
}

func (d *decoder) text() string { return string(d.take(d.count())) }

// count is never more than there are bytes left.
func (d *decoder) count() int {
	count := int(binary.BigEndian.Uint16([]byte{d.byte(), d.byte()}))
	return min(count, len(d.rest))
}

func (d *decoder) number() uint64 {
	var bytes [8]byte
	copy(bytes[:], d.take(8))
	return binary.BigEndian.Uint64(bytes[:])
}

func (d *decoder) byte() byte {
	if taken := d.take(1); len(taken) == 1 {
		return taken[0]
	}
	return 0
}

func (d *decoder) take(count int) []byte {
	count = min(count, len(d.rest))
	taken := d.rest[:count]
	d.rest = d.rest[count:]
	return taken
}

// Encode writes what Decode reads back, for the seeds of a fuzz target: nil,
// text of less than 64 KiB, int64, int and lists of these. It panics on any
// other value.
func Encode(value any) []byte { return encode(nil, value) }

func encode(data []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(data, kindNil)
	case string:
		return append(appendCount(append(data, kindText), len(value)), value...)
	case int:
		return encode(data, int64(value))
	case int64:
		return binary.BigEndian.AppendUint64(append(data, kindInteger), uint64(value))
	case []any:
		data = appendCount(append(data, kindList), len(value))
		for _, element := range value {
			data = encode(data, element)
		}
		return data
	default:
		panic("resptest: no seed can hold this value")
	}
}

func appendCount(data []byte, count int) []byte {
	if count > math.MaxUint16 {
		panic("resptest: the value is too long for a seed")
	}
	return binary.BigEndian.AppendUint16(data, uint16(count))
}
