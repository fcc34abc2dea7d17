// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// mutant is a change of one operator.
type mutant struct {
	id   int
	at   token.Position
	what string
	// within is the && or || whose right operand contains this mutant, or 0. Tests that reach one of them reach both.
	within int
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", relative(m.at.Filename), m.at.Line, m.at.Column, m.what)
}

// Operators of comparison, arithmetic and logic, with their functions and mutants.
var (
	comparisons = map[token.Token][3]string{
		token.LSS: {"Less", "<=", ">="}, token.LEQ: {"LessEqual", "<", ">"},
		token.GTR: {"Greater", ">=", "<="}, token.GEQ: {"GreaterEqual", ">", "<"},
	}
	arithmetic = map[token.Token][2]string{
		token.ADD: {"Add", "-"}, token.SUB: {"Sub", "+"}, token.MUL: {"Mul", "/"}, token.QUO: {"Div", "*"}, token.REM: {"Rem", "*"},
	}
	logic = map[token.Token][2]string{token.LAND: {"And", "||"}, token.LOR: {"Or", "&&"}}
)

// edit replaces the next cut bytes by a text.
type edit struct {
	at, cut int
	text    string
}

// rewriter replaces the operators of a file by functions of the package mutant.
type rewriter struct {
	fset  *token.FileSet
	info  *types.Info
	pkg   *types.Package
	skip  map[string]bool // places whose mutants do not compile
	next  func(m mutant) int
	edits []edit
	// within is as in mutant.
	within int
	inFunc bool
}

// file returns the rewritten text, or the same text if there are no mutants.
func (r *rewriter) file(f *ast.File, text string) string {
	r.edits = nil
	ast.Inspect(f, r.node)
	if len(r.edits) == 0 {
		return text
	}
	end := r.offset(f.Name.End())
	r.edits = append(r.edits, edit{at: end, text: `; import mutant "` + runtimePath + `"`})
	slices.SortStableFunc(r.edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var b strings.Builder
	done := 0
	for _, e := range r.edits {
		b.WriteString(text[done:max(done, e.at)])
		b.WriteString(e.text)
		done = max(done, e.at) + e.cut
	}
	return b.String() + text[done:]
}

func (r *rewriter) offset(p token.Pos) int { return r.fset.Position(p).Offset }

// mutant returns the number of a new mutant at a position, or 0 for a mutant that does not compile.
func (r *rewriter) mutant(at token.Pos, was, becomes string) int {
	m := mutant{at: r.fset.Position(at), what: was + " to " + becomes, within: r.within}
	if r.skip[fmt.Sprintf("%s:%d", m.at.Filename, m.at.Line)] {
		return 0
	}
	return r.next(m)
}

// node rewrites the operators in functions, except in constants.
func (r *rewriter) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return r.function(n.Body)
	case *ast.FuncLit:
		return r.function(n.Body)
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.ArrayType:
		ast.Inspect(n.Elt, r.node)
		return false
	case *ast.BinaryExpr:
		return !r.inFunc || r.binary(n)
	case *ast.UnaryExpr:
		if r.inFunc && n.Op == token.SUB {
			return r.negative(n)
		}
	case *ast.IncDecStmt:
		return r.step(n)
	}
	return true
}

func (r *rewriter) function(body *ast.BlockStmt) bool {
	outer, within := r.inFunc, r.within
	r.inFunc, r.within = true, 0
	if body != nil {
		ast.Inspect(body, r.node)
	}
	r.inFunc, r.within = outer, within
	return false
}

// call replaces x OPERATOR y by FUNCTION(ID, x, y). A lazily evaluated y becomes a function.
func (r *rewriter) call(n *ast.BinaryExpr, head, before, after string) {
	r.edits = append(r.edits, edit{at: r.offset(n.Pos()), text: head})
	ast.Inspect(n.X, r.node)
	r.edits = append(r.edits, edit{at: r.offset(n.OpPos), cut: len(n.Op.String()), text: before})
	ast.Inspect(n.Y, r.node)
	r.edits = append(r.edits, edit{at: r.offset(n.End()), text: after})
}

func (r *rewriter) binary(n *ast.BinaryExpr) bool {
	op := n.Op.String()
	if c, ok := comparisons[n.Op]; ok {
		if edge, not := r.mutant(n.OpPos, op, c[1]), r.mutant(n.OpPos, op, c[2]); not > 0 {
			r.call(n, fmt.Sprintf("mutant.%s(%d, %d, ", c[0], edge, not), ",", ")")
			return false
		}
	}
	if l, ok := logic[n.Op]; ok {
		if id := r.mutant(n.OpPos, op, l[1]); id > 0 {
			outer := r.within
			r.within = id
			r.call(n, fmt.Sprintf("mutant.%s(%d, ", l[0], id), ", func() bool { return (", ") })")
			r.within = outer
			return false
		}
	}
	if n.Op == token.EQL || n.Op == token.NEQ {
		becomes := map[token.Token]string{token.EQL: "!=", token.NEQ: "=="}[n.Op]
		if id := r.mutant(n.OpPos, op, becomes); id > 0 {
			r.call(n, "((", op, fmt.Sprintf(") != mutant.On(%d))", id))
			return false
		}
	}
	if a, ok := arithmetic[n.Op]; ok && r.isNumber(n) {
		if id := r.mutant(n.OpPos, op, a[1]); id > 0 {
			r.call(n, fmt.Sprintf("mutant.%s%s(%d, ", a[0], r.typeOf(n), id), ",", ")")
			return false
		}
	}
	return true
}

func (r *rewriter) negative(n *ast.UnaryExpr) bool {
	id := r.mutant(n.OpPos, "-", "+")
	if id == 0 {
		return true
	}
	r.edits = append(r.edits, edit{at: r.offset(n.Pos()), cut: 1, text: fmt.Sprintf("mutant.Neg%s(%d, ", r.typeOf(n), id)})
	ast.Inspect(n.X, r.node)
	r.edits = append(r.edits, edit{at: r.offset(n.End()), text: ")"})
	return false
}

func (r *rewriter) step(n *ast.IncDecStmt) bool {
	opposite := map[token.Token]token.Token{token.INC: token.DEC, token.DEC: token.INC}[n.Tok]
	if id := r.mutant(n.TokPos, n.Tok.String(), opposite.String()); id > 0 {
		text := fmt.Sprintf(" %s= mutant.Step%s(%d)", n.Tok.String()[:1], r.typeOf(n.X), id)
		r.edits = append(r.edits, edit{at: r.offset(n.TokPos), cut: 2, text: text})
	}
	return true
}

func (r *rewriter) isNumber(e ast.Expr) bool {
	t := r.info.TypeOf(e)
	if _, generic := t.(*types.TypeParam); generic {
		return true
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

// typeOf returns the type of an expression in parentheses.
func (r *rewriter) typeOf(e ast.Expr) string {
	return "[" + types.TypeString(types.Default(r.info.TypeOf(e)), func(p *types.Package) string {
		if p == r.pkg {
			return ""
		}
		return p.Name()
	}) + "]"
}
