// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/mapping/number"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// standard is CEL's library, except that string() of a double returns plain digits: an id that was sent as 12345678.0 has to be the text "12345678"
// in rules, too, not "1.2345678e+07".
func standard() cel.EnvOption {
	return cel.Lib(standardLibrary{})
}

type standardLibrary struct{}

// CompileOptions implements cel.Library.
func (standardLibrary) CompileOptions() []cel.EnvOption {
	ofDouble := env.NewOverload(overloads.DoubleToString, []*env.TypeDesc{env.NewTypeDesc("double")}, env.NewTypeDesc("string"))
	without := env.NewLibrarySubset().AddExcludedFunctions(env.NewFunction(overloads.TypeConvertString, ofDouble))
	return []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(without)),
		cel.Function(overloads.TypeConvertString,
			cel.Overload(overloads.DoubleToString, []*cel.Type{cel.DoubleType}, cel.StringType, cel.UnaryBinding(doubleText))),
		forLong(overloads.TypeConvertString, cel.StringType, converts(types.StringType)),
		forLong(overloads.TypeConvertInt, cel.IntType, converts(types.IntType)),
		forLong(overloads.TypeConvertUint, cel.UintType, converts(types.UintType)),
		forLong(overloads.TypeConvertDouble, cel.DoubleType, converts(types.DoubleType)),
		cel.Function(printable, cel.Overload("printable_list", []*cel.Type{cel.ListType(cel.DynType)}, cel.ListType(cel.DynType), cel.UnaryBinding(toPrint))),
		cel.Macros(cel.ReceiverMacro("format", 1, func(f cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewMemberCall("format", target, f.NewCall(printable, args[0])), nil
		})),
	}
}

// forLong adds an overload for long numbers to a function of CEL.
func forLong(function string, result *cel.Type, apply cel.OverloadOpt) cel.EnvOption {
	overload := "number_" + strings.ReplaceAll(function, ".", "_")
	number.NumberOverloads[function] = overload
	return cel.Function(function, cel.Overload(overload, []*cel.Type{number.Type}, result, apply))
}

// printable is called on the arguments of format(), which only knows CEL's own types.
const printable = "@printable"

func toPrint(v ref.Val) ref.Val {
	list := v.(traits.Lister)
	out := make([]ref.Val, 0, int(list.Size().(types.Int)))
	for it := list.Iterator(); it.HasNext() == types.True; {
		e := it.Next()
		if l, ok := e.(number.Long); ok && number.IsWhole(l) {
			e = types.String(l.Plain())
		} else if ok {
			e = l.ConvertToType(types.DoubleType)
		}
		out = append(out, e)
	}
	return types.NewRefValList(number.Adapter{}, out)
}

// ProgramOptions implements cel.Library.
func (standardLibrary) ProgramOptions() []cel.ProgramOption {
	return []cel.ProgramOption{cel.CustomDecoratorV2(number.Exact)}
}

func converts(to ref.Type) cel.OverloadOpt {
	return cel.UnaryBinding(func(v ref.Val) ref.Val { return v.ConvertToType(to) })
}

func doubleText(v ref.Val) ref.Val {
	if _, ok := number.Of(v); !ok { // NaN and infinities
		return v.ConvertToType(types.StringType)
	}
	text, _ := value.Text(scalar(v))
	return types.String(text)
}

// mathematics returns the functions of CEL's math library for long numbers.
func mathematics() []cel.EnvOption {
	rounds := func(name string, how number.Rounding) cel.EnvOption {
		return onLong(name, func(l number.Long) ref.Val { return number.Val(number.Integral(l.Number, how), l.Number.IsWhole()) })
	}
	return []cel.EnvOption{
		rounds("ceil", number.Ceiling), rounds("floor", number.Floor), rounds("round", number.Nearest), rounds("trunc", number.Cut),
		onLong("abs", func(l number.Long) ref.Val {
			if l.Number.Sign() < 0 {
				return number.Compute(operators.Subtract, types.IntZero, l)
			}
			return l
		}),
		onLong("sign", func(l number.Long) ref.Val { return types.Int(l.Number.Sign()) }),
		onLong("sqrt", func(l number.Long) ref.Val { return sqrt(l) }),
		onLong("isNaN", func(number.Long) ref.Val { return types.False }),
		onLong("isInf", func(number.Long) ref.Val { return types.False }),
		onLong("isFinite", func(number.Long) ref.Val { return types.True }),
	}
}

// onLong adds an overload to a function of the math library.
func onLong(name string, f func(l number.Long) ref.Val) cel.EnvOption {
	return forLong("math."+name, cel.DynType, cel.UnaryBinding(func(v ref.Val) ref.Val {
		l := v.(number.Long)
		if !l.Known {
			return number.NoOverload("math." + name)
		}
		return f(l)
	}))
}

func sqrt(l number.Long) ref.Val {
	d, ok := number.Operand(l)
	if !ok || d.Negative {
		return number.NoOverload("math.sqrt")
	}
	var out apd.Decimal
	if _, err := number.Rounded.Sqrt(&out, d); err != nil {
		return number.NoOverload("math.sqrt")
	}
	f, err := out.Float64()
	if err != nil {
		return number.NoOverload("math.sqrt")
	}
	return types.Double(f)
}
