package sim

var verbWords = [verbs]string{"", "crash", "restart", "start", "close", "freeze", "cut", "slow", "lag", "drift",
	"hit", "noise", "hints", "down", "flush", "rollback", "full", "readonly", "laggard", "step", "evict",
	"announce", "burst", "malformed", "stuck", "dawdle", "claim", "giveup", "wish"}
