package lockindex

import (
	"context"

	"github.com/streamlease/streamlease/adapters/internal/doctor"
)

// Check looks at the server, at the rights of the user and at the types of the
// index's keys. See ports.Checker.
func (i *Index) Check(ctx context.Context) ([]string, error) {
	warnings, err := i.CheckServer(ctx)
	if err != nil {
		return warnings, err
	}
	if err := i.CheckRights(ctx, Rights); err != nil {
		return warnings, err
	}
	return warnings, i.CheckTypes(ctx, i.types())
}

func (i *Index) types() map[string]string {
	return map[string]string{
		i.keys[0]:        "hash",
		i.keys[1]:        "hash",
		i.keys[2]:        "zset",
		i.keys[3]:        "zset",
		i.TokenCounter(): "string",
	}
}

// Examine says what this server guarantees to the locks on it, and whether the
// user may do what a member does; an empty name is the user of the connection.
// It only looks.
func (i *Index) Examine(ctx context.Context, user string) []doctor.Finding {
	findings := doctor.Server(ctx, i.Rest, true)
	findings = append(findings, doctor.Keys(ctx, i.Conn, i.types())...)
	return append(findings, doctor.Rights(ctx, i.Conn, user, doctor.Needs{Commands: Rights, Hints: true}))
}
