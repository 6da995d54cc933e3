package driver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"slices"

	"github.com/streamlease/streamlease/ports"
)

// Check asks every port that is a ports.Checker, each once, and gathers what
// they say: all warnings and every error. Ports that share a server say the
// same of it; that is told once.
func Check(ctx context.Context, set ports.Set) (warnings []string, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("check: the port panicked: %v\n%s", value, debug.Stack())
		}
	}()
	var failures []error
	for _, port := range distinct(set) {
		checker, checks := port.(ports.Checker)
		if !checks {
			continue
		}
		heard, err := checker.Check(ctx)
		for _, warning := range heard {
			if !slices.Contains(warnings, warning) {
				warnings = append(warnings, warning)
			}
		}
		if err != nil && !slices.ContainsFunc(failures, func(other error) bool { return other.Error() == err.Error() }) {
			failures = append(failures, err)
		}
	}
	for i, err := range failures {
		failures[i] = named("check", err)
	}
	return warnings, errors.Join(failures...)
}

// Close closes every port that is an io.Closer, each once.
func Close(set ports.Set) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("close: the port panicked: %v\n%s", value, debug.Stack())
		}
	}()
	var failures []error
	for _, port := range distinct(set) {
		if closer, closes := port.(io.Closer); closes {
			failures = append(failures, named("close", closer.Close()))
		}
	}
	return errors.Join(failures...)
}

// distinct lists the ports that are there. One value may serve as several
// ports; it is listed once.
func distinct(set ports.Set) []any {
	var found []any
	for _, port := range []any{set.Source, set.Leases, set.Notifier, set.Checkpoints} {
		if port == nil || contains(found, port) {
			continue
		}
		found = append(found, port)
	}
	return found
}

// contains compares without the panic that == has for values of uncomparable
// types.
func contains(found []any, port any) bool {
	for _, other := range found {
		if reflect.ValueOf(port).Comparable() && reflect.ValueOf(other).Comparable() && port == other {
			return true
		}
	}
	return false
}
