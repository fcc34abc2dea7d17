// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// sumName is the function that adds amounts without rounding: sum(["9.90", 5]) is "14.9". CEL has none, and a map with additions of doubles would round.
const sumName = "sum"

func sums() cel.EnvOption {
	return cel.Function(sumName, cel.Overload("sum_list", []*cel.Type{cel.ListType(cel.DynType)}, cel.StringType, cel.UnaryBinding(add)))
}

var errSum = errors.New("makes the sum too large")

func elementError(err error) error { return &functionError{sumName, "an element", err} }

func add(list ref.Val) ref.Val {
	l, ok := list.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(list)
	}
	total := int64(0)
	for it := l.Iterator(); it.HasNext() == types.True; {
		digits, ok := value.Text(scalar(it.Next()))
		if !ok {
			return types.MaybeNoSuchOverloadErr(list)
		}
		n, err := value.Micros(digits)
		if err != nil {
			return types.WrapErr(elementError(err))
		}
		if n > 0 && total > math.MaxInt64-n || n < 0 && total < math.MinInt64-n {
			return types.WrapErr(elementError(errSum))
		}
		total += n
	}
	return types.String(decimalText(total))
}

// decimalText returns micro-units as a decimal number.
func decimalText(micros int64) string {
	const unit = 1_000_000
	sign, whole, rest := "", micros/unit, micros%unit
	if micros < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%s%d.%06d", sign, whole, rest), "0"), ".")
}
