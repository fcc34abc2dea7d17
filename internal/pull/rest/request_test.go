// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A cursor is what the API says, also if it looks like a placeholder.
func TestValuesAreNotExpanded(t *testing.T) {
	v := variables{cursorName: {text: "a$(since)b"}, sinceName: {text: "c$(cursor)d"}, pageName: {}}
	for range 20 { // The order of a map is random.
		got, ok := v.expand("$(cursor),$(since)")
		require.True(t, ok)
		require.Equal(t, "a$(since)b,c$(cursor)d", got)
	}
	_, ok := v.expand("$(cursor)$(page)")
	require.False(t, ok, "a placeholder without a value")
}
