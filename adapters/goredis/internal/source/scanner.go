package source

// scanner walks over the members of an object in text that is known to be valid
// JSON. It finds where values begin and end, and does not look into them.
type scanner struct{ rest []byte }

func (s *scanner) skipSpace() {
	for len(s.rest) > 0 {
		switch s.rest[0] {
		case ' ', '\t', '\r', '\n':
			s.rest = s.rest[1:]
		default:
			return
		}
	}
}

// skip passes the delimiter if it comes next.
func (s *scanner) skip(delimiter byte) {
	s.skipSpace()
	if len(s.rest) > 0 && s.rest[0] == delimiter {
		s.rest = s.rest[1:]
	}
}

// more reports whether another member comes, rather than the object's end.
func (s *scanner) more() bool {
	s.skipSpace()
	return len(s.rest) > 0 && s.rest[0] != '}'
}

// value passes the value that comes next and returns it without space around.
func (s *scanner) value() []byte {
	s.skipSpace()
	end := valueEnd(s.rest)
	value := s.rest[:end:end]
	s.rest = s.rest[end:]
	return value
}

func valueEnd(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '"':
		return stringEnd(text)
	case '{', '[':
		return nestedEnd(text)
	}
	for i, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n', ',', '}', ']':
			return i
		}
	}
	return len(text)
}

func stringEnd(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func nestedEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
