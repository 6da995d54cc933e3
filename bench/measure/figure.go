package measure

// Figure is one number that a measurement answers.
type Figure struct {
	Name   string // with its unit
	Number float64
}

// Figures is what one run of a measurement answers, in the order in which it
// is to be read.
type Figures []Figure

func (f *Figures) add(name string, number float64) { *f = append(*f, Figure{name, number}) }

// Of is the number of that name; a name that is not there is a mistake of the
// program, and panics.
func (f Figures) Of(name string) float64 {
	for _, figure := range f {
		if figure.Name == name {
			return figure.Number
		}
	}
	panic("no figure is called " + name)
}
