// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/decimal"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func TestMicros(t *testing.T) {
	for _, c := range []struct {
		in  any
		out int64
		bad string
	}{
		{"129.90", 129_900_000, ""},
		{" 129.9 ", 129_900_000, ""},
		{"-12.5", -12_500_000, ""},
		{"0.000001", 1, ""},
		{"0.0000005", 1, ""},
		{"0.0000004", 0, ""},
		{json.Number("0.1"), 100_000, ""},
		{json.Number("129.89999999999998"), 129_900_000, ""},
		{json.Number("1.5e3"), 1_500_000_000, ""},
		{0.1, 100_000, ""},
		{0.1 + 0.2, 300_000, ""},
		{int64(7), 7_000_000, ""},
		{"9223372036854.775807", math.MaxInt64, ""},
		{"-9223372036854.775808", math.MinInt64, ""},
		{"9223372036854.775808", 0, "too large"},
		{"9223372036854.7758075", 0, "too large"},
		{uint64(math.MaxUint64), 0, "too large"},
		{json.Number("1e300"), 0, "too large"},
		{math.Inf(1), 0, "not a decimal"},
		{math.NaN(), 0, "not a decimal"},
		{"1,50", 0, "not a decimal"},
		{"1.000,50", 0, "not a decimal"},
		{"€ 5", 0, "not a decimal"},
		{"5.", 0, "not a decimal"},
		{".5", 0, "not a decimal"},
		{"", 0, "not a decimal"},
		{"-", 0, "not a decimal"},
		{"--1", 0, "not a decimal"},
		{"+1", 0, "not a decimal"},
		{"0x10", 0, "not a decimal"},
		{strings.Repeat("9", 500), 0, "not a decimal"},
		{true, 0, "not a decimal"},
		{nil, 0, "not a decimal"},
	} {
		got, err := value.Micros(c.in)
		if c.bad != "" {
			require.ErrorContains(t, err, c.bad, "%v", c.in)
			continue
		}
		require.NoError(t, err, "%v", c.in)
		require.Equal(t, c.out, got, "%v", c.in)
	}
}

// Decimal texts with up to six places are exact, like fractions.
func TestMicrosIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,6})?`).Draw(t, "decimal")
		want, ok := new(big.Rat).SetString(s)
		require.True(t, ok)
		want.Mul(want, big.NewRat(1_000_000, 1))
		got, err := value.Micros(s)
		require.NoError(t, err)
		require.Equal(t, want.RatString(), big.NewRat(got, 1).RatString())
		viaNumber, err := value.Micros(json.Number(s))
		require.NoError(t, err)
		require.Equal(t, got, viaNumber)
	})
}

func TestTime(t *testing.T) {
	want := time.Date(2026, 11, 21, 10, 14, 57, 250e6, time.UTC).UnixMicro()
	for _, in := range []any{
		"2026-11-21T10:14:57.25Z", "2026-11-21T11:14:57.250+01:00", "2026-11-21T11:14:57.25+0100", "2026-11-21 10:14:57.25Z",
		json.Number("1795256097.25"), 1795256097.25, time.UnixMicro(want),
	} {
		got, err := value.Time(in)
		require.NoError(t, err, "%v", in)
		require.Equal(t, want, got, "%v", in)
	}
	for _, in := range []any{"", "yesterday", "2026-11-21T10:14:57", "2026-11-21", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", int64(1795256097250),
		int64(-1), nil, true} {
		_, err := value.Time(in)
		require.Error(t, err, "%v", in)
	}
}

func TestCheckJSON(t *testing.T) {
	require.NoError(t, value.CheckJSON([]byte(`{"a":"[[[[\"{{{","b":[1]}`), 2, 10))
	require.ErrorIs(t, value.CheckJSON([]byte(`[[[1]]]`), 2, 10), value.ErrDepth)
	require.ErrorIs(t, value.CheckJSON([]byte(`[1,2,3,4,5,6,7,8,9,10,11]`), 2, 10), value.ErrTokens)
	require.ErrorIs(t, value.CheckJSON([]byte("{\"a\":\"\xff\"}"), 2, 10), value.ErrJSON)
	require.NoError(t, value.CheckJSON([]byte(`"\`), 2, 10), "broken JSON is for the decoder to find")
	require.NoError(t, value.CheckJSON([]byte(`"`), 2, 10))
}

// The search in raw JSON agrees with encoding/json.
func FuzzFields(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":[1,{"c":"]}"}],"c\u0041":"x\"y","d":{},"":null}`, ` { "a" : true , "b" : -1.5e3 } `, `[1,"2",[3],{"4":5}]`, `{}`, `[]`, `"x"`,
		`{"a":"\\"}`, `{"a":"\\\"","b":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_ = value.CheckJSON(raw, 32, 1000)
		for range value.Fields(raw) { // must not panic
		}
		for range value.Elements(raw) {
		}
		if !json.Valid(raw) || value.CheckJSON(raw, 32, 1000) != nil {
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) == nil && object != nil {
			got := map[string]json.RawMessage{}
			for k, v := range value.Fields(raw) {
				got[string(k)] = append(json.RawMessage(nil), v...)
			}
			require.Equal(t, object, got)
			rewritten := value.Rewrite(raw, func([]byte) bool { return false }, nil)
			if len(object) > 0 {
				require.True(t, json.Valid(rewritten), "%s", rewritten)
			}
		}
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && list != nil {
			got := []json.RawMessage{}
			for v := range value.Elements(raw) {
				got = append(got, append(json.RawMessage(nil), v...))
			}
			require.Equal(t, list, got)
		}
	})
}

