package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/nearest"
)

func TestTheNearestWordHasTheFewestChanges(t *testing.T) {
	words := []string{"list", "run", "", "search"}
	for text, want := range map[string]string{"rn": "run", "lst": "list", "serch": "search", "run": "run", "": "run"} {
		assert.Equal(t, want, nearest.Word(text, words), text)
	}
	assert.Empty(t, nearest.Word("x", nil))
}
