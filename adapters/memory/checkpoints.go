package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Checkpoints keeps positions in memory. All methods may be called
// concurrently.
type Checkpoints struct {
	now func() time.Time

	mu       sync.Mutex
	byRef    map[ports.StreamRef]*checkpoint
	finished schedule[*checkpoint]
}

var _ ports.Checkpoints = (*Checkpoints)(nil)

// checkpoint is what is known of one ref.
type checkpoint struct {
	ref ports.StreamRef
	// token is the highest that was seen; number that of its last Save.
	token    ports.Token
	number   int64
	position string
	// forgotten is set while it is closed: when it goes.
	forgotten *appointment[*checkpoint]
}

// NewCheckpoints makes an empty store, to be combined with any other ports.
// The error is that of Config.Validate.
func NewCheckpoints(config Config) (*Checkpoints, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	checkpoints := &Checkpoints{now: config.withDefaults().Now}
	checkpoints.empty()
	return checkpoints, nil
}

// Load implements ports.Checkpoints.
func (c *Checkpoints) Load(ctx context.Context, requests []ports.LoadRequest) ([]ports.LoadResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.lock()
	defer c.mu.Unlock()
	results := make([]ports.LoadResult, len(requests))
	for i, request := range requests {
		loaded, err := c.enter(request.Ref, request.Token)
		if err != nil {
			results[i].Err = err
			continue
		}
		results[i].Position = loaded.position
	}
	return results, nil
}

// Save implements ports.Checkpoints.
func (c *Checkpoints) Save(ctx context.Context, requests []ports.SaveRequest) ([]ports.SaveResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.lock()
	defer c.mu.Unlock()
	results := make([]ports.SaveResult, len(requests))
	for i, request := range requests {
		results[i].Err = c.save(request)
	}
	return results, nil
}

func (c *Checkpoints) save(request ports.SaveRequest) error {
	if err := ports.ValidatePosition(request.Position); err != nil {
		return fmt.Errorf("save the checkpoint of %.100q: %w", request.Ref, err)
	}
	saved, err := c.enter(request.Ref, request.Token)
	if err != nil {
		return err
	}
	if request.Number > saved.number {
		saved.number, saved.position = request.Number, request.Position
	}
	return nil
}

// Finish implements ports.Checkpoints.
func (c *Checkpoints) Finish(ctx context.Context, requests []ports.FinishRequest) ([]ports.FinishResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := c.lock()
	defer c.mu.Unlock()
	results := make([]ports.FinishResult, len(requests))
	for i, request := range requests {
		results[i].Err = c.finish(request, now)
	}
	return results, nil
}

func (c *Checkpoints) finish(request ports.FinishRequest, now time.Time) error {
	known := c.byRef[request.Ref]
	if known == nil || known.isClosedTo(request.Token) {
		return nil
	}
	closed, err := c.enter(request.Ref, request.Token)
	if err != nil {
		return err
	}
	closed.forgotten = c.finished.add(now.Add(ports.FinishedFor), closed)
	return nil
}

// enter is the way in for a token: it is refused, or it is the highest that
// was seen from here on, and the checkpoint is open.
func (c *Checkpoints) enter(ref ports.StreamRef, token ports.Token) (*checkpoint, error) {
	entered := c.byRef[ref]
	if entered == nil {
		entered = &checkpoint{ref: ref, token: token}
		c.byRef[ref] = entered
	}
	switch {
	case entered.isClosedTo(token):
		return nil, fmt.Errorf("%w: the checkpoint of %.100q is closed", ports.ErrDone, ref)
	case token < entered.token:
		return nil, fmt.Errorf("%w: the checkpoint of %.100q has seen token %d", ports.ErrDisowned, ref, entered.token)
	case token > entered.token:
		entered.token, entered.number = token, 0
	}
	if entered.forgotten != nil {
		c.finished.remove(entered.forgotten)
		entered.forgotten = nil
	}
	return entered, nil
}

func (c *checkpoint) isClosedTo(token ports.Token) bool {
	return c.forgotten != nil && token <= c.token
}

// lock begins every method. What was closed long enough ago is forgotten.
func (c *Checkpoints) lock() (now time.Time) {
	c.mu.Lock()
	now = c.now()
	for {
		over, due := c.finished.popDue(now)
		if !due {
			return now
		}
		delete(c.byRef, over.ref)
	}
}

// Flush forgets everything at once.
func (c *Checkpoints) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.empty()
}

func (c *Checkpoints) empty() {
	c.byRef = map[ports.StreamRef]*checkpoint{}
	c.finished = schedule[*checkpoint]{}
}
