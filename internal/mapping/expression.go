// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping/number"
)

// Names of the variables.
const (
	varBody    = "body"
	varHeaders = "headers"
	varQuery   = "query"
	varMessage = "message"
	varItem    = "item"
	varNow     = "now"
)

// CostLimit is the maximum cost of one evaluation, in CEL's units; about ten milliseconds in the worst case.
const CostLimit = 100_000

// documentEnv is for expressions on the whole document, itemEnv for those of a rule with forEach.
var documentEnv, itemEnv = environments()

func environments() (document, item *cel.Env) {
	options := append([]cel.EnvOption{
		cel.CustomTypeAdapter(number.Adapter{}),
		standard(),
		cel.Variable(varBody, cel.DynType),
		cel.Variable(varHeaders, cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable(varQuery, cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable(varMessage, cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable(varNow, cel.TimestampType),
		cel.OptionalTypes(),
		cel.CrossTypeNumericComparisons(true),
		cel.ParserRecursionLimit(64),
		cel.ParserExpressionSizeLimit(4096),
		ext.Strings(ext.StringsVersion(5)), // from version 5 on, the cost of its functions includes what they build
		ext.Encoders(),
		ext.Math(),
		ext.TwoVarComprehensions(),
		minorUnits(),
		sums(),
	}, append(mathematics(), localTimes()...)...)
	document, err := cel.NewCustomEnv(options...)
	if err == nil {
		item, err = document.Extend(cel.Variable(varItem, cel.DynType))
	}
	if err != nil {
		panic(fmt.Sprintf("the CEL environment is invalid: %v", err))
	}
	return document, item
}

// optionalType is CEL's name of the type of optional values.
const optionalType = "optional_type"

// outType is a type that an expression can return.
type outType struct {
	name  string
	fix   string
	kinds []types.Kind
}

var (
	boolean  = outType{"true or false", "compare with something, for example body.type == \"order.paid\"", []types.Kind{types.BoolKind}}
	list     = outType{"a list", "name a list of the document, for example body.items", []types.Kind{types.ListKind}}
	text     = outType{"text", "convert it with string(...)", []types.Kind{types.StringKind, types.IntKind, types.UintKind, types.DoubleKind}}
	identity = outType{"text, a number, or a list of these", "convert it with string(...)",
		[]types.Kind{types.StringKind, types.IntKind, types.UintKind, types.DoubleKind, types.ListKind}}
	amount = outType{"a number, or a decimal number as text", "convert it with double(...)",
		[]types.Kind{types.IntKind, types.UintKind, types.DoubleKind, types.StringKind}}
	instant = outType{"a timestamp, RFC 3339 text, or a number of seconds", "convert it with timestamp(...)",
		[]types.Kind{types.TimestampKind, types.StringKind, types.IntKind, types.UintKind, types.DoubleKind}}
	anything = outType{}
)

// accepts reports whether an expression of the type is allowed. Types that are only known at run time are checked then.
func (o outType) accepts(t *cel.Type) bool {
	if t.TypeName() == optionalType && len(t.Parameters()) == 1 {
		t = t.Parameters()[0]
	}
	return len(o.kinds) == 0 || t.Kind() == types.DynKind || slices.Contains(o.kinds, t.Kind())
}

// expression is one compiled expression.
type expression struct {
	path       string
	source     string
	program    cel.Program
	usesNow    bool
	usesItem   bool
	isOptional bool
}

func (c *compiler) expression(env *cel.Env, path string, source v1alpha1.CELExpression, want outType) *expression {
	if source == "" {
		return nil
	}
	checked, issues := env.Compile(string(source))
	if issues.Err() != nil {
		first := issues.Errors()[0]
		message := oneLine(first.Message)
		c.fail(path, string(source), fmt.Sprintf("%s, at character %d", message, first.Location.Column()+1), fixFor(message))
		return nil
	}
	if !want.accepts(checked.OutputType()) {
		c.fail(path, string(source), fmt.Sprintf("the expression returns %s, expected %s", checked.OutputType(), want.name), want.fix)
		return nil
	}
	number.KeepDigits(string(source), checked)
	number.OpenCalls(checked)
	program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize),
		cel.CostLimit(CostLimit), cel.CostTracking(callCost{}), cel.CustomDecoratorV2(boundBuilders))
	if err != nil {
		c.fail(path, string(source), oneLine(err.Error()), "correct the expression")
		return nil
	}
	return &expression{
		path: path, source: string(source), program: program, usesNow: mentions(checked, varNow), usesItem: mentions(checked, varItem),
		isOptional: checked.OutputType().TypeName() == optionalType,
	}
}

func mentions(a *cel.Ast, name string) bool {
	found := false
	ast.PreOrderVisit(a.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		found = found || e.Kind() == ast.IdentKind && e.AsIdent() == name
	}))
	return found
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}
