// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
)

func localEvent(expression v1alpha1.CELExpression) v1alpha1.MappingRule {
	return v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{Name: `"x"`, ID: `"1"`, Time: expression, Identities: exprs{"customerId": `"c"`}}}
}

// Local times are read with the rule for files in a preview: an ambiguous time is the first one, a skipped time is refused, and a day starts with its
// first instant.
func TestLocalTimes(t *testing.T) {
	const berlin, santiago = v1alpha1.CELExpression(`localTime(body.t, "Europe/Berlin")`), v1alpha1.CELExpression(`localTime(body.t, "America/Santiago")`)
	const till = v1alpha1.CELExpression(`localTime(body.t, "02.01.2006 15:04", "Europe/Berlin")`)
	for _, c := range []struct {
		text       string
		expression v1alpha1.CELExpression
		want       string
	}{
		{"2026-03-28 12:52", berlin, "2026-03-28T11:52:00Z"},
		{"2026-03-29 12:52:30.5", berlin, "2026-03-29T10:52:30.5Z"},
		{"2026-03-29T01:59", berlin, "2026-03-29T00:59:00Z"},
		{"2026-10-25 02:30", berlin, "2026-10-25T00:30:00Z"},
		{"2026-10-25 03:00", berlin, "2026-10-25T02:00:00Z"},
		{"2026-05-01T10:00:00+05:00", berlin, "2026-05-01T05:00:00Z"},
		{"2026-05-01", berlin, "2026-04-30T22:00:00Z"},
		{"2026-09-06", santiago, "2026-09-06T04:00:00Z"},
		{"28.03.2026 12:52", till, "2026-03-28T11:52:00Z"},
		{"2026-07-01 12:00", `localTime(body.t, body.?zone.orValue("UTC"))`, "2026-07-01T12:00:00Z"},
		{"3/28/2026 1:05 PM", `localTime(body.t, "1/2/2006 3:04 PM", "America/New_York")`, "2026-03-28T17:05:00Z"},
		{"28.03.2026", `localTime(body.t, "02.01.2006", "Europe/Berlin")`, "2026-03-27T23:00:00Z"},
		{"28.03.2026 12:52 +02:00", `localTime(body.t, "02.01.2006 15:04 -07:00", "Europe/Berlin")`, "2026-03-28T10:52:00Z"},
	} {
		o := run(t, `{"t":"`+c.text+`"}`, localEvent(c.expression))
		require.Nil(t, o.Made[0].Rejection, c.text)
		require.Equal(t, c.want, time.UnixMicro(o.Made[0].Event.Time).UTC().Format(time.RFC3339Nano), c.text)
	}
	for text, want := range map[string]string{
		"2026-03-29 02:30": "does not exist in the time zone", "soon": "is not a time", "28.03.2026 12:52": "does not begin with the year",
	} {
		require.ErrorContains(t, run(t, `{"t":"`+text+`"}`, localEvent(berlin)).Made[0].Rejection, want, text)
	}
	require.ErrorContains(t, run(t, `{"t":"2026-03-28"}`, localEvent(till)).Made[0].Rejection, "does not match its layout")
	require.ErrorContains(t, run(t, `{"t":"2026-03-28 12:00"}`, localEvent("body.t")).Made[0].Rejection, `localTime(text, "Europe/Berlin")`, "the refusal names the way out")
}

// Invalid local times are refused when the rule is compiled if zone and layout are constants, else with the document.
func TestInvalidLocalTimes(t *testing.T) {
	for expression, want := range map[v1alpha1.CELExpression]string{
		`localTime(body.t, "Europe/Berln")`: `"Europe/Berln" is not the name of a time zone`, `localTime(body.t, "Local")`: "is not the name",
		`localTime(body.t, "right/Europe/Berlin")`:                 "is not the name",
		`localTime(body.t, "dd.MM.yyyy HH:mm", "Europe/Berlin")`:   "such as 02.01.2006 15:04",
		`localTime(body.t, "02.01.2006 15:04 MST", "Europe/Rome")`: "such as 02.01.2006 15:04",
		`localTime(body.t)`: "no matching overload", `localTime(1, "UTC")`: "no matching overload",
	} {
		_, err := mapping.Compile([]v1alpha1.MappingRule{localEvent(expression)})
		require.ErrorContains(t, err, want, string(expression))
	}
	for expression, want := range map[v1alpha1.CELExpression]string{
		`localTime(body.t, body.z)`: "the zone is not the name of a time zone", `localTime(body.t, body.z, "UTC")`: "has no valid layout",
	} {
		require.ErrorContains(t, run(t, `{"t":"2026-03-28 12:52","z":"../etc/passwd"}`, localEvent(expression)).Made[0].Rejection, want)
	}
	many := `{"t":[` + strings.Repeat(`"2026-03-28 12:52",`, 2000) + `"x"]}`
	o := run(t, many, localEvent(`body.t.map(x, localTime("2026-03-28 12:52", "Europe/Berlin"))[0]`))
	require.ErrorContains(t, o.Made[0].Rejection, "cost", "thousands of them are too many for one expression")
}
