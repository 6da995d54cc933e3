package source

// batchEnd is where the batch that begins at from ends, when item i has size(i)
// bytes: one item at least, then as many as the bounds allow.
func batchEnd(from, count int, size func(i int) int) int {
	bytes, end := 0, from
	for end < count && end-from < batchItems {
		bytes += size(end)
		if end > from && bytes > batchBytes {
			break
		}
		end++
	}
	return end
}
