package conformance

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// suites are all that the package can ask. Harnesses are asked for nothing
// before a check runs, so there need not be any.
func suites() []suite { return append(portSuites(), combinationSuite(nil)) }

// portSuites are those of which each sentence stands in a contract.
func portSuites() []suite {
	return []suite{leaseStoreSuite(nil), streamSourceSuite(nil), expiryNotifierSuite(nil), checkpointsSuite(nil)}
}

func TestEachSentenceStandsInTheContractWordForWord(t *testing.T) {
	comments := contract(t)
	for _, s := range portSuites() {
		for _, q := range s.questions {
			comment, found := comments[q.sentence.Where]
			if assert.True(t, found, "there is no comment at %s", q.sentence.Where) {
				assert.Contains(t, comment, q.sentence.Text, q.sentence.Where)
			}
		}
	}
}

func TestEachSubTestHasANameOfItsOwn(t *testing.T) {
	for _, s := range suites() {
		seen := map[string]bool{}
		for _, q := range s.questions {
			name := q.sentence.Name()
			assert.False(t, seen[name], "%s: two sub-tests are called %s", s.port, name)
			seen[name] = true
		}
	}
}

// contract has the comments of ports and core, by the names of what they are
// about, each in one line.
func contract(t *testing.T) map[string]string {
	t.Helper()
	comments := map[string]string{}
	for _, folder := range []string{"../core", "../ports"} {
		files, err := filepath.Glob(folder + "/*.go")
		require.NoError(t, err)
		for _, path := range files {
			file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, parser.ParseComments)
			require.NoError(t, err)
			collect(comments, file.Name.Name, file)
		}
	}
	return comments
}

func collect(comments map[string]string, name string, file *ast.File) {
	add := func(where string, comment *ast.CommentGroup) {
		if words := strings.Fields(comment.Text()); len(words) > 0 {
			comments[where] = strings.Join(words, " ")
		}
	}
	add(name, file.Doc)
	for _, declared := range file.Decls {
		declaration, is := declared.(*ast.GenDecl)
		if !is {
			continue
		}
		for _, spec := range declaration.Specs {
			if declaredType, is := spec.(*ast.TypeSpec); is && !declaredType.Assign.IsValid() { // aliases have no contract of their own
				comment := declaredType.Doc
				if comment == nil {
					comment = declaration.Doc
				}
				add(declaredType.Name.Name, comment)
				for _, field := range membersOf(declaredType.Type) {
					for _, member := range field.Names {
						add(declaredType.Name.Name+"."+member.Name, field.Doc)
					}
				}
			}
		}
	}
}

// membersOf are the methods of an interface or the fields of a struct.
func membersOf(expression ast.Expr) []*ast.Field {
	switch of := expression.(type) {
	case *ast.InterfaceType:
		return of.Methods.List
	case *ast.StructType:
		return of.Fields.List
	}
	return nil
}
