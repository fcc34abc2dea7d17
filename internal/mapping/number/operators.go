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

// CEL dispatches an operator to the type of its left operand, and its own types do not know long numbers. Each binary operator is therefore replaced
// by one that does the same as CEL, and handles long numbers on either side and mixed kinds of numbers.

// binary is a call of a binary operator. It keeps the names of the call, by which CEL computes its cost.
type binary struct {
	interpreter.InterpretableCall
	left, right interpreter.InterpretableV2
	apply       func(l, r ref.Val) ref.Val
}

// Exec implements interpreter.InterpretableV2.
func (b *binary) Exec(f *interpreter.ExecutionFrame) ref.Val {
	l := b.left.Exec(f)
	if types.IsUnknownOrError(l) {
		return l
	}
	r := b.right.Exec(f)
	if types.IsUnknownOrError(r) {
		return r
	}
	return types.LabelErrNode(b.ID(), b.apply(l, r))
}

// Eval implements interpreter.Interpretable.
func (b *binary) Eval(a interpreter.Activation) ref.Val { return b.Exec(interpreter.AsFrame(a)) }

// negation is a minus sign.
type negation struct {
	interpreter.InterpretableCall
	arg interpreter.InterpretableV2
}

// Exec implements interpreter.InterpretableV2.
func (n *negation) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := n.arg.Exec(f)
	switch x := v.(type) {
	case Long:
		return types.LabelErrNode(n.ID(), Compute(operators.Subtract, types.IntZero, x))
	case traits.Negater:
		return types.LabelErrNode(n.ID(), x.Negate())
	}
	if types.IsUnknownOrError(v) {
		return v
	}
	return types.LabelErrNode(n.ID(), NoOverload(n.Function()))
}

// Eval implements interpreter.Interpretable.
func (n *negation) Eval(a interpreter.Activation) ref.Val { return n.Exec(interpreter.AsFrame(a)) }

// Exact is the decorator that installs them.
func Exact(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	args := call.Args()
	if call.Function() == operators.Negate && len(args) == 1 {
		return &negation{InterpretableCall: call, arg: args[0]}, nil
	}
	if pick := picks[call.Function()]; pick != nil && len(args) == 1 {
		return &folded{InterpretableCall: call, arg: args[0], pick: pick}, nil
	}
	apply := applies[call.Function()]
	if apply == nil || len(args) != 2 {
		return i, nil
	}
	return &binary{InterpretableCall: call, left: args[0], right: args[1], apply: apply}, nil
}

var applies = map[string]func(l, r ref.Val) ref.Val{
	operators.Equals:        func(l, r ref.Val) ref.Val { return equal(l, r) },
	operators.NotEquals:     func(l, r ref.Val) ref.Val { return types.Bool(equal(l, r) != types.True) },
	operators.Less:          ordered(operators.Less, func(sign types.Int) bool { return sign < 0 }),
	operators.LessEquals:    ordered(operators.LessEquals, func(sign types.Int) bool { return sign <= 0 }),
	operators.Greater:       ordered(operators.Greater, func(sign types.Int) bool { return sign > 0 }),
	operators.GreaterEquals: ordered(operators.GreaterEquals, func(sign types.Int) bool { return sign >= 0 }),
	operators.Add:           arithmetic(operators.Add, traits.Adder.Add),
	operators.Subtract:      arithmetic(operators.Subtract, traits.Subtractor.Subtract),
	operators.Multiply:      arithmetic(operators.Multiply, traits.Multiplier.Multiply),
	operators.Divide:        arithmetic(operators.Divide, traits.Divider.Divide),
	operators.Modulo:        arithmetic(operators.Modulo, traits.Modder.Modulo),
}

func init() {
	for name, pick := range picks {
		applies[name] = pick
	}
}

func equal(l, r ref.Val) ref.Val {
	if x, ok := r.(Long); ok {
		return x.Equal(l)
	}
	return types.Equal(l, r)
}

func ordered(operator string, holds func(sign types.Int) bool) func(l, r ref.Val) ref.Val {
	return func(l, r ref.Val) ref.Val {
		var sign ref.Val
		if isLong(l) || isLong(r) {
			a, okA := Of(l)
			b, okB := Of(r)
			if !okA || !okB {
				return NoOverload(operator)
			}
			sign = types.Int(a.Compare(b))
		} else if c, ok := l.(traits.Comparer); ok {
			sign = c.Compare(r)
		}
		s, ok := sign.(types.Int)
		switch {
		case ok:
			return types.Bool(holds(s))
		case sign == nil:
			return NoOverload(operator)
		}
		return sign
	}
}

// arithmetic does the same as CEL as long as that works. Documents mix whole numbers and others, and their sums can exceed 64 bits; it then uses
// exact decimals. The trait T of CEL's values has the operator.
func arithmetic[T any](operator string, own func(l T, r ref.Val) ref.Val) func(l, r ref.Val) ref.Val {
	return func(l, r ref.Val) ref.Val {
		var out ref.Val
		if can, ok := l.(T); ok {
			out = own(can, r)
		} else {
			out = NoOverload(operator)
		}
		if types.IsError(out) && isNumber(l) && isNumber(r) {
			return Compute(operator, l, r)
		}
		return out
	}
}

func isLong(v ref.Val) bool {
	_, ok := v.(Long)
	return ok
}

func isNumber(v ref.Val) bool {
	switch v.(type) {
	case types.Int, types.Uint, types.Double, Long:
		return true
	}
	return false
}
