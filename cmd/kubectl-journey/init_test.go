// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// drafts runs init with the files of the docs.
func drafts(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	t.Chdir(filepath.Join("..", "..", "docs", "examples", "preview"))
	var out, rest bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetErr(&rest)
	c.SetArgs(append([]string{"init"}, args...))
	err = c.ExecuteContext(t.Context())
	return out.String(), err
}

func TestInitSetsTheNames(t *testing.T) {
	text, err := drafts(t, "--events", "tills=export.csv", "--name", "shop", "--store", "retail", "--channel", "store")
	require.NoError(t, err)
	for _, part := range []string{"\n  name: tills\n", "\n  name: shop\n", "\n    name: retail\n", "\n  channel: store\n", "preview -f shop.yaml --events export.csv\n"} {
		require.Contains(t, text, part)
	}
}

func TestInitSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--name", "My Map"}, "--name My Map: use at most 40 lowercase letters, digits and '-', with a letter first"},
		{[]string{"--store", "-"}, "--store -: use at most 40"},
		{[]string{"--channel", "Web"}, "--channel Web: use a word of lowercase letters"},
		{[]string{"--currency", "euro"}, "--currency euro: use the three letters of ISO 4217, such as EUR"},
		{[]string{"--column", "who=user_id"}, "--column who=user_id: use FIELD=COLUMN, with one of the fields event, time"},
		{[]string{"--column", "time=no"}, "export.csv: --column time=no: there is no such column; columns are event_name, timestamp"},
		{[]string{"--time-zone", "Berlin"}, "--time-zone Berlin: "},
	} {
		t.Run(c.want, func(t *testing.T) {
			text, err := drafts(t, append([]string{"--events", "export.csv"}, c.args...)...)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, exitFailed, exitCode(err))
			require.Empty(t, text)
		})
	}
}

// One kind of event makes no journey. The source is written all the same.
func TestInitWithoutAMap(t *testing.T) {
	text, err := drafts(t, "--events", "orders.csv")
	require.Equal(t, exitNothing, exitCode(err))
	require.Contains(t, text, "kind: TouchpointSource\n")
	require.NotContains(t, text, "kind: JourneyMap\n")
}
