package ports

import "context"

// Checkpoints keeps the position that the processing of each assignment has
// come to, from which the next tenure goes on. A nil Checkpoints is allowed:
// then every tenure begins where the application lets it.
//
// A checkpoint belongs to the ref: another assignment of the same name has one
// of its own. It outlives every tenure, however that ends, until it is
// finished. A store that was flushed or has lost its last writes has lost
// checkpoints too, and goes on with what it is given.
//
// Tokens fence it. Of each ref the highest token is remembered that a Load, a
// Save or a Finish came with; each of them compares, raises and acts in one
// atomic step, for one ref. A lower token than the remembered one is
// ErrDisowned and changes nothing.
type Checkpoints interface {
	// Load answers the position that was saved last, empty when none was, and
	// raises the remembered token: from then on no earlier tenure can save.
	// It works when the store is out of memory.
	Load(ctx context.Context, requests []LoadRequest) ([]LoadResult, error)

	// Save keeps a position instead of the one before. Positions are any bytes
	// of at most MaxPositionBytes; a longer one is ErrInvalid and changes
	// nothing. A Save that executes late is overtaken: one whose Number is
	// not higher than that of a Save of the same tenure that was accepted
	// before changes nothing and is a success.
	Save(ctx context.Context, requests []SaveRequest) ([]SaveResult, error)

	// Finish closes the checkpoint of an assignment that is about to be
	// settled for good. While it is closed, a Load or a Save with the token
	// that closed it, or with a lower one, is ErrDone. A Finish is a success
	// then, so it can be repeated. A higher token opens the checkpoint again,
	// with its position: whoever closed it died before it settled.
	//
	// A closed checkpoint is kept for FinishedFor from the Finish that closed
	// it, by the store's clock, and then forgotten, with its token. A Finish
	// of a ref of which nothing is known is a success and leaves nothing. It
	// works when the store is out of memory.
	Finish(ctx context.Context, requests []FinishRequest) ([]FinishResult, error)
}
