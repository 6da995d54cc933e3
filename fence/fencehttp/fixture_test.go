package fencehttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/fencehttp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	older streamlease.Token = 1_795_452_315_174_888
	newer streamlease.Token = 1_795_452_315_174_889
)

// put is a request of the tenure that may change something.
func put(t require.TestingT, stream string, token streamlease.Token) *http.Request {
	request := httptest.NewRequest(http.MethodPut, "/orders/7", nil)
	require.NoError(t, fencehttp.Set(request.Header, stream, token))
	return request
}

// answer is what the handler answers to the request, as a client sees it.
func answer(handler http.Handler, request *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	response := recorder.Result()
	response.Request = request
	return response
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return strings.TrimSpace(string(text))
}

// forbidden is what must not be reached.
func forbidden(t *testing.T) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		assert.Fail(t, "the handler has run", "%v", r.Header)
	})
}

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
