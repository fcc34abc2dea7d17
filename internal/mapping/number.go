// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// long is a number of a document that CEL's own types would cut: a whole number beyond 64 bits, or more than 15 digits with a
// point. It keeps the text that was sent, and counts by its exact value. It is comparable, as CEL needs it of keys.
type long struct {
	text  string
	value decimal.Number
	// known is false for a text that is too long to compute with: it is passed on as it is.
	known bool
}

// longType is what type() gives for a long number.
var longType = types.NewObjectType("number")

func newLong(text string) long {
	l := long{text: text}
	if len(text) <= decimal.MaxPlain {
		l.value, l.known = decimal.Parse(text)
	}
	return l
}

// numberOf gives the exact value of any number; a float64 stands for the shortest decimal that reads back as it.
func numberOf(v ref.Val) (decimal.Number, bool) {
	switch v := v.(type) {
	case long:
		return v.value, v.known
	case types.Int:
		return decimal.Parse(strconv.FormatInt(int64(v), 10))
	case types.Uint:
		return decimal.Parse(strconv.FormatUint(uint64(v), 10))
	case types.Double:
		return decimal.Parse(strconv.FormatFloat(float64(v), 'e', -1, 64)) // False for NaN and the infinities.
	}
	return decimal.Number{}, false
}

// isWhole tells whether arithmetic with the number is that of whole numbers.
func isWhole(v ref.Val) bool {
	switch v := v.(type) {
	case types.Int, types.Uint:
		return true
	case long:
		return v.value.IsWhole()
	}
	return false
}

// numberVal gives a number in CEL's own type where that holds all its digits.
func numberVal(n decimal.Number, whole bool) ref.Val {
	if whole {
		if i, ok := n.Scaled(0); ok {
			return types.Int(i)
		}
	} else if m := n.Magnitude(); n.Digits() <= doubleDigits && m < doubleMagnitude && m > -doubleMagnitude {
		if f, err := strconv.ParseFloat(n.Canonical(), 64); err == nil {
			return types.Double(f)
		}
	}
	return long{text: n.String(), value: n, known: true}
}

// Bounds of what a double holds without a loss.
const (
	doubleDigits    = 15
	doubleMagnitude = 300
)

// ConvertToNative implements ref.Val.
func (l long) ConvertToNative(to reflect.Type) (any, error) {
	if reflect.TypeFor[json.Number]().AssignableTo(to) {
		return json.Number(l.text), nil
	}
	return nil, fmt.Errorf("type conversion error from a long number to %v", to)
}

// ConvertToType implements ref.Val. A whole number that the type cannot hold is an error; digits behind the point are cut, as CEL does.
func (l long) ConvertToType(to ref.Type) ref.Val {
	switch to {
	case types.TypeType:
		return longType
	case types.StringType:
		return types.String(l.plain())
	case types.DoubleType:
		f, err := strconv.ParseFloat(l.text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return types.NewErr("type conversion error: the number is too long")
		}
		return types.Double(f)
	case types.IntType:
		if i, ok := truncated(l).Scaled(0); ok && l.known {
			return types.Int(i)
		}
		return types.NewErr("integer overflow")
	case types.UintType:
		if u, err := strconv.ParseUint(truncated(l).String(), 10, 64); err == nil && l.known {
			return types.Uint(u)
		}
		return types.NewErr("integer overflow")
	}
	return types.NewErr("type conversion error from a long number to '%s'", to.TypeName())
}

// plain is the text as an identifier has it: no exponent, no zeros that say nothing.
func (l long) plain() string {
	if l.known {
		return l.value.String()
	}
	return l.text
}

// Equal implements ref.Val: numbers are equal by value.
func (l long) Equal(other ref.Val) ref.Val {
	if o, ok := other.(long); ok && (!l.known || !o.known) {
		return types.Bool(l.text == o.text)
	}
	n, ok := numberOf(other)
	return types.Bool(ok && l.known && n == l.value)
}

// Type implements ref.Val.
func (l long) Type() ref.Type { return longType }

// Value implements ref.Val.
func (l long) Value() any { return json.Number(l.text) }

// adapter turns decoded documents into CEL's values, long numbers included.
type adapter struct{}

// NativeToValue implements types.Adapter.
func (a adapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case json.Number:
		return newLong(v.String())
	case map[string]any:
		return types.NewStringInterfaceMap(a, v)
	case []any:
		return types.NewDynamicList(a, v)
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}
