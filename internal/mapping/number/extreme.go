// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// picks are math.least and math.greatest, under the names to which their macros expand, for two numbers of any kind.
var picks = map[string]func(l, r ref.Val) ref.Val{
	"math.@min": extreme("math.@min", ordered(operators.Greater, func(sign types.Int) bool { return sign > 0 })),
	"math.@max": extreme("math.@max", ordered(operators.Less, func(sign types.Int) bool { return sign < 0 })),
}

// extreme returns the second number if it beats the first. A number compares only with numbers, so it is enough to check the first.
func extreme(name string, beaten func(l, r ref.Val) ref.Val) func(l, r ref.Val) ref.Val {
	return func(l, r ref.Val) ref.Val {
		if !isNumber(l) {
			return NoOverload(name)
		}
		switch out := beaten(l, r); out {
		case types.True:
			return r
		case types.False:
			return l
		default:
			return out
		}
	}
}

// folded is math.least or math.greatest of one number, or of the numbers of a list.
type folded struct {
	interpreter.InterpretableCall
	arg  interpreter.InterpretableV2
	pick func(l, r ref.Val) ref.Val
}

// Exec implements interpreter.InterpretableV2.
func (x *folded) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := x.arg.Exec(f)
	list, ok := v.(traits.Lister)
	if !ok {
		list = types.NewRefValList(types.DefaultTypeAdapter, []ref.Val{v})
	}
	if types.IsUnknownOrError(v) {
		return v
	}
	size := list.Size().(types.Int)
	if size == 0 {
		return types.NewErrWithNodeID(x.ID(), "no such overload: %s of an empty list", x.Function())
	}
	out := list.Get(types.IntZero)
	for i := types.IntZero; i < size && !types.IsError(out); i++ {
		out = x.pick(out, list.Get(i))
	}
	return types.LabelErrNode(x.ID(), out)
}

// Eval implements interpreter.Interpretable.
func (x *folded) Eval(a interpreter.Activation) ref.Val { return x.Exec(interpreter.AsFrame(a)) }
