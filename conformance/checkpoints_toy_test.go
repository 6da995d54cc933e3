package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// toyCheckpoints are services that can do everything. With mistakes they are
// wrong ones.
type toyCheckpoints struct{ mistakes checkpointMistakes }

// checkpointMistakes is what is wrong with a service. The zero value is right.
type checkpointMistakes struct {
	// Calls and answers.
	reorders, failsWhole, ignoresDeadline, obeysNobody, shared bool
	needsMemory                                                map[string]bool
	// What is kept, and under which key.
	key      func(ports.StreamRef) ports.StreamRef
	keeps    func(string) string
	hides    func(*toyHandle, ports.StreamRef, string) string
	tooLong  func(length int) bool
	ignores  map[string]bool // calls that do not raise the token
	isLower  func(one, other ports.Token) bool
	disowned func(error) error
	// Saves.
	twoSteps, takesLate, refusesLate, countsOn, onlyForward, raisesInvalid, changesAll bool
	// Finish.
	closedIsDisowned, ownSaves, onceOnly, staysClosed, losesPosition, forgetsOpened, prolongs, leavesTomb, tombIsDone bool
	keptFor                                                                                                           time.Duration
}

func (h toyCheckpoints) Open() (CheckpointsInstance, error) {
	clock := &toyClock{now: time.UnixMilli(1_800_000_000_000)}
	s := &toyCheckpointService{toyClock: clock, wrong: h.mistakes, byRef: map[ports.StreamRef]*toyCheckpoint{}}
	if h.mistakes.shared {
		s = &toyCheckpointService{toyClock: clock, wrong: h.mistakes, byRef: sharedCheckpoints.byRef, lock: &sharedCheckpoints.lock}
	}
	if s.lock == nil {
		s.lock = &sync.Mutex{}
	}
	return s, nil
}

var sharedCheckpoints = struct {
	lock  sync.Mutex
	byRef map[ports.StreamRef]*toyCheckpoint
}{byRef: map[ports.StreamRef]*toyCheckpoint{}}

// toyCheckpointService is one service.
type toyCheckpointService struct {
	*toyClock
	wrong checkpointMistakes

	lock                *sync.Mutex // of what follows
	byRef               map[ports.StreamRef]*toyCheckpoint
	refusing, exhausted bool
}

type toyCheckpoint struct {
	token      ports.Token
	number     int64
	position   string
	closed     bool
	forgetting time.Time // zero: never
}

func (s *toyCheckpointService) Handle() (ports.Checkpoints, error) { return s.HandleWith(0) }

func (s *toyCheckpointService) HandleWith(mishap Mishap) (ports.Checkpoints, error) {
	return &toyHandle{service: s, mishap: mishap, own: map[ports.StreamRef]string{}}, nil
}

func (s *toyCheckpointService) Close() error { return nil }

func (s *toyCheckpointService) set(field *bool, to bool) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	*field = to
	return nil
}

func (s *toyCheckpointService) Refuse() error  { return s.set(&s.refusing, true) }
func (s *toyCheckpointService) Accept() error  { return s.set(&s.refusing, false) }
func (s *toyCheckpointService) Exhaust() error { return s.set(&s.exhausted, true) }
func (s *toyCheckpointService) Relieve() error { return s.set(&s.exhausted, false) }

// toyHandle is one handle of a service.
type toyHandle struct {
	service *toyCheckpointService
	mishap  Mishap
	own     map[ports.StreamRef]string // what this process saved itself
}

