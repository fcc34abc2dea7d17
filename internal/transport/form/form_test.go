// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package form_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/form"
)

func TestParse(t *testing.T) {
	for raw, want := range map[string]form.Form{
		"":                          {},
		"?a=1&b=two+words&c=%C3%A4": {"a": "1", "b": "two words", "c": "ä"},
		"a=1&a=2":                   {"a": "2"},
		"a=50%&b=%zz":               {"a": "50%", "b": "%zz"},
		"a=%FF":                     {"a": "\uFFFD"},
		"a&&=x&b=":                  {"a": "", "b": ""},
		"a=1;b=2":                   {"a": "1;b=2"},
	} {
		got, rejection := form.Parse(raw)
		require.Nil(t, rejection, raw)
		require.Equal(t, want, got, raw)
	}
	f := form.Form{"a": "", "b": "2", "c": "3"}
	require.Equal(t, "2", f.First("a", "b", "c"))
	require.Empty(t, f.First("x", "a"))
	require.Equal(t, map[string]any{"a": "", "b": "2", "c": "3"}, f.Document())
}

func TestTooManyParameters(t *testing.T) {
	_, rejection := form.Parse("a" + strings.Repeat("&a", form.MaxParameters-1))
	require.Nil(t, rejection)
	_, rejection = form.Parse("a" + strings.Repeat("&a", form.MaxParameters))
	require.Equal(t, reject.TooDeep, rejection.Reason)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"?a=1&b=%zz", "a=%FF&%FF=a", "&&==", "a=1+2%20"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, rejection := form.Parse(raw)
		if rejection != nil {
			return
		}
		for k, v := range got {
			if k == "" || !utf8.ValidString(k) || !utf8.ValidString(v) {
				t.Fatalf("%q gave %q=%q", raw, k, v)
			}
		}
	})
}
