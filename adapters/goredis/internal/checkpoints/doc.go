// Package checkpoints keeps the positions of goredis: one string for each ref,
//
//	checkpoint:<ref>  token, number, '+' open or '-' closed, position
//
// which Redis removes FinishedFor after it was closed. All are in the slot of
// the service's other keys, and each is changed by one script alone.
package checkpoints
