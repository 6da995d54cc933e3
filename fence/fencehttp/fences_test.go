package fencehttp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
	"github.com/streamlease/streamlease/fence/fencehttp"
)

func TestAZombieIsRefusedAndItsHandlerDoesNotRun(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{})
	require.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-7", older))))
	require.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-7", newer))))

	response := answer(fences.Handler(forbidden(t)), put(t, "order-7", older))
	assert.Equal(t, http.StatusPreconditionFailed, response.StatusCode)
	err := fencehttp.Refused(response)
	require.ErrorIs(t, err, streamlease.ErrDisowned)
	var stale *fence.StaleError
	require.ErrorAs(t, err, &stale)
	assert.Equal(t, fence.StaleError{Fence: "order-7", Token: older, Highest: newer}, *stale)
	assert.Equal(t, stale.Error(), body(t, response), "the body says the same")

	assert.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-7", newer))))
	assert.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-8", older))), "another stream")
}

func TestAGETWithATokenRaisesTheFence(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{})
	get := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	require.NoError(t, fencehttp.Set(get.Header, "order-7", newer))
	require.Equal(t, http.StatusOK, answer(fences.Handler(nothing), get).StatusCode)
	assert.ErrorIs(t, fencehttp.Refused(answer(fences.Handler(forbidden(t)), put(t, "order-7", older))), streamlease.ErrDisowned)
}

func TestWithoutATokenOneMayOnlyRead(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{})
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
		handler := fences.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _, found := fencehttp.Tenure(r.Context())
			assert.False(t, found)
		}))
		assert.Equal(t, http.StatusOK, answer(handler, httptest.NewRequest(method, "/", nil)).StatusCode, method)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "ODD"} {
		response := answer(fences.Handler(forbidden(t)), httptest.NewRequest(method, "/", nil))
		assert.Equal(t, http.StatusPreconditionRequired, response.StatusCode, method)
		assert.Contains(t, body(t, response), "send Streamlease-Stream and Streamlease-Token")
		assert.NoError(t, fencehttp.Refused(response))
	}
}

func TestAMalformedHeaderIsABadRequest(t *testing.T) {
	t.Parallel()
	const stream, token = fencehttp.StreamHeader, fencehttp.TokenHeader
	for name, header := range map[string]http.Header{
		"no stream":         {token: {"1"}},
		"no token":          {stream: {"a"}},
		"two tokens":        {stream: {"a"}, token: {"1", "2"}},
		"two streams":       {stream: {"a", "b"}, token: {"1"}},
		"empty stream":      {stream: {""}, token: {"1"}},
		"bad escape":        {stream: {"%zz"}, token: {"1"}},
		"not UTF-8":         {stream: {"%ff"}, token: {"1"}},
		"name too long":     {stream: {strings.Repeat("a", core.MaxNameBytes+1)}, token: {"1"}},
		"empty token":       {stream: {"a"}, token: {""}},
		"zero":              {stream: {"a"}, token: {"0"}},
		"negative":          {stream: {"a"}, token: {"-1"}},
		"sign":              {stream: {"a"}, token: {"+1"}},
		"leading zero":      {stream: {"a"}, token: {"01"}},
		"space":             {stream: {"a"}, token: {" 1"}},
		"not a number":      {stream: {"a"}, token: {"one"}},
		"float":             {stream: {"a"}, token: {"1.8e15"}},
		"more than 63 bits": {stream: {"a"}, token: {"9223372036854775808"}},
		"list":              {stream: {"a"}, token: {"1, 2"}},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header = header
		response := answer(fencehttp.New(fencehttp.Config{}).Handler(forbidden(t)), request)
		assert.Equal(t, http.StatusBadRequest, response.StatusCode, name)
		text := body(t, response)
		assert.Contains(t, text, "Streamlease-", name)
		assert.Less(t, len(text), 500, name)
	}
}

func TestNamesAndTokensOfAnyKindArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{})
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.StringN(1, -1, 1_000).Filter(func(name string) bool { return core.ValidateName(name) == nil }).Draw(t, "stream")
		token := core.Token(rapid.Int64Min(1).Draw(t, "token"))
		handler := fences.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			gotStream, gotToken, found := fencehttp.Tenure(r.Context())
			require.True(t, found)
			require.Equal(t, stream, gotStream)
			require.Equal(t, token, gotToken)
		}))
		response := answer(handler, put(t, stream, token))
		require.Contains(t, []int{http.StatusOK, http.StatusPreconditionFailed}, response.StatusCode)
	})
}

func TestSetRefusesWhatIsNoTenure(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	assert.ErrorIs(t, fencehttp.Set(header, "", newer), streamlease.ErrInvalid)
	assert.ErrorIs(t, fencehttp.Set(header, "\xff", newer), streamlease.ErrInvalid)
	assert.ErrorIs(t, fencehttp.Set(header, "order-7", 0), streamlease.ErrInvalid)
	assert.Empty(t, header)
}

func TestOnlyARefusalIsARefusal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 404, 409, 412, 428, 503} {
		assert.NoError(t, fencehttp.Refused(&http.Response{StatusCode: status, Header: http.Header{}}))
	}
	for _, highest := range []string{"0", "nonsense"} {
		err := fencehttp.Refused(&http.Response{StatusCode: 412, Header: http.Header{fencehttp.HighestTokenHeader: {highest}}})
		assert.ErrorIs(t, err, streamlease.ErrDisowned, "who is refused is refused, whatever the number")
	}
}

func TestAMemoryThatDoesNotAnswerIsNotTakenForARefusal(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{Memory: fencehttp.RaiseFunc(func(context.Context, string, core.Token) error {
		return errors.New("as told")
	})})
	response := answer(fences.Handler(forbidden(t)), put(t, "order-7", newer))
	assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	assert.Equal(t, "the fence cannot tell: as told", body(t, response))
	assert.NoError(t, fencehttp.Refused(response))
}

func TestAMemoryOfOnesOwnRefuses(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{Memory: fencehttp.RaiseFunc(func(_ context.Context, stream string, token core.Token) error {
		return &fence.StaleError{Fence: stream, Token: token, Highest: token + 1}
	})})
	assert.ErrorIs(t, fencehttp.Refused(answer(fences.Handler(forbidden(t)), put(t, "order-7", newer))), streamlease.ErrDisowned)
}

func TestAPanicOfAHandlerLeavesTheFenceAsItShouldBe(t *testing.T) {
	t.Parallel()
	fences := fencehttp.New(fencehttp.Config{})
	panics := fences.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("as told") }))
	assert.PanicsWithValue(t, "as told", func() { answer(panics, put(t, "order-7", older)) })
	assert.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-7", newer))))
	assert.ErrorIs(t, fencehttp.Refused(answer(fences.Handler(forbidden(t)), put(t, "order-7", older))), streamlease.ErrDisowned)
}
