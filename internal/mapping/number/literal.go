// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// compared are the operators next to which a long literal keeps its digits.
var compared = map[string]bool{
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true, operators.Greater: true,
	operators.GreaterEquals: true, operators.In: true,
}

// KeepDigits restores the exact value of long literals in comparisons: CEL's parser reads 12345678901234567890.0 as a double, which also represents
// many other numbers.
func KeepDigits(source string, checked *cel.Ast) {
	info := checked.NativeRep().SourceInfo()
	text := []rune(source)
	replace := func(e ast.Expr) {
		double, isDouble := literal(e).(types.Double)
		if !isDouble {
			return
		}
		at, _ := info.GetOffsetRange(e.ID())
		l := newLong(leadingNumber(string(text[min(int(at.Start), len(text)):])))
		if n, ok := Of(double); ok && l.Known && l.Number != n && l.ConvertToType(types.DoubleType) == double {
			e.SetKindCase(ast.NewExprFactory().NewLiteral(e.ID(), l))
		}
	}
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || !compared[e.AsCall().FunctionName()] {
			return
		}
		for _, arg := range e.AsCall().Args() {
			replace(arg)
			if arg.Kind() == ast.ListKind {
				for _, element := range arg.AsList().Elements() {
					replace(element)
				}
			}
		}
	}))
}

// NumberOverloads are the overloads for long numbers, by function.
var NumberOverloads = map[string]string{}

// OpenCalls defers the choice of overloads of number functions to run time. The checker treats the result of "body.price * 100.0" as a double, which
// it is not if the price is a long number.
func OpenCalls(checked *cel.Ast) {
	references := checked.NativeRep().ReferenceMap()
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		if overload := NumberOverloads[e.AsCall().FunctionName()]; overload != "" && references[e.ID()] != nil {
			references[e.ID()].AddOverload(overload)
		}
	}))
}

func literal(e ast.Expr) any {
	if e.Kind() != ast.LiteralKind {
		return nil
	}
	return e.AsLiteral()
}

// leadingNumber returns the number at the beginning of a text.
func leadingNumber(s string) string {
	return strings.TrimSuffix(s, strings.TrimLeft(s, "0123456789.eE+-"))
}
