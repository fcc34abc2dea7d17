// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSafeText(t *testing.T) {
	require.Equal(t, "Ünï ok", Text("Ünï ok", 10))
	require.Equal(t, "a?b?c?", Text("a\x00b\nc\u202e", 10))
	require.Equal(t, "?", Text("\xff", 10))
	require.Equal(t, "(none)", Text("", 10))
	require.Equal(t, strings.Repeat("é", 7)+"...", Text(strings.Repeat("é", 11), 10))
}
