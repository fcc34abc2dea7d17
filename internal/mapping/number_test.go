// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// result evaluates an expression with a document, and returns the result as JSON or the error message.
func result(t testing.TB, document string, expression v1alpha1.CELExpression) string {
	t.Helper()
	o := run(t, document, v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) {
		e.Identities = exprs{"customerId": `"c"`}
		e.Properties = exprs{"x": expression}
	})})
	require.Len(t, o.Made, 1)
	if r := o.Made[0].Rejection; r != nil {
		return "error: " + r.Message
	}
	var out struct{ X json.RawMessage }
	if raw := o.Made[0].Event.Properties; raw != nil {
		require.NoError(t, json.Unmarshal(raw, &out))
	}
	return string(out.X)
}

var numbersDocument = `{"type":"paid","id":89490200001234567890,"next":89490200001234567891,"under":-9223372036854775809,"u":18446744073709551615,"price":129.89999999999998,
	"exact":0.1234567890123456789,"huge":1e999999999,"tiny":-1e-999999999,"float":89490200001234567890.0,"exp":1e20,"small":7,"half":0.5,
	"list":[89490200001234567890,1],"map":{"k":89490200001234567890},"plain":12345678.0,"max":9223372036854775807,"text":"x",
	"digits":` + digits1000 + `}`

var digits1000 = strings.Repeat("1234567890", 100)

func TestLongNumbersInExpressions(t *testing.T) {
	for expression, want := range map[string]string{
		`body.id`: `89490200001234567890`, `string(body.id)`: `"89490200001234567890"`, `body.id == body.next`: `false`, `body.id != body.next`: `true`,
		`body.id < body.next`: `true`, `body.id >= body.next`: `false`, `body.next - body.id`: `1`, `body.id + 1 == body.next`: `true`,
		`1 + body.id == body.next`: `true`, `body.id == body.map.k`: `true`, `body.id == body.list[0]`: `true`, `body.list == [body.id, 1]`: `true`,
		`body.id in body.list`: `true`, `body.next in body.list`: `false`, `body.next in [1, 2]`: `false`, `body.id == body.float`: `true`,
		`body.id == 89490200001234567890.0`: `true`, `body.next == 89490200001234567890.0`: `false`, `89490200001234567890.0 == body.id`: `true`,
		`body.id in [89490200001234567890.0]`: `true`, `body.next in [89490200001234567890.0]`: `false`, `body.id == 1`: `false`, `1 == body.id`: `false`,
		`body.id == "89490200001234567890"`: `false`, `5 < body.id`: `true`, `body.under < -9223372036854775807`: `true`, `body.under + 1`: `-9223372036854775808`,
		`-body.under`: `9223372036854775809`, `-body.id`: `-89490200001234567890`, `body.u + 1`: `18446744073709551616`, `body.u == 18446744073709551615u`: `true`,
		`body.u in [18446744073709551615u]`: `true`, `body.max + 1`: `9223372036854775808`, `body.max * body.max`: `85070591730234615847396907784232501249`,
		`body.id / 10`: `8949020000123456789`, `body.id / -3`: `-29830066667078189296`, `body.id % 97`: `9`, `-body.id % 97`: `-9`,
		`body.price * 3`: `389.69999999999994`, `body.price == 129.89999999999998`: `true`, `129.89999999999998 == body.price`: `true`,
		`body.price + 0.00000000000002`: `129.9`, `body.price * 100 > 12989`: `true`, `math.round(body.price * 100.0)`: `12990`, `int(body.price * 100.0)`: `12989`, `math.round(body.exact * 1.0)`: `0`, `math.floor(body.price)`: `129`,
		`math.ceil(-body.price)`: `-129`, `math.trunc(-body.price)`: `-129`, `math.abs(-body.id)`: `89490200001234567890`, `math.sign(body.under)`: `-1`,
		`math.greatest(body.id, body.next)`: `89490200001234567891`, `math.least(body.id, 3, body.half)`: `0.5`, `math.greatest(body.list)`: `89490200001234567890`,
		`math.greatest(2, body.half)`: `2`, `math.least([3, 1, 2])`: `1`, `math.greatest(1, 2)`: `2`, `math.isNaN(body.exact)`: `false`,
		`double(body.id) > 8e19`: `true`, `int(body.price)`: `129`, `uint(body.price)`: `129`, `int(body.id)`: overflow, `uint(body.id)`: overflow,
		`double(body.exact)`: `0.12345678901234568`, `body.exact`: `0.1234567890123456789`, `string(body.exact)`: `"0.1234567890123456789"`,
		`body.exact * 10`: `1.234567890123456789`, `body.exact / 3`: `0.0411522630041152263`, `1 / body.exact > 8.1`: `true`,
		`body.huge > body.id`: `true`, `body.huge == body.huge`: `true`, `body.huge`: `1e999999999`, `string(body.huge)`: `"1e999999999"`, `body.huge + 1`: kind,
		`body.tiny < 0`: `true`, `body.tiny`: `-1e-999999999`, `math.ceil(body.huge)`: `1e999999999`, `math.floor(body.tiny)`: `-1`, `math.trunc(body.tiny)`: `0`,
		`string(body.exp)`: `"100000000000000000000"`, `string(body.plain)`: `"12345678"`, `string(body.half)`: `"0.5"`, `string(1.0 / 0.0)`: `"+Inf"`,
		`body.small * body.half`: `3.5`, `body.small + body.half`: `7.5`, `body.small / body.half`: `14`, `body.small % body.half`: kind, `body.small / 2`: `3`,
		`body.id / 0`:       `error: the expression failed: division by zero, so a value has another type or range than the rule expects`,
		`body.id < body.id`: `false`, `body.id <= body.id`: `true`, `body.id > body.id`: `false`, `body.id >= body.id`: `true`,
		`type(math.greatest(7, 7.0)) == int`: `true`, `type(math.least(7, 7.0)) == int`: `true`, `type(body.small + body.half) == double`: `true`,
		`type(body.next - body.id) == int`: `true`, `type(body.small * 0.123456789012345) == double`: `true`, `type(body.exact + body.half) == double`: `false`,
		`body.id + body.text`: kind, `body.text + body.id`: kind, `body.id < body.text`: kind, `body.text < body.id`: kind, `body.text == body.id`: `false`,
		`body.digits`: digits1000, `string(body.digits)`: `"` + digits1000 + `"`, `body.digits == body.digits`: `true`, `body.digits + 1`: kind, `body.digits > 1`: kind,
		`{"a": body.id}`: `{"a":89490200001234567890}`, `[body.id, body.price]`: `[89490200001234567890,129.89999999999998]`,
		`body.list.map(x, x * 2)`: `[178980400002469135780,2]`, `body.?id.orValue(1)`: `89490200001234567890`, `type(body.id) == type(body.next)`: `true`,
		`true ? body.id : 1`: `89490200001234567890`, `"%s-%.2f".format([body.id, body.price])`: `"89490200001234567890-129.90"`,
	} {
		assert.Equal(t, want, result(t, numbersDocument, v1alpha1.CELExpression(expression)), "%s", expression)
	}
}

