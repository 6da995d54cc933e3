// Package page draws a run of the simulator as one HTML page that needs
// nothing else: no network, no library, no other file.
//
// The page has a lane for each member and a bar for each tenure: the outer one
// is the lease by the store's clock, the inner one what the member believes, so
// that the safety margin is a gap that one can see, and two members that
// believe at once are red. Beside the picture all that happened stands in
// sentences, and a table says who owns what at the instant of the slider. It
// opens at the violation when there is one.
//
// Names come from scenarios that anybody may write: in the page they are data,
// and its scripts put them in as text, never as markup. A content security
// policy allows the page's own script and nothing else.
//
// Only cmd/sim and tests may import it.
package page
