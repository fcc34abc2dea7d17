// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table in docs/identity.md is that of the code.
func TestPlaceholdersAreDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../docs/identity.md")
	require.NoError(t, err)
	for _, s := range sources {
		row := "| " + s.who + " | "
		for _, w := range append(append([]string(nil), s.words...), s.exact...) {
			row += "`" + w + "` "
		}
		row = strings.TrimSpace(row) + " |"
		require.Contains(t, string(raw), row+"\n", "add the row to docs/identity.md:\n%s", row)
	}
}
