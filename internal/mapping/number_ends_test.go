// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// As docs/ingest.md says, expressions can compute with numbers of up to 400 digits. Longer numbers can be passed on.
func TestNumbersOfTooManyDigits(t *testing.T) {
	digits := func(n int) string { return strings.Repeat("7", n) }
	document := `{"type":"t","most":` + digits(400) + `,"more":` + digits(401) + `,"other":` + digits(402) +
		`,"fraction":0.` + digits(300) + `,"top":1e399,"beyond":1e400,"least":1e-399,"below":1e-400,"half":0.5,"long":1.00000000000000000001}`
	for expression, want := range map[string]string{
		`body.most > 1`: `true`, `body.most - body.most`: `0`, `body.more > 1`: kind, `body.more - body.more`: kind, `body.more`: digits(401),
		`body.more == body.more`: `true`, `body.more == body.other`: `false`, `body.more == body.most`: `false`, `body.most == body.more`: `false`,
		`body.more == 0`: `false`, `0 == body.more`: `false`, `body.more in [0, 7.0]`: `false`,
		// the same for results
		`body.fraction * body.fraction`: overflow, `body.fraction * body.fraction > 0`: overflow, `body.fraction + body.half > 1`: `true`,
		`body.top * 9 > body.top`: `true`, `body.top * 10 > body.top`: overflow, `body.top + 1 > body.top`: `true`, `body.beyond + 1 > 0`: kind,
		`body.beyond > body.top`: `true`, `body.least * body.long > 0`: `true`, `body.below * body.long`: kind, `body.least / 10`: overflow,
		// a literal with that many digits is the double that CEL reads
		`body.half == 0.5` + strings.Repeat("0", 400):         `true`,
		`body.half == 0.5` + strings.Repeat("0", 400) + `1`:   `true`,
		`body.half < 0.25` + strings.Repeat("0", 400) + `1`:   `false`,
		`0.5` + strings.Repeat("0", 400) + `1 in [body.half]`: `true`,
	} {
		assert.Equal(t, want, result(t, document, v1alpha1.CELExpression(expression)), "%.80s", expression)
	}
}

// Halves are rounded away from zero, with any number of digits.
func TestRoundingOfLongNumbers(t *testing.T) {
	document := `{"type":"t","half":0.50000000000000000000001,"under":0.49999999999999999999999,"some":0.04999999999999999999999,"less":1e-999999999,
		"exactly":0.5,"more":2.50000000000000000000001}`
	for expression, want := range map[string]string{
		`math.round(body.half)`: `1`, `math.round(-body.half)`: `-1`, `math.round(body.under)`: `0`, `math.round(body.some)`: `0`, `math.round(body.more)`: `3`,
		`math.ceil(body.some)`: `1`, `math.ceil(-body.some)`: `0`, `math.floor(body.some)`: `0`, `math.floor(-body.some)`: `-1`, `math.ceil(body.less)`: `1`,
		`math.floor(body.half)`: `0`, `math.floor(-body.half)`: `-1`, `math.round(body.less)`: `0`, `math.trunc(-body.half)`: `0`, `math.sqrt(body.more) > 1.58`: `true`,
		`math.sqrt(-body.more)`: kind, `math.sqrt(body.less)`: kind,
	} {
		assert.Equal(t, want, result(t, document, v1alpha1.CELExpression(expression)), "%s", expression)
	}
}

// Literals keep their digits only in comparisons. Elsewhere they are doubles, as in CEL.
func TestLiteralsKeepTheirDigitsInComparisons(t *testing.T) {
	document := `{"type":"t","exact":0.1234567890123456789,"half":0.5,"text":"a","n":1,"list":[1],"nothing":null}`
	for expression, want := range map[string]string{
		`body.exact == 0.1234567890123456789`: `true`, `body.exact == 0.1234567890123456788`: `false`, `body.exact < 0.12345678901234567891`: `true`,
		`body.half + 0.12345678901234567891`: `0.6234567890123457`, `[0.12345678901234567891]`: `[0.12345678901234568]`,
		// values other than numbers have no maximum
		`math.greatest(body.text, body.text)`: kind, `math.greatest(body.text, 1)`: kind, `math.least(1, body.text)`: kind, `math.greatest([body.text])`: kind,
		`math.greatest(body.exact, body.text)`: kind, `math.least(body.text, body.exact)`: kind,
		// values without an order cannot be compared with anything
		`body.list < body.list`: kind, `body.exact < body.list`: kind, `body.list >= 1`: kind, `body.nothing < 1`: kind, `body.nothing <= body.nothing`: kind,
		// only a text matches a text
		`body.n.matches(body.text)`: kind, `body.text.matches(body.n)`: kind, `body.text.matches(body.text)`: `true`,
	} {
		assert.Equal(t, want, result(t, document, v1alpha1.CELExpression(expression)), "%s", expression)
	}
}
