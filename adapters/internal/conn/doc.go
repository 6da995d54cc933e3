// Package conn is what the adapters on Redis share: the names of their keys, the
// clients that they talk through, how they run scripts, and what an error of
// the server means.
//
// A Conn has three lanes, each a client of its own: Blocking for reads that
// wait in the server, Renewals for what must never wait behind anything else,
// Rest for all other calls. A port asks a lane for the node that has the
// service's keys (all of them are in one slot) and talks to that plain client,
// best through Lane.Do or Script.Run, which turn errors into what the contract
// of the ports knows.
//
// Nothing in here repeats a command whose outcome is unknown.
package conn
