package fencehttp

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// The headers.
const (
	// StreamHeader is the name of the data stream, percent-encoded as in a path.
	StreamHeader = "Streamlease-Stream"
	// TokenHeader is the fencing token, in decimal digits.
	TokenHeader = "Streamlease-Token"
	// HighestTokenHeader is, in a refusal, the token that the fence has seen.
	HighestTokenHeader = "Streamlease-Highest-Token"
)

// Set puts stream and token into the header of a request. The error wraps
// streamlease.ErrInvalid, and nothing is set.
func Set(header http.Header, stream string, token core.Token) error {
	if err := core.ValidateName(stream); err != nil {
		return err
	}
	if err := fence.ValidateToken(token); err != nil {
		return err
	}
	header.Set(StreamHeader, url.PathEscape(stream))
	header.Set(TokenHeader, formatToken(token))
	return nil
}

// Refused is a *fence.StaleError, which wraps streamlease.ErrDisowned, when the
// response says that the token was too low; else nil. It leaves the body alone.
func Refused(response *http.Response) error {
	if response.StatusCode != http.StatusPreconditionFailed || response.Header.Get(HighestTokenHeader) == "" {
		return nil // others have preconditions too
	}
	stale := &fence.StaleError{}
	if highest, err := parseToken(response.Header.Get(HighestTokenHeader)); err == nil {
		stale.Highest = highest
	}
	if response.Request != nil {
		if sent, err := read(response.Request.Header); err == nil {
			stale.Fence, stale.Token = sent.stream, sent.token
		}
	}
	return stale
}

// tenure is who sends a request.
type tenure struct {
	stream string
	token  core.Token
}

var errNoTenure = errors.New("the request has no fencing token; send " + StreamHeader + " and " + TokenHeader)

// read is what Set has written. The error is errNoTenure when neither header is
// there.
func read(header http.Header) (tenure, error) {
	streams, tokens := header.Values(StreamHeader), header.Values(TokenHeader)
	if len(streams) == 0 && len(tokens) == 0 {
		return tenure{}, errNoTenure
	}
	if len(streams) != 1 || len(tokens) != 1 {
		return tenure{}, fmt.Errorf("want %s and %s once each; there are %d and %d", StreamHeader, TokenHeader, len(streams), len(tokens))
	}
	stream, err := url.PathUnescape(streams[0])
	if err == nil {
		err = core.ValidateName(stream)
	}
	if err != nil {
		return tenure{}, fmt.Errorf("%s: %w", StreamHeader, err)
	}
	token, err := parseToken(tokens[0])
	if err != nil {
		return tenure{}, fmt.Errorf("%s: %w", TokenHeader, err)
	}
	return tenure{stream, token}, nil
}

func formatToken(token core.Token) string { return strconv.FormatInt(int64(token), 10) }

// parseToken is strict: one token has one text.
func parseToken(text string) (core.Token, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number <= 0 || formatToken(core.Token(number)) != text {
		return 0, fmt.Errorf("%.32q is no fencing token", text)
	}
	return core.Token(number), nil
}
