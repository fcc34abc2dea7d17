// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package record_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// document draws a document as files have it: decoded JSON.
func document(t *rapid.T) map[string]any {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`)
	var text func(depth int) string
	text = func(depth int) string {
		switch rapid.IntRange(0, 6-2*min(1, depth)).Draw(t, "kind") {
		case 0:
			return number.Draw(t, "number")
		case 1:
			return rapid.SampledFrom([]string{"null", "true", "false", "1.0", "1e3", "0.0", "-0", "-0.0", "18446744073709551615", "1e400"}).Draw(t, "word")
		case 2, 3, 4:
			raw, err := value.Encode(rapid.String().Draw(t, "text"))
			require.NoError(t, err)
			return string(raw)
		case 5:
			return "[" + text(depth+1) + "," + text(depth+1) + "]"
		}
		return `{"a":` + text(depth+1) + `,"b c":` + text(depth+1) + `}`
	}
	v, err := value.Decode([]byte(`{"x":` + text(0) + `,"y":` + text(0) + `}`))
	require.NoError(t, err)
	return v.(map[string]any)
}

// What rules see does not depend on where the file is read: values keep their types and digits.
func TestARecordIsTheSameAfterItWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &record.Record{Position: 7, Member: "a.csv", Line: 9, Content: "sha256:1#2", Values: document(t)}
		raw, err := record.Encode(r)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "\n")
		got, err := record.Decode(raw)
		require.NoError(t, err)
		require.Equal(t, r, got)
		header := []map[string]any{document(t), document(t)}
		raw, err = record.EncodeHeader(header)
		require.NoError(t, err)
		back, err := record.DecodeHeader(raw)
		require.NoError(t, err)
		require.Equal(t, header, back)
	})
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	r := &record.Record{Position: 1, Line: 2, Bad: reject.New(reject.BadRow, "", "has more cells than the header")}
	raw, err := record.Encode(r)
	require.NoError(t, err)
	got, err := record.Decode(raw)
	require.NoError(t, err)
	require.Equal(t, r, got)
	raw, err = record.Encode(&record.Record{Position: 1, Line: 2, Content: "c", Values: map[string]any{"a": strings.Repeat("x", record.MaxBytes)}})
	require.NoError(t, err)
	got, err = record.Decode(raw)
	require.NoError(t, err)
	require.Equal(t, reject.FieldTooLong, got.Bad.Reason)
	for _, text := range []string{"", "{", `{"n":1}`, `{"n":1,"v":[]}`} {
		_, err := record.Decode([]byte(text))
		require.Error(t, err, text)
	}
}
