package fencehttp_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence/fencehttp"
)

// held is a handler that lasts until it is let go, and then says what its
// context ended with.
func held(letGo <-chan struct{}, end func(cause error)) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-letGo
		end(context.Cause(r.Context()))
	})
}

func TestAHigherTokenWaitsForTheHandlersOfLowerOnesAndEndsTheirContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fences := fencehttp.New(fencehttp.Config{})
		letGo := make(chan struct{})
		var order []string
		var requests sync.WaitGroup
		predecessor := held(letGo, func(cause error) {
			assert.ErrorIs(t, cause, streamlease.ErrDisowned)
			order = append(order, "older")
		})
		requests.Go(func() {
			assert.NoError(t, fencehttp.Refused(answer(fences.Handler(predecessor), put(t, "order-7", older))))
		})
		synctest.Wait()
		requests.Go(func() {
			successor := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { order = append(order, "newer") })
			assert.NoError(t, fencehttp.Refused(answer(fences.Handler(successor), put(t, "order-7", newer))))
		})
		synctest.Wait()
		assert.Empty(t, order, "the newer one waits")
		assert.ErrorIs(t, fencehttp.Refused(answer(fences.Handler(forbidden(t)), put(t, "order-7", older))), streamlease.ErrDisowned,
			"from the moment on at which the newer one came")
		assert.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-8", older))), "others do not wait")
		close(letGo)
		requests.Wait()
		assert.Equal(t, []string{"older", "newer"}, order)
	})
}

func TestRequestsOfOneTenureRunAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fences := fencehttp.New(fencehttp.Config{})
		letGo := make(chan struct{})
		lasting := held(letGo, func(cause error) { assert.NoError(t, cause, "its context has not ended") })
		var requests sync.WaitGroup
		requests.Go(func() { answer(fences.Handler(lasting), put(t, "order-7", newer)) })
		synctest.Wait()
		assert.NoError(t, fencehttp.Refused(answer(fences.Handler(nothing), put(t, "order-7", newer))))
		close(letGo)
		requests.Wait()
	})
}

func TestWhoWaitsIsRefusedByAHigherTokenAndAnsweredWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fences := fencehttp.New(fencehttp.Config{})
		letGo := make(chan struct{})
		lasting := held(letGo, func(error) {})
		var requests sync.WaitGroup
		requests.Go(func() { answer(fences.Handler(lasting), put(t, "order-7", older)) })
		synctest.Wait()
		requests.Go(func() {
			assert.ErrorIs(t, fencehttp.Refused(answer(fences.Handler(forbidden(t)), put(t, "order-7", newer))), streamlease.ErrDisowned)
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		requests.Go(func() {
			response := answer(fences.Handler(forbidden(t)), put(t, "order-7", newer+1).WithContext(ctx))
			assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(letGo)
		requests.Wait()
	})
}

// Whatever comes at the same time: a handler never begins while one of another
// tenure runs, nor after one of a later tenure.
func TestNoOrderOfTokensLetsALowerOneThroughAfterAHigher(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fences := fencehttp.New(fencehttp.Config{Memory: fencehttp.NewBoundedMemory(rapid.IntRange(1, 4).Draw(t, "room"))})
		witness := &witness{running: map[string]map[core.Token]int{}, highest: map[string]core.Token{}}
		handler := fences.Handler(witness)
		var requests sync.WaitGroup
		for range rapid.IntRange(1, 30).Draw(t, "requests") {
			request := put(t, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "stream"), core.Token(rapid.IntRange(1, 9).Draw(t, "token")))
			requests.Go(func() { answer(handler, request) })
		}
		requests.Wait()
		require.Empty(t, witness.mistakes)
	})
}

// witness is a handler that sees who runs beside it and who ran before.
type witness struct {
	mu       sync.Mutex
	running  map[string]map[core.Token]int // how many, by stream and token
	highest  map[string]core.Token
	mistakes []string
}

func (w *witness) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	stream, token, _ := fencehttp.Tenure(r.Context())
	w.begin(stream, token)
	runtime.Gosched()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[stream][token]--
}

func (w *witness) begin(stream string, token core.Token) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if token < w.highest[stream] {
		w.mistakes = append(w.mistakes, fmt.Sprintf("%d of %s began after %d", token, stream, w.highest[stream]))
	}
	w.highest[stream] = max(token, w.highest[stream])
	if w.running[stream] == nil {
		w.running[stream] = map[core.Token]int{}
	}
	for other, count := range w.running[stream] {
		if other != token && count > 0 {
			w.mistakes = append(w.mistakes, fmt.Sprintf("%d of %s began while %d ran", token, stream, other))
		}
	}
	w.running[stream][token]++
}
