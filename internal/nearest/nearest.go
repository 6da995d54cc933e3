// Package nearest finds the word that was meant by one that is not known.
package nearest

// Word is the word with the fewest changes to text.
func Word(text string, words []string) string {
	best, least := "", 1<<30
	for _, w := range words {
		if d := distance(text, w); w != "" && d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is how many letters must be changed, added or taken away
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
