package source

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestWellFormedPayloadsAreRead(t *testing.T) {
	for payload, want := range map[string]struct{ name, info string }{
		`{"DataStreamName":"a"}`:             {"a", ""},
		`{"DataStreamName":"a","Info":null}`: {"a", ""},
		`{"DataStreamName":"a","Info":{}}`:   {"a", "{}"},
		`{"Info":{"n":9007199254740993,"DataStreamName":1},"x":[],"DataStreamName":"a"}`: {"a", `{"n":9007199254740993,"DataStreamName":1}`},
		" {\n\t\"DataStreamName\" : \"a b\" ,\r \"Info\" : { \"x\" : 1 } } ":             {"a b", `{ "x" : 1 }`},
		`{"DataStreamName":"\u0061\\\"\/\n"}`:                                            {"a\\\"/\n", ""},
		`{"DataStreamName":"\ud83d\ude00"}`:                                              {"😀", ""},
		`{"DataStreamName":"\\ud800"}`:                                                   {`\ud800`, ""},
		`{"DataStreamName":"\ufffd"}`:                                                    {"\ufffd", ""},
		`{"DataStreamName":"\u0000"}`:                                                    {"\x00", ""},
		`{"\u0044ataStreamName":"a"}`:                                                    {"a", ""},
		`{"datastreamname":"b","INFO":1,"DataStreamName":"a"}`:                           {"a", ""},
		`{"x":"}","y":"\"","z":{"DataStreamName":"b"},"DataStreamName":"a","w":-1.5e3}`:  {"a", ""},
		`{"DataStreamName":"a","Info":{"half":"\ud800"}}`:                                {"a", `{"half":"\ud800"}`},
	} {
		name, info, err := ParsePayload(payload)
		require.NoError(t, err, payload)
		require.Equal(t, want.name, name, payload)
		require.Equal(t, want.info, string(info), payload)
	}
}

func TestMalformedPayloadsAreRefusedWithTheReason(t *testing.T) {
	for payload, want := range map[string]error{
		``:                                 errNotJSON,
		`junk`:                             errNotJSON,
		`{"DataStreamName":"a"`:            errNotJSON,
		`{"DataStreamName":"a"}}`:          errNotJSON,
		"{\"DataStreamName\":\"a\x01\"}":   errNotJSON,
		"\ufeff{\"DataStreamName\":\"a\"}": errNotJSON,
		`null`:                             errNotObject,
		`"DataStreamName"`:                 errNotObject,
		`["DataStreamName","a"]`:           errNotObject,
		`{}`:                               errNoName,
		`{"dataStreamName":"a"}`:           errNoName,
		`{"Info":{"DataStreamName":"a"}}`:  errNoName,
		`{"DataStreamName":null}`:          errNameNoString,
		`{"DataStreamName":1}`:             errNameNoString,
		`{"DataStreamName":{"a":1}}`:       errNameNoString,
		`{"DataStreamName":"a","DataStreamName":"a"}`:                                           errNameTwice,
		`{"DataStreamName":"a","\u0044ataStreamName":"b"}`:                                      errNameTwice,
		`{"DataStreamName":"a","Info":{},"Info":null}`:                                          errInfoTwice,
		`{"DataStreamName":"a","Info":[]}`:                                                      errInfoNoObject,
		`{"DataStreamName":"a","Info":"{}"}`:                                                    errInfoNoObject,
		`{"DataStreamName":"a\ud800"}`:                                                          errNameAltered,
		`{"DataStreamName":"\\\ud800b"}`:                                                        errNameAltered,
		`{"DataStreamName":"\udc00\ud800"}`:                                                     errNameAltered,
		`{"DataStreamName":"\ud800\u0061"}`:                                                     errNameAltered,
		"{\"DataStreamName\":\"a\xff\"}":                                                        errNotUTF8,
		"{\"DataStreamName\":\"a\",\"x\":\"\xc3\"}":                                             errNotUTF8,
		`{"DataStreamName":""}`:                                                                 ports.ErrInvalid,
		`{"DataStreamName":"` + strings.Repeat("a", ports.MaxNameBytes+1) + `"}`:                ports.ErrInvalid,
		`{"DataStreamName":"a","Info":{"x":"` + strings.Repeat("a", ports.MaxInfoBytes) + `"}}`: ports.ErrInvalid,
	} {
		_, _, err := ParsePayload(payload)
		require.ErrorIs(t, err, want, "%.100q", payload)
	}
}

func TestWhatAnnounceWritesIsReadBack(t *testing.T) {
	for _, assignment := range []ports.Assignment{
		{Ref: ports.StreamRef{Name: "a"}},
		{Ref: ports.StreamRef{Name: "<\x00\"\\\u2028>"}, Info: ports.Info(`{"a":{"b":[1]}}`)},
		{Ref: ports.StreamRef{Name: strings.Repeat("\x01", ports.MaxNameBytes)}, Info: ports.Info(" {\n} ")},
	} {
		payload, err := makePayload(assignment)
		require.NoError(t, err)
		require.Less(t, len(payload), entryBytes)
		name, info, err := ParsePayload(payload)
		require.NoError(t, err)
		require.Equal(t, assignment.Ref.Name, name)
		require.Equal(t, strings.TrimSpace(string(assignment.Info)), string(info))
	}
}

// FuzzPayload looks for input that panics, or whose name is not what another
// strict reader would see.
func FuzzPayload(f *testing.F) {
	f.Add(`{"DataStreamName":"a","Info":{"b":[1,"}"]}}`)
	f.Add(`{"DataStreamName":"\ud83d\ude00","x":{"y":"\\"}}`)
	f.Add("{\"DataStreamName\":\"a\xff\"}")
	f.Fuzz(func(t *testing.T, payload string) {
		name, info, err := ParsePayload(payload)
		if err != nil {
			return
		}
		require.True(t, utf8.ValidString(name))
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(payload), &members))
		var reference string
		require.NoError(t, json.Unmarshal(members[nameKey], &reference))
		require.Equal(t, reference, name)
		if info != nil {
			require.JSONEq(t, string(members[infoKey]), string(info))
		}
	})
}
