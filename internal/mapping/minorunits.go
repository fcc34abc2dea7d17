// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// minorUnitsName is the function that converts an amount in the smallest unit of a currency: minorUnits(12990, "EUR") is "129.90".
const minorUnitsName = "minorUnits"

func minorUnits() cel.EnvOption {
	return cel.Function(minorUnitsName,
		cel.Overload("minor_units", []*cel.Type{cel.DynType, cel.StringType}, cel.StringType, cel.BinaryBinding(func(amount, currency ref.Val) ref.Val {
			code, ok := currency.(types.String)
			if !ok {
				return types.MaybeNoSuchOverloadErr(currency)
			}
			digits, ok := value.Text(scalar(amount))
			if !ok {
				return types.MaybeNoSuchOverloadErr(amount)
			}
			out, err := value.FromMinor(digits, string(code))
			if err != nil {
				return types.WrapErr(&functionError{minorUnitsName, "the amount", err})
			}
			return types.String(out)
		})))
}
