// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Names are similar if they differ in case, in a blank or in a typo. They are not similar if the difference can be intended.
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
