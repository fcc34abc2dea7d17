// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func eventWith(properties map[string]v1alpha1.CELExpression) v1alpha1.MappingRule {
	return v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"x"`, Identities: map[string]v1alpha1.CELExpression{"customerId": `"c"`}, Properties: properties,
	}}
}

// entries returns n entries of a map, each with a comma.
func entries(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf(`"k%d":%d,`, i, i))
	}
	return list
}

// Each expression gets a megabyte, from which it would build gigabytes without limits.
func TestExpressionsHaveBoundedMemory(t *testing.T) {
	big := strings.Repeat("a", 1<<20)
	document := fmt.Sprintf(`{"big":%q,"half":%q,"map":{%s"x":0},"list":[%s0],"texts":[%s"x"],"numbers":[%s0],"loop":[%s0]}`,
		big, big[:1<<19]+"b", strings.Join(entries(1000), ""), strings.Repeat("0,", 999), strings.Repeat(`"abcdefgh",`, 20_000), strings.Repeat("0,", 50_000), strings.Repeat("0,", 15_000))
	for _, expression := range []v1alpha1.CELExpression{
		`body.big.replace("a", body.big)`,
		`body.big.replace("a", body.big, 9999)`,
		`body.big.replace("", body.big)`,
		`body.list.map(x, body.big).join()`,
		`body.list.map(x, body.big).join(body.big)`,
		`body.list.map(x, body.big + "x")`,
		`body.list.map(x, "x" + body.big)`,
		`body.list.map(x, base64.encode(bytes(body.big)))`,
		`body.list.map(x, "%s".format([body.big]))`,
		`body.list.map(x, body.big.upperAscii())`,
		`body.list.map(x, body.list.map(y, body.list))`,
		`body.list.map(x, body.big + body.big)`,
		`body.list.map(x, bytes(body.big)).size()`,
		`body.list.filter(x, body.big.contains(body.big)).size()`,
		`body.list.filter(x, body.big < body.big).size()`,
		`body.list.filter(x, body.big.startsWith(body.big)).size()`,
		`body.list.filter(x, body.texts == body.texts).size()`,
		`body.list.filter(x, body.map == body.map).size()`,
		`body.list.filter(x, "no" in body.texts).size()`,
		`body.list.filter(x, string(body.texts) == "").size()`,
		`body.list.map(x, math.greatest(body.numbers)).size()`,
		`body.big.indexOf(body.half)`,
		`body.big.indexOf(body.half, 9)`,
		`body.big.lastIndexOf(body.half)`,
		`body.big.lastIndexOf(body.half, 9)`,
		`body.big.contains(body.half)`,
		`body.big.split(body.half)`,
		`body.big.split("")`,
		`body.big.split("a")`,
		`body.list.map(x, body.texts.join("").split(""))`,
		`body.big.replace(body.half, "")`,
		`body.numbers.filter(x, body.big.indexOf("b") > 0).size()`,
		`body.big.matches(body.big)`,
		`body.big.matches("^(a|b)*(c|d)*(e|f)*(g|h)*(i|j)*$")`,
		`body.list.filter(x, "a".matches(body.big)).size()`,
		`body.numbers.map(x, 1).size()`,
		`body.loop.map(x, 1).size()`,
		`body.list.map(x, body.big)`,
		`[body, body, body, body, body]`,
	} {
		t.Run(string(expression), func(t *testing.T) {
			p, err := mapping.Compile([]v1alpha1.MappingRule{eventWith(map[string]v1alpha1.CELExpression{"p": expression})})
			require.NoError(t, err)
			body, err := value.Decode([]byte(document))
			require.NoError(t, err)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			o := p.Map(&mapping.Input{Body: body, Now: now, Budget: mapping.NewBudget(), MaxEvents: 100})
			runtime.ReadMemStats(&after)
			require.NotNil(t, o.Made[0].Rejection)
			require.Contains(t, []string{"mapping-error", "field-too-long"}, o.Made[0].Rejection.Reason)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), "all that was ever allocated")
		})
	}
}

// Typical mappings of large documents stay far below the limits.
func TestTypicalMappingsAreCheap(t *testing.T) {
	items := strings.Repeat(`{"sku":"A-1","price":"12.90","tags":["x","y"],"n":123456789012345678901234567890},`, 1999) + `{"sku":"B-2","price":"1.10","tags":[],"n":1}`
	document := fmt.Sprintf(`{"note":%q,"part":%q,"long":%q,"email":"a@example.com","size":"xl","items":[%s]}`,
		strings.Repeat("a word ", 5000), strings.Repeat("b word ", 100), strings.Repeat("b word ", 200), items)
	for expression, want := range map[v1alpha1.CELExpression]string{
		`body.items.map(i, i.sku + ":" + i.price).size()`:                                 `2000`,
		`body.items.filter(i, i.sku == "B-2").size()`:                                     `1`,
		`body.items.exists(i, i.sku.matches("^B-[0-9]+$"))`:                               `true`,
		`body.note.contains("word") && body.note.startsWith("a")`:                         `true`,
		`body.items.map(i, double(i.price)).size()`:                                       `2000`,
		`body.email.matches("^[^@]+@[^@]+$")`:                                             `true`,
		`body.items.filter(i, i.n > 10).size()`:                                           `1999`,
		`body.note.contains(body.part)`:                                                   `false`,
		`body.note.split(" ").size()`:                                                     `10001`,
		`body.note.upperAscii().size()`:                                                   `35000`,
		`body.email.contains(body.note)`:                                                  `false`,
		`bytes(body.note).size()`:                                                         `35000`,
		`body.email.matches("a")`:                                                         `true`,
		`body.note == body.note`:                                                          `true`,
		`body.items == body.items`:                                                        `true`,
		`body.note.matches("a")`:                                                          `true`,
		`body.note.startsWith(body.long)`:                                                 `false`,
		`body.size.matches("^(extra small|small|medium|large|extra large|xs|s|m|l|xl)$")`: `true`,
		`body.items.all(i, i.tags.size() < 3)`:                                            `true`,
		`body.?missing.orValue(body.items).size()`:                                        `2000`,
		`body.items.filter(i, "x" in i.tags).map(i, i.sku).size()`:                        `1999`,
	} {
		e := run(t, document, eventWith(map[string]v1alpha1.CELExpression{"p": expression})).Made[0]
		require.Nil(t, e.Rejection, expression)
		require.JSONEq(t, `{"p":`+want+`}`, string(e.Event.Properties), expression)
	}
}

// Each part of a split needs memory of its own, so a megabyte of characters would become 16 MB before its cost is known.
func TestPartsOfASplitAreCountedBefore(t *testing.T) {
	document := fmt.Sprintf(`{"type":"t","big":%q}`, strings.Repeat("a", 200_000))
	for _, expression := range []v1alpha1.CELExpression{`body.big.split("").size()`, `body.big.split("a").size()`, `body.big.split("a", 70000).size()`} {
		require.Contains(t, result(t, document, expression), "error: ", expression)
	}
	require.Equal(t, `2`, result(t, document, `body.big.split("a", 2).size()`))
	require.Equal(t, `40000`, result(t, document, `body.big.split("", 40000).size()`))
	require.Contains(t, result(t, document, `[1, 2].map(x, body.big.split("", 40000).size())`), "error: ", "the second exceeds the cost limit")
}

// The result of an expression can be nested as deeply as a document.
func TestDepthOfValues(t *testing.T) {
	for _, open := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		nested := func(n int) v1alpha1.CELExpression {
			return v1alpha1.CELExpression(strings.Repeat(open[0], n) + "1" + strings.Repeat(open[1], n))
		}
		require.Equal(t, string(nested(31)), result(t, `{"type":"t"}`, nested(31)))
		require.Equal(t, "error: the value is nested too deeply", result(t, `{"type":"t"}`, nested(32)))
	}
}

func TestReplaceAndJoinAgreeWithCEL(t *testing.T) {
	for expression, want := range map[v1alpha1.CELExpression]string{
		`"banana".replace("a", "oo")`:         `"boonoonoo"`,
		`"banana".replace("a", "", 1)`:        `"bnana"`,
		`"banana".replace("a", "x", 0)`:       `"banana"`,
		`"ab".replace("", "-")`:               `"-a-b-"`,
		`body.tags.join()`:                    `"ab"`,
		`body.tags.join(", ")`:                `", a, b"`,
		`["x"].map(t, t).join("-") + "y"`:     `"xy"`,
		`["a","b"].join("-").replace("-","")`: `"ab"`,
	} {
		e := run(t, `{"tags":["","a","b"]}`, eventWith(map[string]v1alpha1.CELExpression{"p": expression})).Made[0]
		require.Nil(t, e.Rejection, expression)
		require.JSONEq(t, `{"p":`+want+`}`, string(e.Event.Properties), expression)
	}
	for _, wrong := range []v1alpha1.CELExpression{`body.n.replace("a", "b")`, `body.n.join()`, `[body.n].join()`} {
		r := run(t, `{"n":1}`, eventWith(map[string]v1alpha1.CELExpression{"p": wrong})).Made[0].Rejection
		require.NotNil(t, r, wrong)
		require.Contains(t, r.Message, "no such overload", wrong)
	}
}

func TestEventsOfADocumentAreMappedOneByOne(t *testing.T) {
	rule := eventWith(map[string]v1alpha1.CELExpression{"p": "body.big"})
	rule.ForEach = "body.list"
	p, err := mapping.Compile([]v1alpha1.MappingRule{rule})
	require.NoError(t, err)
	body, err := value.Decode(fmt.Appendf(nil, `{"big":%q,"list":[1,2,3,4]}`, strings.Repeat("a", 20_000)))
	require.NoError(t, err)
	seen := 0
	p.Each(&mapping.Input{Body: body, Now: now, Budget: mapping.NewBudget(), MaxEvents: 100}, func(m *mapping.Made) bool {
		require.Nil(t, m.Rejection)
		seen++
		return seen < 2
	})
	require.Equal(t, 2, seen, "it ends when nobody wants more")
}

// Replacing an empty text is cheap, whatever the replacement is.
func TestReplacementOfEmptyText(t *testing.T) {
	document := fmt.Sprintf(`{"type":"t","text":%q}`, strings.Repeat("a", 20_000))
	require.Equal(t, `true`, result(t, document, `body.text.replace("a", body.text, 0) == body.text`))
}
