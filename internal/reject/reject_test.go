// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package reject_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestEveryReasonIsDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../docs/ingest.md")
	require.NoError(t, err)
	for _, reason := range reject.All() {
		require.Equal(t, 1, strings.Count(string(raw), "\n| `"+reason+"` | "), "%s has one row in docs/ingest.md", reason)
		require.GreaterOrEqual(t, reject.New(reason, "", "").Status(), 400)
	}
	require.Less(t, len(reject.All()), store.MaxReasons, "a store keeps them all")
}
