package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestALinkIsReadAsItIsWritten(t *testing.T) {
	for _, text := range []string{
		"seed=1&until=0s",
		"seed=18446744073709551615&members=6&without=fencing+sweep&until=1m2.345s",
		"seed=2&without=sweep&until=30s&at=2s+crash+m1&at=2s+restart+m1&at=3.5s+drift+m2+-40%25+20s&at=4s+hints+lost+100%25+15s&at=9s+burst+100&at=12s+poison+b6-3",
	} {
		link, err := ParseLink(text)
		require.NoError(t, err, text)
		require.Equal(t, text, link.String())
		require.NotContains(t, link.String(), "'", "a shell takes it within quotes")
	}
	link, err := ParseLink("")
	require.NoError(t, err)
	require.Equal(t, "seed=1&until=0s", link.String())
}

func TestWhatIsNoLinkIsRefused(t *testing.T) {
	for text, reason := range map[string]string{
		"seed=x":                              "seed=x",
		"seed=1&seed=2":                       "twice",
		"colour=red":                          `"colour" is not known`,
		"members=99":                          "1 to 12",
		"without=brakes":                      `"brakes" is not known`,
		"until=2h":                            "longer than",
		"until=-1s":                           "less than nothing",
		"%zz":                                 "invalid URL escape",
		"at=2s+crash+m9":                      `no member is called "m9"`,
		"at=2s+poison+s9":                     `no stream is called "s9"`,
		"at=2s+explode+m1":                    `"explode" is not known`,
		"at=":                                 "a time is missing",
		"at=2s+crash+m1%0aat+3s":              "cannot be printed",
		"at=3s+crash+m1&at=2s+freeze+":        "freeze wants",
		"at=3s+crash+m1&at=2s+crash+m2":       "order of time",
		"at=2s+rollback+store+1s":             "a page cannot rollback",
		"at=2s+burst+1999&at=3s+announce+x+2": "more than 2000 streams",
		"at=2h+crash+m1":                      "comes too late",
		strings.Repeat("at=1s+crash+m1&", 2500) + "seed=1": "more than 2000 clicks",
		strings.Repeat("x", LongestLink+1):                 "longer than",
	} {
		_, err := ParseLink(text)
		require.ErrorIs(t, err, ErrNoLink, text)
		require.ErrorContains(t, err, reason)
	}
}

func TestAClickThatSaysNothingRightChangesNothing(t *testing.T) {
	stage := open(t, "")
	stage.goOn(time.Second)
	for _, words := range []string{"", "crash", "crash m9", "crash m1 now", "rollback store 1s", "crash m1\nat 2s crash m2", "announce\x00"} {
		require.Error(t, stage.Click(words), words)
	}
	require.Equal(t, "seed=1&until=1s", stage.Link().String())
}

func FuzzParseLink(f *testing.F) {
	f.Add("seed=2&without=sweep&until=30s&at=2s+crash+m1&at=3.5s+drift+m2+-40%25+20s")
	f.Add("members=6&at=1s+burst+7&at=2s+poison+b6-1")
	f.Fuzz(func(t *testing.T, text string) {
		link, err := ParseLink(text)
		if err != nil {
			require.ErrorIs(t, err, ErrNoLink)
			return
		}
		again, err := ParseLink(link.String())
		require.NoError(t, err, link.String())
		require.Equal(t, link.String(), again.String())
	})
}
