package lockindex

import "context"

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
	return warnings, i.CheckTypes(ctx, map[string]string{
		i.keys[0]:        "hash",
		i.keys[1]:        "hash",
		i.keys[2]:        "zset",
		i.keys[3]:        "zset",
		i.TokenCounter(): "string",
	})
}
