// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// crd returns a CRD with one rule on the entries of a list, and with a description of text characters.
func crd(rule string, maxItems, maxLength, text int) string {
	return fmt.Sprintf(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: %q
        properties:
          list:
            type: array
            maxItems: %d
            items:
              type: string
              maxLength: %d
              x-kubernetes-validations:
              - {rule: %q}
`, strings.Repeat("a", text), maxItems, maxLength, rule)
}

func TestCheck(t *testing.T) {
	const cheap, dear = "size(self) > 1", "self.matches('^[a-z]+(-[a-z]+)*$')"
	cases := map[string]struct {
		crd  string
		want []string
		err  string
	}{
		"cheap":                       {crd: crd(cheap, 10, 10, 10)},
		"expensive in a bounded list": {crd: crd(dear, 10, 10, 10)},
		"expensive in a long list": {
			crd:  crd(dear, 100_000, 1000, 10),
			want: []string{"all rules together", "the rule at v1.list[*][0] may cost"},
		},
		"many bytes":       {crd: crd(cheap, 10, 10, maxBytes), want: []string{"bytes, over 200000"}},
		"does not compile": {crd: crd("self.nothing > 1", 10, 10, 10), err: "does not support field selection"},
		"not a CRD":        {crd: "kind: {", err: "yaml"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "crd.yaml"), []byte(c.crd), 0o600))
			var out bytes.Buffer
			bad, err := check(dir, &out)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Len(t, bad, len(c.want), "%v", bad)
			for i, w := range c.want {
				require.Contains(t, bad[i], w)
			}
			require.Contains(t, out.String(), "things.example.com")
		})
	}
}

func TestNothingToCheck(t *testing.T) {
	_, err := check(t.TempDir(), &bytes.Buffer{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The CRDs of this project are within the limits.
func TestOwnCRDs(t *testing.T) {
	bad, err := check("../../config/crd/bases", &bytes.Buffer{})
	require.NoError(t, err)
	require.Empty(t, bad)
}
