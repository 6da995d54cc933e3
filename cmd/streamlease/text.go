package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// longest is how much of a text a table shows, in characters.
const longest = 80

// printable is a text as it may stand in a terminal: whatever could move the
// cursor or look like another column is escaped.
func printable(text string) string {
	if text == "" {
		return "-"
	}
	if strings.ContainsAny(text, ` "`) {
		return strconv.Quote(text)
	}
	return harmless(text)
}

// harmless is a text that stands at the end of a line, as it is unless it could
// move the cursor.
func harmless(text string) string {
	for _, r := range text {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(text)
		}
	}
	return text
}

// shortened is printable text that fits into a table.
func shortened(text string) string {
	runes := []rune(printable(text))
	if len(runes) <= longest {
		return string(runes)
	}
	return string(runes[:longest-1]) + "…"
}

// age writes a time as people know it from kubectl: 45s, 3m10s, 5h, 12d.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Truncate(100*time.Millisecond).Seconds(), 'f', -1, 64) + "s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 10*time.Minute:
		return twoUnits(d, time.Minute, "m", time.Second, "s")
	case d < 3*time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 8*time.Hour:
		return twoUnits(d, time.Hour, "h", time.Minute, "m")
	case d < 2*day:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d < 8*day:
		return twoUnits(d, day, "d", time.Hour, "h")
	default:
		return fmt.Sprintf("%dd", d/day)
	}
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf("%d%s", rest, smallName)
	}
	return text
}

// ageOrNone is - for what has no time.
func ageOrNone(d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	return age(d)
}

// grouped writes a number with commas: 1,234,567.
func grouped[N ~int | ~int64](number N) string {
	digits := strconv.FormatInt(int64(number), 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// plural is a number of things: "1 stream", "2,000 streams".
func plural[N ~int | ~int64](number N, thing string) string {
	if number == 1 {
		return "1 " + thing
	}
	return grouped(number) + " " + thing + "s"
}
