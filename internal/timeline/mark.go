package timeline

import "unicode/utf8"

// mark is the letter that stands for a member in the bars: its first, or its
// last where another member begins with the same, as m1 and m2 do.
func (f Facts) mark(member int) string {
	name := f.Members[member].Name
	first, _ := utf8.DecodeRuneInString(name)
	for i, other := range f.Members {
		if begins, _ := utf8.DecodeRuneInString(other.Name); i != member && begins == first {
			first, _ = utf8.DecodeLastRuneInString(name)
			break
		}
	}
	return string(first)
}
