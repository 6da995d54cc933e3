package sim

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDocsKnowEveryWordOfAScenario(t *testing.T) {
	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "simulation.md"))
	require.NoError(t, err)
	for _, verb := range allVerbs() {
		assert.Contains(t, string(docs), "`"+verb+" ", "docs/simulation.md does not say what %s does", verb)
	}
	for _, key := range optionKeys() {
		assert.Contains(t, string(docs), "`"+key+"`", "docs/simulation.md does not say what %s is", key)
	}
}
