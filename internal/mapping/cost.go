// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/mapping/number"
)

// costPerPatternByte is the cost of compiling a byte of a regular expression, measured relative to a byte of text.
const costPerPatternByte = 40

// loopCost is the additional cost of a loop step: CEL keeps the results of each step and searches them at the next, so long loops are expensive.
const loopCost = 6

// bytesPerComparison is the number of bytes of two texts that are compared in the time in which one byte is read.
const bytesPerComparison = 64

// longCost is the minimum cost of a long number in a call, and digitsPerCost the number of its bytes that add one.
const (
	longCost      = 5
	digitsPerCost = 8
)

// callCost counts calls by what they read and build. CEL counts by overload, and does not count calls whose overload is unknown before they run,
// which includes all calls on values of a document.
type callCost struct{}

// leavesLists are the functions that do not iterate over their list and map arguments.
var leavesLists = map[string]bool{
	operators.Conditional: true, operators.OptIndex: true, operators.OptSelect: true,
	"size": true, "type": true, "dyn": true, "optional.of": true, "optional.ofNonZeroValue": true, "value": true, "hasValue": true,
	"or": true, "orValue": true,
}

// searches are the functions that search for one text in another: their first two arguments.
var searches = map[string]bool{"contains": true, "indexOf": true, "lastIndexOf": true, "split": true, "replace": true}

// CallCost implements interpreter.ActualCostEstimator.
func (callCost) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	cost := 1 + ownCost(function, args)
	switch function {
	case operators.NotStrictlyFalse:
		cost += loopCost
	case operators.Add:
		cost += uint64((textLength(args[0]) + textLength(args[len(args)-1]) + textLength(result)) / bytesPerCost)
		if _, grows := result.(traits.Lister); grows {
			cost += loopCost
		}
	case operators.Equals, operators.NotEquals:
		if len(args) == 2 {
			cost += min(weight(args[0]), weight(args[1]))
		}
	case operators.In:
		if len(args) == 2 {
			cost += elements(args[1])
		}
	case operators.Index:
		// One element of a list or map is returned unchanged.
	case "matches", matchesForeign:
		if len(args) == 2 {
			cost += matchCost(textLength(args[0]), textLength(args[1]), function == matchesForeign)
		}
	default:
		if searches[function] {
			cost += searchCost(textLength(args[0]), textLength(args[1]))
		}
		for _, a := range args {
			cost += uint64(textLength(a) / bytesPerCost)
			if !leavesLists[function] {
				cost += elements(a)
			}
		}
		cost += uint64(textLength(result) / bytesPerCost)
		if function == "split" {
			cost += elements(result) * partBytes / bytesPerCost
		}
	}
	return &cost
}

// ownCost returns the cost of Journeyman's own numbers and functions in a call.
func ownCost(function string, args []ref.Val) (cost uint64) {
	for _, a := range args {
		if l, ok := a.(number.Long); ok {
			cost += longCost + uint64(len(l.Text)/digitsPerCost)
		}
	}
	if function == localTime {
		cost += localTimeCost
	}
	return cost
}

// weight returns the cost of reading a whole value, at most a little more than the cost limit of an expression.
func weight(v ref.Val) uint64 {
	left := CostLimit
	weigh(v, &left)
	return uint64(CostLimit - left)
}

func weigh(v ref.Val, left *int) {
	if *left <= 0 {
		return
	}
	*left -= textLength(v)/bytesPerCost + 1
	switch v := v.(type) {
	case traits.Mapper:
		for it := v.Iterator(); *left > 0 && it.HasNext() == types.True; {
			if value, ok := v.Find(it.Next()); ok {
				weigh(value, left)
			}
		}
	case traits.Lister:
		for it := v.Iterator(); *left > 0 && it.HasNext() == types.True; {
			weigh(it.Next(), left)
		}
	}
}

// elements returns the size of a list or map.
func elements(v ref.Val) uint64 {
	if sized, ok := v.(traits.Sizer); ok {
		if n, ok := sized.Size().(types.Int); ok {
			return uint64(n)
		}
	}
	return 0
}

// textLength returns the length of a text in bytes, 0 for other values.
func textLength(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case *types.Optional:
		if v.HasValue() {
			return textLength(v.GetValue())
		}
	}
	return 0
}

// matchCost returns the cost of matching a text against a pattern with that many bytes: compiling it, if it comes from the document, and running it.
func matchCost(text, pattern int, foreign bool) uint64 {
	cost := (text/bytesPerCost + 1) * (pattern/4 + 1)
	if foreign {
		cost += costPerPatternByte * pattern
	}
	return uint64(cost)
}

// searchCost returns the cost of searching for a long text in another, in addition to reading both: Go compares hashes, which somebody who writes
// both texts can make equal everywhere, and then each position is compared in full.
func searchCost(text, needle int) uint64 {
	return uint64(max(text-needle, 0) * (needle / bytesPerComparison) / bytesPerCost)
}