// meet is what a whole call meets on its way.
func (h *toyHandle) meet(ctx context.Context, call string) error {
	s := h.service
	if h.mishap == Silence {
		if s.wrong.ignoresDeadline && call == "Save" {
			<-time.After(2 * time.Second)
		}
		<-ctx.Done()
		return ctx.Err()
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.refusing && !s.wrong.obeysNobody || s.exhausted && (call == "Save" || s.wrong.needsMemory[call]) {
		return &ports.RefusedError{Server: "toy", Advice: "ask later"}
	}
	return nil
}

func (h *toyHandle) Load(ctx context.Context, requests []ports.LoadRequest) ([]ports.LoadResult, error) {
	if err := h.meet(ctx, "Load"); err != nil {
		return nil, err
	}
	results := make([]ports.LoadResult, len(requests))
	for i, request := range requests {
		results[i].Position, results[i].Err = h.load(request)
	}
	return results, nil
}

func (h *toyHandle) Save(ctx context.Context, requests []ports.SaveRequest) ([]ports.SaveResult, error) {
	if err := h.meet(ctx, "Save"); err != nil {
		return nil, err
	}
	results := make([]ports.SaveResult, len(requests))
	for i, request := range requests {
		place := i
		if h.service.wrong.reorders {
			place = len(requests) - 1 - i
		}
		if results[place].Err = h.save(request); results[place].Err != nil && h.service.wrong.failsWhole && len(requests) > 1 {
			return nil, results[place].Err
		}
	}
	return results, nil
}

func (h *toyHandle) Finish(ctx context.Context, requests []ports.FinishRequest) ([]ports.FinishResult, error) {
	if err := h.meet(ctx, "Finish"); err != nil {
		return nil, err
	}
	results := make([]ports.FinishResult, len(requests))
	for i, request := range requests {
		results[i].Err = h.finish(request)
	}
	return results, nil
}

// begin is the way into one ref; the lock is held until it is left.
func (h *toyHandle) begin(ref ports.StreamRef) (known *toyCheckpoint, key ports.StreamRef) {
	s := h.service
	s.lock.Lock()
	if s.wrong.key != nil {
		ref = s.wrong.key(ref)
	}
	known = s.byRef[ref]
	if known != nil && !known.forgetting.IsZero() && !s.Now().Before(known.forgetting) {
		delete(s.byRef, ref)
		known = nil
	}
	return known, ref
}

func (h *toyHandle) lower(one, other ports.Token) bool {
	if h.service.wrong.isLower != nil {
		return h.service.wrong.isLower(one, other)
	}
	return one < other
}

// enter lets a token in, and makes the checkpoint if there is none.
func (h *toyHandle) enter(call string, known *toyCheckpoint, key ports.StreamRef, token ports.Token) (*toyCheckpoint, error) {
	wrong := h.service.wrong
	if known == nil {
		known = &toyCheckpoint{}
		h.service.byRef[key] = known
	}
	switch {
	case known.closed && (wrong.staysClosed || !h.lower(known.token, token)) && !(wrong.ownSaves && token == known.token):
		if wrong.closedIsDisowned {
			return nil, fmt.Errorf("%w: closed", ports.ErrDisowned)
		}
		return nil, fmt.Errorf("%w: closed", ports.ErrDone)
	case h.lower(token, known.token):
		err := fmt.Errorf("%w: token %d was seen", ports.ErrDisowned, known.token)
		if wrong.disowned != nil {
			err = wrong.disowned(err)
		}
		return nil, err
	case token > known.token && !wrong.ignores[call]:
		known.token = token
		if !wrong.countsOn {
			known.number = 0
		}
	}
	if known.closed && wrong.losesPosition {
		known.position = ""
	}
	known.closed = false
	if !wrong.forgetsOpened {
		known.forgetting = time.Time{}
	}
	return known, nil
}

func (h *toyHandle) load(request ports.LoadRequest) (string, error) {
	known, key := h.begin(request.Ref)
	defer h.service.lock.Unlock()
	entered, err := h.enter("Load", known, key, request.Token)
	if err != nil {
		return "", err
	}
	if h.service.wrong.hides != nil {
		return h.service.wrong.hides(h, key, entered.position), nil
	}
	return entered.position, nil
}

func (h *toyHandle) save(request ports.SaveRequest) error {
	wrong := h.service.wrong
	position := request.Position
	tooLong := len(position) > ports.MaxPositionBytes
	if wrong.tooLong != nil {
		tooLong = wrong.tooLong(len(position))
	}
	known, key := h.begin(request.Ref)
	defer h.service.lock.Unlock()
	if tooLong && !wrong.raisesInvalid {
		return fmt.Errorf("%w: too long", ports.ErrInvalid)
	}
	entered, err := h.enter("Save", known, key, request.Token)
	if err != nil {
		if wrong.changesAll && errors.Is(err, ports.ErrDisowned) {
			known.position = position
		}
		return err
	}
	if tooLong {
		return fmt.Errorf("%w: too long", ports.ErrInvalid)
	}
	if wrong.twoSteps {
		h.service.lock.Unlock()
		// Who has the lower token is slower.
		<-time.After(time.Duration(12-min(request.Token, 10)) * 5 * time.Millisecond)
		h.service.lock.Lock()
	}
	if request.Number <= entered.number && !wrong.twoSteps && !wrong.takesLate {
		if wrong.refusesLate {
			return fmt.Errorf("%w: late", ports.ErrDisowned)
		}
		return nil
	}
	if wrong.onlyForward && position < entered.position {
		return nil
	}
	if wrong.keeps != nil {
		position = wrong.keeps(position)
	}
	entered.number, entered.position = request.Number, position
	h.own[key] = position
	return nil
}

func (h *toyHandle) finish(request ports.FinishRequest) error {
	wrong := h.service.wrong
	known, key := h.begin(request.Ref)
	defer h.service.lock.Unlock()
	if known == nil && !wrong.leavesTomb {
		if wrong.tombIsDone {
			return fmt.Errorf("%w: unknown", ports.ErrDone)
		}
		return nil
	}
	now := h.service.Now()
	if known != nil && known.closed && !h.lower(known.token, request.Token) {
		if wrong.onceOnly {
			return fmt.Errorf("%w: closed", ports.ErrDone)
		}
		if wrong.prolongs {
			known.forgetting = now.Add(ports.FinishedFor)
		}
		return nil
	}
	if known != nil && known.closed {
		known.closed = false
	}
	entered, err := h.enter("Finish", known, key, request.Token)
	if err != nil {
		return err
	}
	entered.closed = true
	keptFor := ports.FinishedFor
	if wrong.keptFor != 0 {
		keptFor = wrong.keptFor
	}
	entered.forgetting = now.Add(keptFor)
	return nil
}
