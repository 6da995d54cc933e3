package conformance

import (
	"strings"

	"github.com/streamlease/streamlease/ports"
)

// Poison is one kind of malformed entry.
type Poison struct {
	// What is wrong with it, in words.
	What string
	// Add puts such an entry on the source and returns its message ID.
	Add func() (messageID string, err error)
}

// Poisons are the ways to break the usual format of an entry, a JSON object
// {"DataStreamName": …, "Info": …}. write puts an entry with the payload on
// the source and returns its message ID.
func Poisons(write func(payload string) (messageID string, err error)) []Poison {
	var poisons []Poison
	for _, malformed := range malformedPayloads {
		poisons = append(poisons, Poison{
			What: malformed.what,
			Add:  func() (string, error) { return write(malformed.payload) },
		})
	}
	return poisons
}

var malformedPayloads = []struct{ what, payload string }{
	{"an empty payload", ``},
	{"no JSON", `DataStreamName: s`},
	{"JSON that breaks off", `{"DataStreamName":"s","Info":{"n":1}`},
	{"something behind the JSON", `{"DataStreamName":"s"} {}`},
	{"an array", `["s"]`},
	{"a string", `"s"`},
	{"null", `null`},
	{"no name", `{"Info":{"n":1}}`},
	{"a key in the wrong case", `{"datastreamname":"s"}`},
	{"a name that is there twice", `{"DataStreamName":"s","DataStreamName":"s2"}`},
	{"an info that is there twice", `{"DataStreamName":"s","Info":{},"Info":{"n":1}}`},
	{"a name that is there twice, once with an escape", `{"DataStreamName":"s","DataStream\u004eame":"s2"}`},
	{"an empty name", `{"DataStreamName":""}`},
	{"a name that is a number", `{"DataStreamName":7}`},
	{"a name that is null", `{"DataStreamName":null}`},
	{"a name that is too long", `{"DataStreamName":"` + strings.Repeat("s", ports.MaxNameBytes+1) + `"}`},
	{"a name that is no UTF-8", "{\"DataStreamName\":\"a\xff\"}"},
	{"a name with half a surrogate pair", `{"DataStreamName":"a\ud800"}`},
	{"an info that is an array", `{"DataStreamName":"s","Info":[1]}`},
	{"an info that is a string", `{"DataStreamName":"s","Info":"n"}`},
	{"an info that is no UTF-8", "{\"DataStreamName\":\"s\",\"Info\":{\"n\":\"\xc3\x28\"}}"},
	{"an info that is too large", `{"DataStreamName":"s","Info":{"n":"` + strings.Repeat("n", ports.MaxInfoBytes) + `"}}`},
	{"an entry of many megabytes", `{"DataStreamName":"s","Info":{"n":"` + strings.Repeat("n", 4<<20) + `"}}`},
}
