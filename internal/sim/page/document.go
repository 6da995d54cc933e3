package page

// document is what the page's script reads: rows of numbers that refer to
// tables, so that a run of many thousand events stays small. Instants are
// microseconds of true time.
type document struct {
	Ended  int64    `json:"ended"`
	Focus  int64    `json:"focus"`  // what the page opens at
	Window [2]int64 `json:"window"` // what it shows first

	Members []string  `json:"members"`
	Names   []string  `json:"names"`
	Refs    []ref     `json:"refs"`
	Tokens  []string  `json:"tokens"`
	Texts   []string  `json:"texts"`
	Groups  [][]int   `json:"groups"` // of members
	Terms   [][]int64 `json:"terms"`  // from, until, from, until, …

	Leases   [][7]int64  `json:"leases"`   // member, ref, token, begins, ends, terms, live
	Tenures  [][10]int64 `json:"tenures"`  // member, ref, token, began, ended, valid until, terms, live, beginning, ending
	Spans    [][5]int64  `json:"spans"`    // member, kind, from, to, text
	Events   [][7]int64  `json:"events"`   // at, kind, group, ref, token, text, until
	Overlaps [][4]int64  `json:"overlaps"` // name, from, to, text
	Kinds    []string    `json:"kinds"`
}

// ref is one assignment of a stream.
type ref struct {
	Name int    `json:"n"`
	ID   string `json:"i"`
}

// none stands where a row refers to nothing.
const none = -1

// What a span is.
const (
	alive  = iota // the process
	frozen        // the process stands still
	cutOff        // its connection is silent
	fault         // the scenario broke something; its member is none
)

// table numbers what is put into it.
type table[T comparable] struct {
	numbers map[T]int
	rows    []T
}

func (t *table[T]) number(row T) int {
	if at, known := t.numbers[row]; known {
		return at
	}
	if t.numbers == nil {
		t.numbers = make(map[T]int)
	}
	t.numbers[row] = len(t.rows)
	t.rows = append(t.rows, row)
	return len(t.rows) - 1
}
