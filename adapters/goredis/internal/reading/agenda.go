package reading

// agenda is the feeds that are to be read again, by when: a heap.
type agenda []*feed

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool { return a[i].due.Before(a[j].due) }

func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}

func (a *agenda) Push(value any) {
	pushed := value.(*feed)
	pushed.place = len(*a)
	*a = append(*a, pushed)
}

func (a *agenda) Pop() any {
	last := len(*a) - 1
	popped := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	popped.place = -1
	return popped
}
