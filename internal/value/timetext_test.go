// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// Times in the formats of databases, languages and spreadsheets.
func TestReadTime(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]value.TimeText{
		"2026-05-01T10:00:00Z":                       {At: at, Zone: true, Clock: true},
		"2026-05-01t10:00:00z":                       {At: at, Zone: true, Clock: true},
		" 2026-05-01 12:00:00+02 ":                   {At: at, Zone: true, Clock: true}, // PostgreSQL
		"2026-05-01 12:00:00.000+02":                 {At: at, Zone: true, Clock: true},
		"2026-05-01 15:30:00+05:30":                  {At: at, Zone: true, Clock: true},
		"2026-05-01 10:00:00 UTC":                    {At: at, Zone: true, Clock: true}, // BigQuery
		"2026-05-01 10:00:00.000000 utc":             {At: at, Zone: true, Clock: true},
		"2026-05-01 12:00:00 +0200":                  {At: at, Zone: true, Clock: true}, // Shopify
		"2026-05-01 10:00:00 +0000 UTC":              {At: at, Zone: true, Clock: true}, // Go
		"2026-05-01T10:00Z":                          {At: at, Zone: true, Clock: true}, // Java
		"2026-05-01T12:00+02:00[Europe/Berlin]":      {At: at, Zone: true, Clock: true},
		"2026-05-01T10:00Z[UTC]":                     {At: at, Zone: true, Clock: true},
		"2026-05-01T06:00:00-04:00":                  {At: at, Zone: true, Clock: true},
		"2026/05/01 10:00:00 GMT":                    {At: at, Zone: true, Clock: true},
		"2026-05-01 12:00:00 GMT+02:00":              {At: at, Zone: true, Clock: true},
		"20260501T100000Z":                           {At: at, Zone: true, Clock: true},
		"2026-05-01 10:00":                           {At: at, Clock: true},
		"2026-05-01T10:00:00":                        {At: at, Clock: true},
		"2026-05-01":                                 {At: at.Add(-10 * time.Hour)},
		"2026-05-01T10:00:00,25Z":                    {At: at.Add(250 * time.Millisecond), Zone: true, Clock: true},
		"2026-05-01 10:00:00.123456789+00:00":        {At: at.Add(123456789), Zone: true, Clock: true},
		"2026-05-01T10:00:00.5-00:00":                {At: at.Add(500 * time.Millisecond), Zone: true, Clock: true},
		"1883-11-18 12:00:00-04:56:02":               {At: time.Date(1883, 11, 18, 16, 56, 2, 0, time.UTC), Zone: true, Clock: true},
		"2026-05-01 10:00:00 AM":                     {At: at, Clock: true},
		"2026/05/01 12:00:00 PM GMT+2":               {At: at, Zone: true, Clock: true}, // Google Forms
		"2026-05-01 3:30 p.m. GMT+5:30":              {At: at, Zone: true, Clock: true},
		"2026-05-01 06:00:00\u221204:00":             {At: at, Zone: true, Clock: true}, // a typographic minus
		"2026-05-01  10:00:00  Z":                    {At: at, Zone: true, Clock: true},
		"2026-05-01T10:00:00+00:00[Etc/UTC]":         {At: at, Zone: true, Clock: true},
		"2026-05-01 20:00:00+1000 (Sydney standard)": {At: at, Zone: true, Clock: true},
	} {
		got, err := value.ReadTime(text)
		require.NoError(t, err, text)
		require.True(t, want.At.Equal(got.At), "%s gives %s", text, got.At)
		require.Equal(t, []bool{want.Zone, want.Clock}, []bool{got.Zone, got.Clock}, text)
	}
	for text, want := range map[string]string{
		"05/01/2026 10:00":                   "day and month cannot be told apart",
		"1.5.2026 10:00":                     "day and month cannot be told apart",
		"01-05-2026":                         "day and month cannot be told apart",
		"2026-05-01 10:00:00 CET":            "as letters",
		"2026-05-01 10:00:00 EST":            "as letters",
		"2026-05-01T10:00:00 02:00":          "without its sign",            // a + that was decoded as a blank
		"2026-05-01T10:00:00[Europe/Berlin]": "without its offset from UTC", // ten in Berlin is eight in UTC
		"2026-02-30 10:00:00Z":               "is not a time",
		"2026-05-01 25:00:00Z":               "is not a time",
		"2026-05-01 10:00:00+25x":            "is not a time",
		"yesterday":                          "is not a time",
		"":                                   "is not a time",
		"T":                                  "is not a time",
		"2026-05-01T":                        "",
		"2026-05-01 13:00:00 AM":             "is not a time",
		"2026-05-01 0:00 PM":                 "is not a time",
		"2026-05-01 10:00 AM CET":            "as letters",
		"2026-13-01T10:00:00Z":               "is not a time",
		"2026-05-01T10:00:00Z 123":           "",
	} {
		_, err := value.ReadTime(text)
		if want != "" {
			require.ErrorContains(t, err, want, text)
			require.ErrorContains(t, err, "RFC 3339", text)
		}
	}
	_, err := value.ParseTime("2026-05-01 10:00")
	require.ErrorContains(t, err, "has no time zone")
	_, err = value.ParseTime("2026-05-01")
	require.ErrorContains(t, err, "has no time zone")
}

// The unit follows from the size of the number. Ambiguous numbers are refused.
func TestEpochTime(t *testing.T) {
	want := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC).UnixMicro()
	for digits, unit := range map[string]string{
		"1777629600": "seconds", "1777629600.0": "seconds", "1777629600000": "milliseconds", "1777629600000000": "microseconds",
		"1777629600000000000": "nanoseconds", "20260501100000": "a compact date",
	} {
		got, u, err := value.EpochTime(digits)
		require.NoError(t, err, digits)
		require.Equal(t, want, got, digits)
		require.Equal(t, unit, u, digits)
	}
	got, _, err := value.EpochTime("20260501")
	require.NoError(t, err)
	require.Equal(t, want-10*3600e6, got, "a compact day is no number of seconds")
	for digits, want := range map[string]string{
		"46143.4166": "day number of a spreadsheet", "46143": "day number of a spreadsheet", "2026050110": "may be a date or a time",
		"202605011000": "may be a date or a time", "1": "too small", "20261399": "too small", "17776296000": "is not a number of seconds",
		"9223372036854775808": "is not a number of seconds", "": "is not a time", "1.2.3": "is not a time", "99999999999999999999999": "is not a number of seconds",
	} {
		_, _, err := value.EpochTime(digits)
		require.ErrorContains(t, err, want, digits)
	}
	_, err = value.Time(int64(20260501))
	require.ErrorContains(t, err, "compact date", "in mapping rules and in requests, too")
	_, err = value.Time(float64(20260501))
	require.ErrorContains(t, err, "compact date")
}

// Every time from 1975 to 2199 is read correctly in every unit.
func TestEpochUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		second := rapid.Int64Range(157_766_400, 7_226_582_400).Draw(t, "second")
		for factor, unit := range map[int64]string{1: "seconds", 1e3: "milliseconds", 1e6: "microseconds", 1e9: "nanoseconds"} {
			if factor == 1e3 && second < 1e9 {
				continue // twelve digits can be a compact date
			}
			got, u, err := value.EpochTime(strconv.FormatInt(second*factor, 10))
			if err != nil {
				require.ErrorContains(t, err, "may be a date")
				continue
			}
			require.Equal(t, second*1e6, got)
			require.Equal(t, unit, u)
		}
	})
}
