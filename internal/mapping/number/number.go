// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

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

// Long is a number of a document that CEL's own types would truncate: a whole number beyond 64 bits, or one with more than 15 digits and a point. It
// keeps the text that was sent, and compares by its exact value. It is comparable, as CEL requires of keys.
type Long struct {
	Text   string
	Number decimal.Number
	// Known is false for a text that is too long to compute with. It is kept unchanged.
	Known bool
}

// Type is the result of type() for a long number.
var Type = types.NewObjectType("number")

func newLong(text string) Long {
	l := Long{Text: text}
	if len(text) <= decimal.MaxPlain {
		l.Number, l.Known = decimal.Parse(text)
	}
	return l
}

// Of returns the exact value of any number. A float64 means the shortest decimal that parses to it.
func Of(v ref.Val) (decimal.Number, bool) {
	switch v := v.(type) {
	case Long:
		return v.Number, v.Known
	case types.Int:
		return decimal.Parse(strconv.FormatInt(int64(v), 10))
	case types.Uint:
		return decimal.Parse(strconv.FormatUint(uint64(v), 10))
	case types.Double:
		return decimal.Parse(strconv.FormatFloat(float64(v), 'e', -1, 64)) // false for NaN and infinities
	}
	return decimal.Number{}, false
}

// IsWhole reports whether arithmetic with the number uses whole numbers.
func IsWhole(v ref.Val) bool {
	switch v := v.(type) {
	case types.Int, types.Uint:
		return true
	case Long:
		return v.Number.IsWhole()
	}
	return false
}

// Val returns a number in CEL's own type if that holds all its digits.
func Val(n decimal.Number, whole bool) ref.Val {
	if whole {
		if i, ok := n.Scaled(0); ok {
			return types.Int(i)
		}
	} else if m := n.Magnitude(); n.Digits() <= doubleDigits && m < doubleMagnitude && m > -doubleMagnitude {
		if f, err := strconv.ParseFloat(n.Canonical(), 64); err == nil {
			return types.Double(f)
		}
	}
	return Long{Text: n.String(), Number: n, Known: true}
}

// Limits of what a double represents exactly.
const (
	doubleDigits    = 15
	doubleMagnitude = 300
)

// ConvertToNative implements ref.Val.
func (l Long) ConvertToNative(to reflect.Type) (any, error) {
	if reflect.TypeFor[json.Number]().AssignableTo(to) {
		return json.Number(l.Text), nil
	}
	return nil, fmt.Errorf("type conversion error from a long number to %v", to)
}

// ConvertToType implements ref.Val. A whole number that does not fit into the type is an error. Digits after the point are truncated, as in CEL.
func (l Long) ConvertToType(to ref.Type) ref.Val {
	switch to {
	case types.TypeType:
		return Type
	case types.StringType:
		return types.String(l.Plain())
	case types.DoubleType:
		f, err := strconv.ParseFloat(l.Text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return types.NewErr("type conversion error: the number is too long")
		}
		return types.Double(f)
	case types.IntType:
		if i, ok := truncated(l).Scaled(0); ok && l.Known {
			return types.Int(i)
		}
		return types.NewErr("integer overflow")
	case types.UintType:
		if u, err := strconv.ParseUint(truncated(l).String(), 10, 64); err == nil && l.Known {
			return types.Uint(u)
		}
		return types.NewErr("integer overflow")
	}
	return types.NewErr("type conversion error from a long number to '%s'", to.TypeName())
}

// Plain returns the text in the form of an identifier: without an exponent and redundant zeros.
func (l Long) Plain() string {
	if l.Known {
		return l.Number.String()
	}
	return l.Text
}

// Equal implements ref.Val: numbers are compared by value, and those that are too long to compute with by their text.
func (l Long) Equal(other ref.Val) ref.Val {
	if !l.Known {
		o, ok := other.(Long)
		return types.Bool(ok && l.Text == o.Text)
	}
	n, ok := Of(other)
	return types.Bool(ok && n == l.Number)
}

// Type implements ref.Val.
func (l Long) Type() ref.Type { return Type }

// Value implements ref.Val.
func (l Long) Value() any { return json.Number(l.Text) }

// Adapter converts decoded documents to CEL's values, including long numbers.
type Adapter struct{}

// NativeToValue implements types.Adapter.
func (a Adapter) NativeToValue(v any) ref.Val {
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
