// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/require"
)

const code = `package p

const half = 1 / 2

var start = 3 - half

func f(n int, text string, more ...float64) (ok bool) {
	for i := -1; i < n && len(more) > 0 || text+"a" == ""; i++ {
		n -= n % 2
	}
	return func() bool { return n*2 != int(more[0]+1) }()
}
`

// Every operator in a function becomes a mutant, once for each replacement. Constants and strings do not. Line numbers stay the same.
func TestRewrittenCode(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", code, parser.SkipObjectResolution)
	require.NoError(t, err)
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	pkg, err := (&types.Config{Importer: importer.Default()}).Check("p", fset, []*ast.File{file}, info)
	require.NoError(t, err)
	var found []mutant
	r := &rewriter{fset: fset, info: info, pkg: pkg, next: func(m mutant) int {
		found = append(found, m)
		return len(found)
	}}
	require.Equal(t, `package p; import mutant "`+runtimePath+`"

const half = 1 / 2

var start = 3 - half

func f(n int, text string, more ...float64) (ok bool) {
	for i := mutant.Neg[int](1, 1); mutant.Or(2, mutant.And(3, mutant.Less(4, 5, i , n) , func() bool { return ( mutant.Greater(6, 7, len(more) , 0)) }) , func() bool { return ( ((text+"a" == "") != mutant.On(8))) }); i += mutant.Step[int](9) {
		n -= mutant.Rem[int](10, n , 2)
	}
	return func() bool { return ((mutant.Mul[int](12, n,2) != int(mutant.Add[float64](13, more[0],1))) != mutant.On(11)) }()
}
`, r.file(file, code))
	require.Len(t, found, 13)
	require.Equal(t, "p.go:8:17: < to >=", found[4].String())
	require.Equal(t, []int{0, 2, 3, 2, 0}, []int{found[0].within, found[2].within, found[5].within, found[7].within, found[10].within})
}
