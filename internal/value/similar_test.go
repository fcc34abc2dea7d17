// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSimilar: a difference in case, a blank or a slip makes names similar; one that may be meant does not.
func TestSimilar(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Sign Up", "SignUp", true}, {"Checkout Strated", "Checkout Started", true}, {"Step 1", "Step 2", false}, {"Buy", "Bay", false},
		{"Cart", "Card", false}, {"Order Completed", "Order Cancelled", false}, {"", "", false}, {"Ünder", "ünder", true},
	} {
		require.Equal(t, c.want, Similar(c.a, c.b), "%s, %s", c.a, c.b)
	}
}
