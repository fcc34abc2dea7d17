// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutationsPerCase is the maximum number of numbers of a case that are changed.
const mutationsPerCase = 6

// TestChangedNumbersAreNoticed changes single numbers that the project's own cases expect. Each change must be a disagreement, which shows that each
// kind compares its numbers.
func TestChangedNumbersAreNoticed(t *testing.T) {
	files, err := Files("testdata")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cases, err := Load(file)
			require.NoError(t, err)
			changed := 0
			for i := range cases {
				for what, expected := range mutations(t, cases[i].Expected) {
					mutant := cases[i]
					mutant.Expected = expected
					found, err := Run(t.Context(), &mutant)
					require.NoError(t, err, "%s: %s", mutant.ID, what)
					require.NotEmpty(t, found, "%s: %s was not noticed", mutant.ID, what)
					changed++
				}
			}
			require.Positive(t, changed, "no case has a number to change")
		})
	}
}

// mutations returns copies of a JSON value in which one number is one greater, by the path of the number. If there are many numbers, it selects some
// evenly.
func mutations(t *testing.T, raw json.RawMessage) map[string]json.RawMessage {
	total := countNumbers(decode(t, raw))
	out := map[string]json.RawMessage{}
	for i := range min(total, mutationsPerCase) {
		n, at := 0, i*total/min(total, mutationsPerCase)
		var what string
		changed := mapNumbers(decode(t, raw), "", func(path string, x json.Number) json.Number {
			n++
			if n-1 != at {
				return x
			}
			f, err := x.Float64()
			require.NoError(t, err)
			what = fmt.Sprintf("%s: %g instead of %g", path, f+1, f)
			return json.Number(fmt.Sprint(f + 1))
		})
		b, err := json.Marshal(changed)
		require.NoError(t, err)
		out[what] = b
	}
	return out
}

func decode(t *testing.T, raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	return v
}

func countNumbers(v any) (n int) {
	mapNumbers(v, "", func(_ string, x json.Number) json.Number { n++; return x })
	return n
}

// mapNumbers changes the numbers of a decoded value, in a fixed order.
func mapNumbers(v any, path string, change func(path string, x json.Number) json.Number) any {
	switch v := v.(type) {
	case json.Number:
		return change(path, v)
	case []any:
		for i := range v {
			v[i] = mapNumbers(v[i], fmt.Sprintf("%s[%d]", path, i), change)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = mapNumbers(v[key], path+"."+key, change)
		}
	}
	return v
}
