// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"github.com/cockroachdb/apd/v3"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

const (
	// maxComputed bounds the digits and the magnitude of numbers that are computed with, so that no document makes a sum expensive.
	maxComputed = decimal.MaxPlain
	// quotientDigits of a division that does not come out even, as in IEEE 754's decimal128.
	quotientDigits = 34
)

var (
	// exactly holds every sum and product of numbers within the bounds.
	exactly = apd.BaseContext.WithPrecision(4 * maxComputed)
	rounded = apd.BaseContext.WithPrecision(quotientDigits)
)

// noOverload is worded as CEL does, because explain knows errors by their beginning.
func noOverload(function string) ref.Val { return types.NewErr("no such overload: %s", function) }

// compute applies an operator of arithmetic to two numbers of any kind. Whole numbers stay whole, as in CEL.
func compute(operator string, l, r ref.Val) ref.Val {
	a, okA := operand(l)
	b, okB := operand(r)
	whole := isWhole(l) && isWhole(r)
	if !okA || !okB || operator == operators.Modulo && !whole {
		return noOverload(operator)
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
	return numberVal(n, whole)
}

func divide(operator string, out, a, b *apd.Decimal, whole bool) (err error) {
	switch {
	case operator == operators.Modulo:
		_, err = exactly.Rem(out, a, b)
	case whole:
		_, err = exactly.QuoInteger(out, a, b)
	default:
		_, err = rounded.Quo(out, a, b)
	}
	return err
}

// operand gives the number for arithmetic; false for what is none, or out of bounds.
func operand(v ref.Val) (*apd.Decimal, bool) {
	n, ok := numberOf(v)
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

// truncated cuts what stands behind the point.
func truncated(l long) decimal.Number { return integral(l.value, cut) }

// rounding sets out to a whole number beside d, which has to be another one.
type rounding func(out, d *apd.Decimal) (apd.Condition, error)

func ceiling(out, d *apd.Decimal) (apd.Condition, error) { return exactly.Ceil(out, d) }

func floor(out, d *apd.Decimal) (apd.Condition, error) { return exactly.Floor(out, d) }

func cut(out, d *apd.Decimal) (apd.Condition, error) {
	return by(apd.RoundDown).RoundToIntegralValue(out, d)
}

func nearest(out, d *apd.Decimal) (apd.Condition, error) {
	return by(apd.RoundHalfUp).RoundToIntegralValue(out, d)
}

func by(how apd.Rounder) *apd.Context {
	c := *exactly
	c.Rounding = how
	return &c
}

// integral rounds to a whole number. What is too large to compute with is taken for one.
func integral(n decimal.Number, round rounding) decimal.Number {
	switch {
	case n.IsWhole() || !computable(n) && n.Magnitude() > 0:
		return n
	case n.Magnitude() < -1: // perhaps too small to write out: only its sign counts
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
