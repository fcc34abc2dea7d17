// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompact(t *testing.T) {
	out, err := compact([]byte("a:\n  b:\n    - c: |-\n        two\n        lines\n      num: 3\n    - d\n    - {}\n  e: {}\n  \"y\": \"true\"\n  z: 'a: b'\n  w: plain, text\n"))
	require.NoError(t, err)
	require.Equal(t, `---
a:
 b:
 - c: "two\nlines"
   num: 3
 - d
 - {}
 e: {}
 w: plain, text
 "y": "true"
 z: "a: b"
`, string(out))
	_, err = compact([]byte("- list\n"))
	require.ErrorContains(t, err, "not an object")
}
