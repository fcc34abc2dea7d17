// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The list has exactly the functions that an expression can call.
func TestFunctionsAreListed(t *testing.T) {
	listed := map[string]bool{}
	for _, f := range Functions() {
		require.NotEmpty(t, f.Forms, f.Name)
		listed[f.Name] = true
		require.True(t, documentEnv.HasFunction(f.Name), f.Name)
		require.True(t, itemEnv.HasFunction(f.Name), f.Name)
	}
	for name := range documentEnv.Functions() {
		internal := strings.ContainsAny(name[:1], "_!?-") || strings.Contains(name, "@") || strings.HasPrefix(name, "optional_") || name == "in"
		require.Equal(t, !internal, listed[name], name)
	}
	for _, name := range []string{"lowerAscii", "split", "replace", "matches", "timestamp", "base64.decode", "math.round", "optional.of", "orValue", "size"} {
		require.True(t, listed[name], name)
	}
	require.Subset(t, Macros(), []string{"has", "map", "filter", "math.greatest", "optMap"})
	require.Subset(t, Operators(), []string{"+", "in", "==", "&&"})
	require.NotContains(t, Operators(), "", "what is called in another way has no sign")
	for _, f := range Functions() {
		if want, ok := map[string]string{"split": "string.split(string) -> list(string)", "timestamp": "timestamp(string) -> timestamp"}[f.Name]; ok {
			require.Contains(t, f.Forms, want)
		}
	}
}