func TestRewrite(t *testing.T) {
	got := value.Rewrite([]byte(`{"a":1,"b":{"c":2},"d":"x"}`), func(n []byte) bool { return string(n) == "b" },
		[]value.Field{{Name: "d", Raw: []byte(`"y"`)}, {Name: "e", Raw: []byte(`"z"`)}})
	require.JSONEq(t, `{"a":1,"d":"x","e":"z"}`, string(got))
	require.Nil(t, value.Rewrite([]byte(`{"a":1}`), func([]byte) bool { return true }, nil))
}

func TestDecodeKeepsAllDigits(t *testing.T) {
	v, err := value.Decode([]byte(`{"a":9007199254740993,"b":18446744073709551615,"c":1.0,"d":-0.5,"e":18446744073709551616,"f":-9223372036854775809,
		"g":0.1234567890123456,"h":1e400,"i":123456789012345.5,"j":12345678901234.5,"k":1e999999999,"l":5e-324}`))
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"a": int64(9007199254740993), "b": uint64(math.MaxUint64), "c": 1.0, "d": -0.5, "e": json.Number("18446744073709551616"),
		"f": json.Number("-9223372036854775809"), "g": json.Number("0.1234567890123456"), "h": json.Number("1e400"),
		"i": json.Number("123456789012345.5"), "j": 12345678901234.5, "k": json.Number("1e999999999"), "l": json.Number("5e-324"),
	}, v)
	for _, bad := range []string{`{} {}`, ``, `{"a":}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":01}`} {
		_, err := value.Decode([]byte(bad))
		require.ErrorIs(t, err, value.ErrJSON, bad)
	}
}

// A number that is decoded and encoded again has the same value.
func TestNumbersRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?(e-?[0-9]{1,3})?`).Draw(t, "number")
		v, err := value.Decode([]byte(s))
		require.NoError(t, err)
		raw, err := value.Encode(v)
		require.NoError(t, err)
		want, _ := decimal.Parse(s)
		got, ok := decimal.Parse(string(raw))
		require.True(t, ok)
		require.Equal(t, want, got, "%s became %s", s, raw)
		text, ok := value.Text(v)
		require.True(t, ok)
		got, _ = decimal.Parse(text)
		require.Equal(t, want, got, "%s became %s", s, text)
		direct, err := value.Micros(json.Number(s))
		viaValue, errVia := value.Micros(v)
		require.Equal(t, err, errVia)
		require.Equal(t, direct, viaValue)
	})
}

func TestTextOfNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"89490200001234567890": "89490200001234567890", "89490200001234567890.0": "89490200001234567890", "1e20": "100000000000000000000",
		"8949020000.1234567890e10": "89490200001234567890", "1e999999999": "1e999999999", "0.10": "0.1", "1e99999999999999999999": "1e99999999999999999999",
	} {
		require.Equal(t, want, value.RawText([]byte(in)))
		v, err := value.Decode([]byte(in))
		require.NoError(t, err)
		text, ok := value.Text(v)
		require.True(t, ok)
		require.Equal(t, want, text)
	}
}

func TestCanonical(t *testing.T) {
	canonical := func(s string) string {
		v, err := value.Decode([]byte(s))
		require.NoError(t, err)
		out, err := value.Canonical(v)
		require.NoError(t, err)
		return string(out)
	}
	for _, same := range [][]string{
		{`{"a":129.90,"b":[1e2,-0]}`, ` { "b" : [ 100 , 0.0 ] , "a" : 129.9 } `, `{"a":1.299e2,"b":[100.00,0]}`},
		{`[18446744073709551616]`, `[18446744073709551616.0]`, `[1.8446744073709551616e19]`},
		{`[1e999999999]`, `[10e999999998]`, `[0.1E+1000000000]`},
		{`[18446744073709551615]`, `[1844674407370955161.5e1]`},
		{`{"x":"\u0041<"}`, `{"\u0078":"A<"}`},
	} {
		for _, other := range same[1:] {
			require.Equal(t, canonical(same[0]), canonical(other))
		}
	}
	for _, pair := range [][2]string{
		{`[89490200001234567890]`, `[89490200001234567891]`}, {`[0.12345678901234567]`, `[0.12345678901234568]`}, {`[1]`, `["1"]`}, {`[1,0]`, `[10]`},
		{`[1e999999999]`, `[1e999999998]`}, {`["1e0"]`, `[1]`}, {`[null]`, `["null"]`}, {`[1e-400]`, `[0]`}, {`{"a":{"b":1}}`, `{"a":{},"b":1}`},
	} {
		require.NotEqual(t, canonical(pair[0]), canonical(pair[1]))
	}
}

func TestListed(t *testing.T) {
	require.Equal(t, "a, b, c", value.Listed([]string{"a", "b", "c"}))
	require.Equal(t, "a, b, c and 2 more", value.Listed([]string{"a", "b", "c", "d", "e"}))
}
