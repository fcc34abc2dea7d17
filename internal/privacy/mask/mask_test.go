// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mask_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

func TestName(t *testing.T) {
	for in, out := range map[string]string{
		"jane@example.com called":                              "[email] called",
		"JANE.Doe+shop@Mail.Example.co.uk called":              "[email] called",
		"jane@example.com, bob@example.com met":                "[email], [email] met",
		"mailto:jane@example.com":                              "mailto:[email]",
		"<jane@example.com>":                                   "<[email]>",
		"'jane@example.com'":                                   "'[email]'",
		`"jane doe"@example.com called`:                        "[email] called",
		"o'brien@example.com called":                           "[email] called",
		"/users/jane%40example.com/orders":                     "/users/[email]/orders",
		"/u?mail=jane%2540example.com&x=1":                     "/u?mail=[email]&x=1",
		"/u?mail%3Djane%2Bx%40example%2Ecom%26x":               "/u?mail%3D[email]%26x",
		"https://shop.example.com/?email=jane@example.com#top": "https://shop.example.com/?email=[email]#top",
		`{"mail":"jane\u0040example.com"}`:                     `{"mail":"[email]"}`,
		"jane&#64;example.com":                                 "[email]",
		"jane\uff20example.com":                                "[email]",
		"jürgen@bücher.example":                                "[email]",
		"jane@xn--bcher-kva.xn--p1ai":                          "[email]",
		"jane@example.com-called":                              "[email]-called",
		"called by +49 151 12345678":                           "called by [phone]",
		"+4915112345678 called":                                "[phone] called",
		"+1 (555) 010-9999 called":                             "[phone] called",
		"%2B4915112345678":                                     "[phone]",
		"tel:+49/151/1234-5678.":                               "tel:[phone].",
		"+49 151 12345678 20261130 1200":                       "[phone] 20261130 1200",
	} {
		require.Equal(t, out, mask.Name(in), in)
		require.True(t, mask.All.Finds(in), in)
		require.Equal(t, out, mask.Name(out), "twice is as once")
	}
}

// Names without identifiers do not change, because touchpoints match events by name.
func TestNamesWithoutIdentifiersDoNotChange(t *testing.T) {
	for _, s := range []string{
		"Order Completed", "order.completed", "Meet @ Noon", "@handle", "Meet@Noon", "react@18.2.0", "3@10.50", "50% off", "100%40", "C++", "Step 20260101", "a+b",
		"2026-11-30T12:00:00+02:00", "+0530", "Saved +1 000 000", "Saved +500", "+491511234567890123456", "Kauf 4915112345678", "R&D", `a\b`, "é@", "@", "a@", "", "%",
		"%4", "%2", "[email] called", "x@y", "+", "0049 151 12345678",
	} {
		require.Equal(t, s, mask.Name(s))
		require.False(t, mask.All.Finds(s), s)
	}
}

// Addresses and numbers are removed wherever they are, and masking is idempotent.
func TestIdentifiersAreMasked(t *testing.T) {
	around := rapid.StringMatching(`[ /?&=:;,<>()"\[\]]{0,3}|[ /?&=:;,<>()]?[a-zA-Zé]{0,9} ?`)
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching(`q[a-z0-9._+-]{0,8}[a-z0-9]`).Draw(t, "local")
		host := rapid.StringMatching(`q[a-z0-9-]{0,8}[a-z0-9]`).Draw(t, "host")
		sign := rapid.SampledFrom([]string{"@", "%40", "%2540", "&#64;", `\u0040`, "\uff20"}).Draw(t, "sign")
		end := rapid.SampledFrom([]string{".com", ".co.uk", ".museum", "%2Ede"}).Draw(t, "end")
		number := "+" + rapid.StringMatching(`[1-9][0-9]{8,12}`).Draw(t, "number")
		before := around.Draw(t, "before")
		separator := rapid.SampledFrom([]string{" ", "/", "?", "&", "=", ", "}).Draw(t, "separator")
		s := before + separator + local + sign + host + end + separator + around.Draw(t, "between") + separator + number + around.Draw(t, "after")
		out := mask.Name(s)
		require.NotContains(t, out, local+sign, s)
		require.NotContains(t, out, sign+host, s)
		require.NotContains(t, out, number[1:], s)
		require.Contains(t, out, mask.Email, s)
		require.Equal(t, out, mask.Name(out), s)
		require.True(t, strings.HasPrefix(out, before), "%q became %q", s, out)
	})
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"jane@example.com called", "%2540", `"@`, "a%40b.cc", "+49 151 12345678", "\xff@\xfe.aa", "a@b.xn--", "a@b%2Ecc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := mask.Name(s)
		require.Equal(t, out != s, mask.All.Finds(s))
		require.Equal(t, out, mask.Name(out))
	})
}

func BenchmarkName(b *testing.B) {
	for _, s := range []string{"Order Completed", "jane@example.com called"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mask.Name(s)
			}
		})
	}
}
