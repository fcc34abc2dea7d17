// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"github.com/cockroachdb/apd/v3"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

const (
	// maxComputed limits the digits and the magnitude of numbers in computations, so that no document makes a sum expensive.
	maxComputed = decimal.MaxPlain
	// quotientDigits is the number of digits of a quotient that is not exact, as in IEEE 754's decimal128.
	quotientDigits = 34
)

var (
	// exactly is precise enough for every sum and product of numbers within the limits.
	exactly = apd.BaseContext.WithPrecision(4 * maxComputed)
	// Rounded is the context of quotients, which can have infinitely many digits.
	Rounded = apd.BaseContext.WithPrecision(quotientDigits)
)

// NoOverload has the same text as in CEL, because explain recognises errors by their beginning.
func NoOverload(function string) ref.Val { return types.NewErr("no such overload: %s", function) }

// Compute applies an arithmetic operator to two numbers of any kind. Whole numbers stay whole, as in CEL.
func Compute(operator string, l, r ref.Val) ref.Val {
	a, okA := Operand(l)
	b, okB := Operand(r)
	whole := IsWhole(l) && IsWhole(r)
	if !okA || !okB || operator == operators.Modulo && !whole {
		return NoOverload(operator)
	}
	var out apd.Decimal
	var err error
	switch operator {
	case operators.Add:
		_, err = exactly.Add(&out, a, b)
	case operators.Subtract:
		_, err = exactly.Sub(&out, a, b)
	case operators.Multiply:
		_, err = exactly.Mul(&out, a, b)
	case operators.Divide, operators.Modulo:
		if b.IsZero() {
			return types.NewErr("division by zero")
		}
		err = divide(operator, &out, a, b, whole)
	}
	n, ok := decimal.Parse(out.Text('E'))
	if err != nil || !ok || !computable(n) {
		return types.NewErr("integer overflow")
	}
	return Val(n, whole)
}

func divide(operator string, out, a, b *apd.Decimal, whole bool) (err error) {
	switch {
	case operator == operators.Modulo:
		_, err = exactly.Rem(out, a, b)
	case whole:
		_, err = exactly.QuoInteger(out, a, b)
	default:
		_, err = Rounded.Quo(out, a, b)
	}
	return err
}

// Operand returns the number for arithmetic, or false for a value that is not a number or beyond the limits.
func Operand(v ref.Val) (*apd.Decimal, bool) {
	n, ok := Of(v)
	if !ok || !computable(n) {
		return nil, false
	}
	d, _, err := apd.NewFromString(n.Canonical())
	return d, err == nil
}

func computable(n decimal.Number) bool {
	m := n.Magnitude()
	return n.Digits() <= maxComputed && m < maxComputed && m > -maxComputed
}

// truncated removes the digits after the point.
func truncated(l Long) decimal.Number { return Integral(l.Number, Cut) }

// Rounding sets out to a whole number next to d, which has to be a different one.
type Rounding func(out, d *apd.Decimal) (apd.Condition, error)

// Ceiling is the smallest whole number that is not below d.
func Ceiling(out, d *apd.Decimal) (apd.Condition, error) { return exactly.Ceil(out, d) }

// Floor is the largest whole number that is not above d.
func Floor(out, d *apd.Decimal) (apd.Condition, error) { return exactly.Floor(out, d) }

// Cut removes the digits after the point.
func Cut(out, d *apd.Decimal) (apd.Condition, error) {
	return by(apd.RoundDown).RoundToIntegralValue(out, d)
}

// Nearest is the nearest whole number.
func Nearest(out, d *apd.Decimal) (apd.Condition, error) {
	return by(apd.RoundHalfUp).RoundToIntegralValue(out, d)
}

func by(how apd.Rounder) *apd.Context {
	c := *exactly
	c.Rounding = how
	return &c
}

// Integral rounds to a whole number.
func Integral(n decimal.Number, round Rounding) decimal.Number {
	switch {
	case n.IsWhole():
		return n
	case n.Magnitude() < -1: // It can be too small to write out; only its sign counts.
		n = sign(n, "0.01")
	}
	d, _, err := apd.NewFromString(n.Canonical())
	if err != nil {
		return n
	}
	var out apd.Decimal
	if _, err = round(&out, d); err != nil {
		return n
	}
	n, _ = decimal.Parse(out.Text('E'))
	return n
}

func sign(n decimal.Number, text string) decimal.Number {
	if n.Sign() < 0 {
		text = "-" + text
	}
	out, _ := decimal.Parse(text)
	return out
}
