// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNamesOfStrangersCommandNoTerminal prints names of columns and fields without escapes.
func TestNamesOfStrangersCommandNoTerminal(t *testing.T) {
	_, err := openFiles(t, manifests, write(t, "a.csv", "\x1b[31mevt,time,customerId\nLooked,2026-05-01T10:00:00Z,a\n"))
	require.ErrorContains(t, err, "columns are \ufffd[31mevt")
	p, err := openFiles(t, manifests, write(t, "a.json", `{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a"}`+"\n"+`{"event":"Looked","\u001b[31mfoo":1,"customerId":"a"}`+"\n"))
	require.NoError(t, err)
	require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), "\ufffd[31mfoo")
	require.NotContains(t, strings.Join(p.Filled.Lines(), "\n"), "\x1b")
}

// TestIdentifierOfACrowd names an identifier that no table of words knows and that many strangers have: a customer with fifty devices.
func TestIdentifierOfACrowd(t *testing.T) {
	rows := func(n int, id string) string {
		var b strings.Builder
		b.WriteString("event,time,customerId,email,deviceId\n")
		for i := range n {
			fmt.Fprintf(&b, "Looked,2026-05-01T10:00:00Z,%s,,d%d\nLooked,2026-05-01T10:00:00Z,,clerk@shop.example,e%d\nLooked,2026-05-01T10:00:00Z,c%d,,f\n", id, i, i, i)
		}
		return b.String()
	}
	p, err := openFiles(t, manifests, write(t, "few.csv", rows(49, "Kunde 0")))
	require.NoError(t, err)
	require.NotContains(t, strings.Join(p.Filled.Notes, "\n"), "stands beside")
	p, err = openFiles(t, manifests, write(t, "many.csv", rows(50, "Kunde 0")))
	require.NoError(t, err)
	said := strings.Join(p.Filled.Notes, "\n")
	require.Contains(t, said, `customerId "Kunde 0" stands beside at least 50 different values of deviceId: if it is a word for many people, add it to spec.identity.placeholders`)
	require.Contains(t, said, "one email stands beside at least 50 different values of deviceId", "addresses are not shown")
	require.Equal(t, 2, strings.Count(said, "stands beside"), "a device that many customers use is a hub, and no customer")
}
