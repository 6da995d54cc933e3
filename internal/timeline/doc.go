// Package timeline shows in a terminal, while it happens, which member owns
// which stream: one row for each stream, time running to the right, each column
// coloured by the owner. It is what the quickstarts draw with.
//
// A History remembers what members and story say happened, and answers
// questions about it. A Screen draws a History over and over on a terminal;
// where the output is no terminal, or no colour is wanted, it prints plain
// lines instead, one for each event.
//
// The package knows nothing of streamlease: it believes what it is told.
package timeline
