// Package fencehttp puts a fence before an HTTP handler: requests carry the
// stream and the fencing token of who sends them in two headers, and those of
// a lower token than was seen are refused.
//
// The client:
//
//	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, body)
//	err = fencehttp.Set(request.Header, stream.Ref().Name, stream.Token())
//	response, err := client.Do(request)
//	if err := fencehttp.Refused(response); err != nil {
//		return err // streamlease.ErrDisowned: somebody else owns the stream
//	}
//
// The server:
//
//	fences := fencehttp.New(fencehttp.Config{})
//	http.Handle("/orders/", fences.Handler(orders))
//
// Package fence says what a fence does and what it does not. A GET with the
// headers raises the fence, so reading is a way to begin a tenure.
//
// # Answers
//
//   - 412 Precondition Failed, with the highest token in a header: the token is
//     too low, and the handler has not run.
//   - 428 Precondition Required: a request that may change something has no
//     token. GET, HEAD and OPTIONS pass without.
//   - 400 Bad Request: a header is malformed.
//   - 503 Service Unavailable: nobody can tell now; the body says why.
//
// # What it holds for
//
// A check alone would be no fence: between it and the handler's work a later
// tenure could come and go. So requests of one stream with different tokens
// never run at the same time. A higher token waits until the handlers of lower
// ones have returned, whose contexts it cancels; lower ones are refused from
// then on. What a handler leaves running after it returned is not covered.
//
// This is so within one process. Where several serve the same data, or where
// tokens must survive a restart, the data's own store has to be the fence: take
// stream and token from Tenure, and hand them to redisfence or sqlfence.
//
// The headers are no protection from people who mean harm: who may send
// requests is for others to check.
package fencehttp
