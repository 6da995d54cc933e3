package checkpoints

import (
	"context"
	"fmt"
	"sync"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// requestsPerRun is how many requests go into one run of a script, so that none
// holds the server for more than a few milliseconds, also with the longest
// positions. A larger batch is cut, and its parts go in one round trip.
const requestsPerRun = 100

// Store is a ports.Checkpoints. It is an io.Closer and a ports.Checker too. Its
// methods may be called concurrently.
type Store struct {
	conn  *conn.Conn
	keys  []string
	close func() error
}

// New makes a store that talks over c, and closes c when it is closed.
func New(c *conn.Conn) *Store {
	return &Store{conn: c, keys: []string{c.CheckpointPrefix()}, close: sync.OnceValue(c.Close)}
}

// Close gives the connections back.
func (s *Store) Close() error { return s.close() }

// Rights are the commands inside the scripts of the store.
var Rights = [][]any{{"GET", conn.ProbeKey}, {"SET", conn.ProbeKey, "x"}}

// Check looks at the server and at the rights of the user. See ports.Checker.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	warnings, err := s.conn.CheckServer(ctx)
	if err != nil {
		return warnings, err
	}
	return warnings, s.conn.CheckRights(ctx, Rights)
}

// Load answers positions. See ports.Checkpoints.
func (s *Store) Load(ctx context.Context, requests []ports.LoadRequest) ([]ports.LoadResult, error) {
	items := make([][]any, len(requests))
	for i, request := range requests {
		items[i] = []any{request.Ref.String(), int64(request.Token)}
	}
	answers, err := s.run(ctx, loadScript, nil, items)
	if err != nil {
		return nil, err
	}
	results := make([]ports.LoadResult, len(requests))
	for i, answer := range answers {
		results[i].Position, results[i].Err = read(loadScript, requests[i].Ref, "position", answer)
	}
	return results, nil
}

// Save keeps positions. See ports.Checkpoints.
func (s *Store) Save(ctx context.Context, requests []ports.SaveRequest) ([]ports.SaveResult, error) {
	results := make([]ports.SaveResult, len(requests))
	var items [][]any
	var places []int
	for i, request := range requests {
		if err := ports.ValidatePosition(request.Position); err != nil {
			results[i].Err = failed(saveScript, request.Ref, err)
			continue
		}
		items = append(items, []any{request.Ref.String(), int64(request.Token), request.Number, request.Position})
		places = append(places, i)
	}
	answers, err := s.run(ctx, saveScript, nil, items)
	if err != nil {
		return nil, err
	}
	for i, answer := range answers {
		place := places[i]
		_, results[place].Err = read(saveScript, requests[place].Ref, "saved", answer)
	}
	return results, nil
}

// Finish closes checkpoints. See ports.Checkpoints.
func (s *Store) Finish(ctx context.Context, requests []ports.FinishRequest) ([]ports.FinishResult, error) {
	items := make([][]any, len(requests))
	for i, request := range requests {
		items[i] = []any{request.Ref.String(), int64(request.Token)}
	}
	answers, err := s.run(ctx, finishScript, []any{ports.FinishedFor.Milliseconds()}, items)
	if err != nil {
		return nil, err
	}
	results := make([]ports.FinishResult, len(requests))
	for i, answer := range answers {
		_, results[i].Err = read(finishScript, requests[i].Ref, "finished", answer)
	}
	return results, nil
}

func (s *Store) run(ctx context.Context, script *conn.Script, head []any, items [][]any) ([]conn.Answer, error) {
	answers := script.RunItems(ctx, s.conn.Rest, s.keys, requestsPerRun, head, items)
	if err := conn.RefusedAll(answers); err != nil {
		return nil, fmt.Errorf("%d checkpoints: %w", len(items), err)
	}
	return answers, nil
}
