package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const document = "../../docs/writing-an-adapter.md"

var codeBlock = regexp.MustCompile("(?s)```(go|sql)\n(.*?)```")

// What the document shows is what is compiled and tested here, word for word.
func TestTheDocumentShowsThisCode(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	blocks := codeBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) == 0 {
		t.Fatalf("%s shows no code", document)
	}
	code := map[string]string{}
	for _, language := range []string{"go", "sql"} {
		files, err := filepath.Glob("sqlitelease/*." + language)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code[language] += string(source) + "\n"
		}
	}
	for _, block := range blocks {
		if language, shown := block[1], block[2]; !strings.Contains(code[language], shown) {
			t.Errorf("%s shows code that is in no file of sqlitelease:\n%s", document, shown)
		}
	}
}
