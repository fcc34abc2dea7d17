// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A trait that a public source sets is valid until a trusted source sets it, in any order of arrival.
func TestPublicSourcesDoNotOverrideTraits(t *testing.T) {
	var h history
	h.add(10, `{"tier":"claimed","size":"L"}`, true)
	h.add(20, `{"tier":"gold"}`, false)
	h.add(30, `{"tier":"platinum","size":"XL"}`, true)
	h.add(40, `{"tier":null}`, false)
	h.add(50, `{"tier":"again"}`, true)
	for _, c := range []struct {
		path    string
		instant int64
		want    string
	}{
		{"tier", 9, ""}, {"tier", 10, "claimed"}, {"tier", 20, "gold"}, {"tier", 35, "gold"}, {"tier", 60, ""},
		{"size", 10, "L"}, {"size", 60, "XL"}, {"none", 60, ""},
	} {
		got, ok := h.at(c.path, c.instant)
		require.Equal(t, c.want, got, "%s at %d", c.path, c.instant)
		require.Equal(t, c.want != "", ok)
	}
}
