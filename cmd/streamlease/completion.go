package main

import (
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help implements kong.HelpProvider.
func (*completionCommand) Help() string {
	return `Examples:

    streamlease completion bash > /etc/bash_completion.d/streamlease
    streamlease completion zsh > ~/.streamlease.zsh
    streamlease completion fish > ~/.config/fish/completions/streamlease.fish`
}

const (
	bashCompletion = `_streamlease() {
    COMPREPLY=($(compgen -W "$(streamlease complete-words -- "${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _streamlease streamlease
`
	zshCompletion = `autoload -U +X bashcompinit && bashcompinit
` + bashCompletion
	fishCompletion = `complete -c streamlease -f -a '(streamlease complete-words -- (commandline -opc)[2..])'
`
)

// Run writes what a shell has to read.
func (s *completionCommand) Run(c *console) error {
	script := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[s.Shell]
	_, err := io.WriteString(c.out, script)
	return err
}

// completeWordsCommand is what these scripts call.
type completeWordsCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run writes what may come next, a word a line.
func (w *completeWordsCommand) Run(c *console) error {
	for _, word := range nextWords(newProgram(io.Discard, io.Discard).Parser().Model.Node, w.Words) {
		c.say("%s", word)
	}
	return nil
}

// nextWords are the commands and flags that may follow the words, or the values
// of the flag that is the last of them.
func nextWords(node *kong.Node, words []string) (next []string) {
	for i, word := range words {
		if flag := flagOf(node, word); flag != nil && !flag.IsBool() && i == len(words)-1 {
			return flag.EnumSlice()
		}
		child := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word })
		if child >= 0 {
			node = node.Children[child]
		}
	}
	for _, child := range node.Children {
		if !child.Hidden {
			next = append(next, child.Name)
		}
	}
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			next = append(next, "--"+flag.Name)
		}
	}
	slices.Sort(next)
	return next
}

func flagOf(node *kong.Node, word string) *kong.Flag {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if strings.TrimPrefix(word, "--") == flag.Name && strings.HasPrefix(word, "--") {
				return flag
			}
		}
	}
	return nil
}
