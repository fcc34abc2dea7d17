// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The quick check agrees with the full check for texts that are almost placeholders.
func TestQuickCheckAgreesWithFullCheck(t *testing.T) {
	pieces := append([]string{"0", "00", "000", "1", "9", "f", "ffff", "x", "0x", "e", "e5", "e-12", "-", "+", ".", ",", ":", " ", "{", "}", "[", "(", ")", "<", ">",
		"#", "$", "|", "/", ";", "null", "undefined", "nil", "none", "n/a", "nan", "NaN", "not set", "user", "id", "_", "@", "urn:uuid:", "−", "\"", "'", "\u200b",
		"a", "shop.example", `\n`, "[object Object]"}, sources[0].words...)
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 7).Draw(t, "pieces"), "")
		folded := strings.ToLower(s)
		closely := strings.IndexByte(folded, '0') >= 0 && strings.Trim(folded, "0"+zeroText) == "" && strings.IndexFunc(folded, notZero) < 0 ||
			zeros.MatchString(folded)
		require.Equal(t, closely, isZero(folded) && !strings.HasPrefix(folded, "urn:uuid:"), "%q is zero", s)
		joinedClosely := joined.MatchString(folded) || prefixed.MatchString(folded)
		if isJoined(folded) {
			require.True(t, joinedClosely, "%q is joined", s)
		}
		for _, typ := range []string{"customerId", Email, Phone} {
			if (*Placeholders)(nil).Has(typ, s) {
				continue
			}
			want, ok := Normalize(typ, s)
			got, found := NormalizeSomebody(typ, s)
			require.Equal(t, ok, found, "%s %q", typ, s)
			if ok {
				require.Equal(t, want, got)
			}
		}
	})
}
