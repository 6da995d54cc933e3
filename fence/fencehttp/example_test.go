package fencehttp_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/fencehttp"
)

// Two tenures of one stream write to a server; the older one wakes up too late.
func Example() {
	fences := fencehttp.New(fencehttp.Config{})
	orders := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream, token, _ := fencehttp.Tenure(r.Context())
		fmt.Println("the server writes for", stream, "with token", token)
	})
	server := httptest.NewServer(fences.Handler(orders))
	defer server.Close()

	write := func(token streamlease.Token) error { // Stream.Token()
		request, err := http.NewRequest(http.MethodPut, server.URL+"/orders/7", nil)
		if err != nil {
			return err
		}
		if err := fencehttp.Set(request.Header, "order-7", token); err != nil {
			return err
		}
		response, err := server.Client().Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		return fencehttp.Refused(response)
	}
	if err := write(42); err != nil {
		log.Fatal(err)
	}
	err := write(41)
	fmt.Println(errors.Is(err, streamlease.ErrDisowned))
	fmt.Println(err)
	// Output:
	// the server writes for order-7 with token 42
	// true
	// the stream is no longer owned by this tenure: the fence "order-7" refuses token 41, it has seen 42
}
