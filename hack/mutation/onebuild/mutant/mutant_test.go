// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mutant

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Operators behave as in the original code until their mutant is enabled.
func TestOperators(t *testing.T) {
	defer func() { active = 0 }()
	yes, no := func() bool { return true }, func() bool { return false }
	compare := func(f func(edge, not, x, y int) bool, edge, not int) (out [3]bool) {
		for i, x := range []int{1, 2, 3} {
			out[i] = f(edge, not, x, 2)
		}
		return out
	}
	for _, tt := range []struct {
		operator               func(edge, not, x, y int) bool
		own, onTheEdge, turned [3]bool
	}{
		{Less[int], [3]bool{true, false, false}, [3]bool{true, true, false}, [3]bool{false, true, true}},
		{LessEqual[int], [3]bool{true, true, false}, [3]bool{true, false, false}, [3]bool{false, false, true}},
		{Greater[int], [3]bool{false, false, true}, [3]bool{false, true, true}, [3]bool{true, true, false}},
		{GreaterEqual[int], [3]bool{false, true, true}, [3]bool{false, false, true}, [3]bool{true, false, false}},
	} {
		active = 1
		require.Equal(t, tt.own, compare(tt.operator, 2, 3))
		require.Equal(t, tt.onTheEdge, compare(tt.operator, 1, 2))
		require.Equal(t, tt.turned, compare(tt.operator, 2, 1))
	}
	require.Equal(t, []bool{false, true, false, true}, []bool{And(2, true, no), And(1, true, no), And(2, false, yes), And(1, false, yes)})
	require.Equal(t, []bool{true, false, true, false}, []bool{Or(2, true, no), Or(1, true, no), Or(2, false, yes), Or(1, false, yes)})
	require.Equal(t, []int{9, 3, 3, 9}, []int{Add(2, 6, 3), Add(1, 6, 3), Sub(2, 6, 3), Sub(1, 6, 3)})
	require.Equal(t, []int{18, 2, 2, 18, 1, 21}, []int{Mul(2, 6, 3), Mul(1, 6, 3), Div(2, 6, 3), Div(1, 6, 3), Rem(2, 7, 3), Rem(1, 7, 3)})
	require.Equal(t, []int{-6, 6, 1, -1}, []int{Neg(2, 6), Neg(1, 6), Step[int](2), Step[int](1)})
}
