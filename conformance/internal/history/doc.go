// Package history decides whether the answers that concurrent callers of a
// lease store got can be explained at all: whether there is an order of the
// calls, each taking effect at one instant between its beginning and its end,
// in which a store with at most one lease for each name and growing tokens
// gives exactly these answers. A call whose outcome is unknown may have taken
// effect at any instant after its beginning, or never.
//
// The search is porcupine's; the store is ours.
package history