const (
	overflow = "error: the expression failed: integer overflow, so a value has another type or range than the rule expects"
	kind     = "error: the expression failed: no such overload, so a value has another type or range than the rule expects"
)

// Fields of an event keep all digits, however a rule refers to the number.
func TestLongIdentifiersInFields(t *testing.T) {
	for _, id := range []v1alpha1.CELExpression{`body.id`, `string(body.id)`, `[body.id]`, `body.float`, `string(body.float)`, `body.next - 1`} {
		o := run(t, numbersDocument, v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) {
			e.Identities = exprs{"customerId": id}
			e.ID, e.OrderID, e.SessionID, e.Amount, e.Currency = `body.id`, `body.id`, `body.id`, `body.price`, `"EUR"`
		})})
		require.Nil(t, o.Made[0].Rejection)
		e := o.Made[0].Event
		const want = "89490200001234567890"
		require.Equal(t, []string{want, want, want, want}, []string{e.Identities[0].Value, e.ID, e.OrderID, e.SessionID}, "%s", id)
		require.EqualValues(t, 129_900_000, e.Amount)
	}
}

// Operators on numbers of any kind are exact, like fractions.
func TestArithmeticIsExact(t *testing.T) {
	number := rapid.StringMatching(`-?[1-9][0-9]{0,30}(\.[0-9]{1,20})?`)
	rapid.Check(t, func(r *rapid.T) {
		a, b := number.Draw(r, "a"), number.Draw(r, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		document := `{"a":` + a + `,"b":` + b + `,"type":"n"}`
		n, _ := decimal.Parse(a)
		m, _ := decimal.Parse(b)
		if n.Digits() <= 15 && m.Digits() <= 15 && (!n.IsWhole() || !m.IsWhole()) {
			return // two doubles: CEL's own arithmetic
		}
		var got []json.RawMessage
		list := result(t, document, `[body.a + body.b, body.a - body.b, body.a * body.b, body.a < body.b, body.a <= body.b, body.a > body.b, body.a >= body.b, body.a == body.b]`)
		require.NoError(t, json.Unmarshal([]byte(list), &got), list)
		for i, want := range []*big.Rat{new(big.Rat).Add(x, y), new(big.Rat).Sub(x, y), new(big.Rat).Mul(x, y)} {
			out, ok := new(big.Rat).SetString(string(got[i]))
			require.True(t, ok)
			require.Zero(t, out.Cmp(want), "%s and %s: %s", a, b, list)
		}
		sign := x.Cmp(y)
		for i, want := range []bool{sign < 0, sign <= 0, sign > 0, sign >= 0, sign == 0} {
			require.Equal(t, want, string(got[3+i]) == "true", "%s and %s: %s", a, b, list)
		}
	})
}

// The cost of long numbers depends on their length, so that the cost limit includes them.
func TestLongNumbersCost(t *testing.T) {
	list := strings.TrimSuffix(strings.Repeat(strings.Repeat("7", 390)+",", 400), ",")
	document := `{"type":"n","list":[` + list + `]}`
	require.Equal(t, "error: the expression costs too much for this document", result(t, document, `body.list.map(a, body.list.map(b, (a + b) % 7)).size()`))
}
