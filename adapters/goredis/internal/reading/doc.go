// Package reading reads many Redis streams over few connections. A Poller asks
// for all streams that want more in pipelines of reads that do not block in the
// server, a pipeline for each node of a cluster; a Blocker reads one stream over
// a connection of its own.
//
// A stream is read only when whoever reads it has nothing left, so no more is in
// memory than one batch for each stream.
package reading
