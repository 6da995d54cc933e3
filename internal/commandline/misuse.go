package commandline

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/streamlease/streamlease/internal/nearest"
)

// explained is what is said of arguments that cannot be understood: what is
// wrong, the nearest word that is right, and where it stands.
func explained(program string, err error, arguments []string) string {
	message, _, _ := strings.Cut(err.Error(), ", did you mean")
	pointed := pointedAt(program, message, arguments)
	if nearest := nearestWord(err, message); nearest != "" {
		message += "; the nearest is " + nearest
	}
	text := program + ": " + message
	if pointed != "" {
		text += "\n" + pointed
	}
	return text + "\n" + "Try: " + program + " " + selected(err) + "--help"
}

var unknownWord = regexp.MustCompile(`^(unknown flag|unexpected argument) (\S+)`)

// nearestWord is the flag or command that was meant, perhaps; empty: there is
// none to choose from.
func nearestWord(err error, message string) string {
	unknown := unknownWord.FindStringSubmatch(message)
	var parse *kong.ParseError
	if unknown == nil || !errors.As(err, &parse) || parse.Context == nil {
		return ""
	}
	var words []string
	node := parse.Context.Selected()
	if node == nil {
		node = parse.Context.Model.Node
	}
	if unknown[1] == "unknown flag" {
		for _, group := range node.AllFlags(true) {
			for _, flag := range group {
				words = append(words, "--"+flag.Name)
			}
		}
	} else {
		for _, child := range node.Children {
			words = append(words, child.Name)
		}
	}
	return nearest.Word(unknown[2], words)
}

// selected is the command that was being parsed, and a blank.
func selected(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		return strings.TrimPrefix(parse.Context.Selected().FullPath(), parse.Context.Model.Name+" ") + " "
	}
	return ""
}

var flagOfMessage = regexp.MustCompile(`^(--[\w-]+)`)

// pointedAt shows the arguments with a mark under the one that the message is
// about; empty: it is about none of them.
func pointedAt(program, message string, arguments []string) string {
	var culprit string
	if unknown := unknownWord.FindStringSubmatch(message); unknown != nil {
		culprit = unknown[2]
	} else if flag := flagOfMessage.FindString(message); flag != "" {
		culprit = flag
	}
	line := "  " + program
	mark := ""
	for _, argument := range arguments {
		word, _, _ := strings.Cut(argument, "=")
		if culprit != "" && word == culprit && mark == "" {
			mark = strings.Repeat(" ", len(line)+1) + strings.Repeat("^", len(argument))
		}
		line += " " + argument
	}
	if mark == "" {
		return ""
	}
	return line + "\n" + mark
}
