package member

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// variable holds the settings of a process that is to be a member.
const variable = "STREAMLEASE_BENCH_MEMBER"

// Environment is what makes this program a member, when it is started again.
func (s Settings) Environment() (string, error) {
	text, err := json.Marshal(s)
	return variable + "=" + string(text), err
}

// Dispatch runs a member and ends the process, if it was started as one. Call
// it first.
func Dispatch() {
	text, isMember := os.LookupEnv(variable)
	if !isMember {
		return
	}
	if err := run([]byte(text)); err != nil {
		fmt.Fprintln(os.Stderr, "member:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(text []byte) error {
	var settings Settings
	if err := json.Unmarshal(text, &settings); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	p, err := newProcess(settings)
	if err != nil {
		return err
	}
	return p.serve(os.Stdin, os.Stdout)
}

// serve answers until the parent hangs up.
func (p *process) serve(input io.Reader, output io.Writer) error {
	requests, replies := json.NewDecoder(input), json.NewEncoder(output)
	for {
		var request Request
		switch err := requests.Decode(&request); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read a request: %w", err)
		}
		reply, err := p.answer(context.Background(), request)
		if err != nil {
			reply.Err = err.Error()
		}
		if err := replies.Encode(reply); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

func (p *process) answer(ctx context.Context, request Request) (Reply, error) {
	switch request.Action {
	case Join:
		return Reply{}, p.join(ctx)
	case Look:
		usage, err := p.usage()
		return Reply{Usage: &usage}, err
	case Record:
		p.notes.record()
		return Reply{}, nil
	case Arrivals:
		return Reply{Arrivals: p.notes.take()}, nil
	case HandOff:
		given, err := p.handOff(ctx)
		return Reply{Arrivals: []Arrival{given}}, err
	case Collect:
		debug.FreeOSMemory()
		return Reply{}, nil
	case Profile:
		return Reply{}, p.profile.begin(request.Path)
	case ProfileEnd:
		return Reply{}, p.profile.end()
	default:
		return Reply{}, fmt.Errorf("no member knows how to %q", request.Action)
	}
}
