// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/preview/output"
)

const shopMap = `
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: shop}
spec:
  storeRef: {name: default}
  stages:
  - {name: look, touchpoints: [{name: look, match: [{event: Looked}]}]}
  - {name: buy, touchpoints: [{name: buy, match: [{event: Order Completed}]}]}
  progression: {order: Ordered, window: 1h}
  analysis: {lookback: 30d}
`

const shopEvents = `{"event":"Looked","time":"2026-05-01T10:00:00Z","anonymousId":"x1"}
{"event":"Looked","time":"2026-05-01T10:01:00Z","customerId":"ann","anonymousId":"x1"}
{"event":"Order Completed","time":"2026-05-01T10:30:00Z","customerId":"ann"}
{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"bob"}
{"event":"Looked","time":"2026-05-01T18:00:00Z","customerId":"late"}
`

// call runs the plugin with the files of the shop, and returns stdout and stderr.
func call(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	dir := t.TempDir()
	manifests, events := filepath.Join(dir, "map.yaml"), filepath.Join(dir, "events.ndjson")
	require.NoError(t, os.WriteFile(manifests, []byte(shopMap), 0o600))
	require.NoError(t, os.WriteFile(events, []byte(shopEvents), 0o600))
	var out, errs bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetErr(&errs)
	c.SetArgs(append(args, "-f", manifests, "--events", events))
	err = c.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func TestPreview(t *testing.T) {
	stdout, stderr, err := call(t, "preview")
	require.NoError(t, err)
	require.Contains(t, stdout, "JourneyMap/shop\nAs of 2026-05-01T18:00:00Z, entries from 2026-04-01T17:00:00Z to 2026-05-01T17:00:00Z.\n2 customers, 50.0% converted")
	require.Contains(t, stdout, "commit 1, identity version 2\n")
	require.Equal(t, "5 rows, 5 events; as of 2026-05-01T18:00:00Z\n", stderr)
	again, _, err := call(t, "preview")
	require.NoError(t, err)
	require.Equal(t, stdout, again)
	_, _, err = call(t, "preview", "-o", "xml")
	require.ErrorContains(t, err, "use table, json or yaml")
	_, _, err = call(t, "preview", "--events", "o1.csv", "o2.csv")
	require.ErrorContains(t, err, `"o2.csv" belongs to no flag: repeat --events for each file`, "a shell makes this of *.csv")
	_, _, err = call(t, "preview", "--as-of", "tomorrow")
	require.ErrorContains(t, err, "--as-of tomorrow")
	_, _, err = call(t, "preview", "--as-of", "2026-05-01T18:00:00.5Z")
	require.ErrorContains(t, err, "--as-of 2026-05-01T18:00:00.5Z: use a whole second, such as 2026-05-01T18:00:01Z")
}

// Scripts distinguish by the exit code: numbers, no mature numbers, and an error.
func TestExitCodes(t *testing.T) {
	_, _, err := call(t, "preview", "--as-of", "2026-05-01T10:30:00Z")
	require.Equal(t, exitNothing, exitCode(err), "%v", err)
	stdout, stderr, err := call(t, "who", "shop", "--stage", "look", "--as-of", "2026-05-01T10:30:00Z")
	require.Equal(t, exitNothing, exitCode(err), "%v", err)
	require.Equal(t, "ENTRY   IDENTITIES\n", stdout)
	require.Contains(t, stderr, "0 customers reached look. As of 2026-05-01T10:30:00Z")
	require.Contains(t, stderr, "No attempt is mature before 2026-05-01T11:00:00Z")
	_, _, err = call(t, "preview", "--events", "o1.csv", "o2.csv")
	require.ErrorContains(t, err, `"o2.csv" belongs to no flag: repeat --events for each file`, "a shell makes this of *.csv")
	none := filepath.Join(t.TempDir(), "none.yaml")
	text := strings.NewReplacer("name: shop", "name: none", "event: Looked", "event: Seen", "event: Order Completed", "event: Bought").Replace(shopMap)
	require.NoError(t, os.WriteFile(none, []byte(text), 0o600))
	_, stderr, err = call(t, "preview", "-f", none)
	require.NoError(t, err, "the other map has numbers")
	require.Contains(t, stderr, "note: there are no final numbers of JourneyMap/none: see above for the reason\n")
	_, _, err = call(t, "preview", "--as-of", "tomorrow")
	require.Equal(t, exitFailed, exitCode(err))
	require.Equal(t, exitFailed, exitCode(errors.Join(output.NothingMature("JourneyMap/shop"), errors.New("most rows were refused"))))
	require.Equal(t, exitNothing, exitCode(errors.Join(output.NothingMature("JourneyMap/shop"))))
}

func TestWho(t *testing.T) {
	stdout, stderr, err := call(t, "who", "shop", "--stage", "look", "-o", "json")
	require.NoError(t, err)
	require.Len(t, strings.Split(strings.TrimSpace(stdout), "\n"), 2)
	require.Contains(t, stdout, `{"entry":"2026-05-01T10:00:00Z","identities":["customerId=ann","anonymousId=x1"],"identityVersion":2}`)
	require.Contains(t, stderr, "2 customers reached look. As of 2026-05-01T18:00:00Z, entries from 2026-04-01T17:00:00Z to 2026-05-01T17:00:00Z. Commit 1, identity version 2.\n")
	stdout, stderr, err = call(t, "who", "shop", "--stage", "look", "--dropped")
	require.NoError(t, err)
	require.Equal(t, "ENTRY                  IDENTITIES\n2026-05-01T10:00:00Z   customerId=bob\n", stdout)
	require.Contains(t, stderr, "1 customer was lost after look. As of 2026-05-01T18:00:00Z, entries from ")
	for want, args := range map[string][]string{
		"the map has no stage":         {"who", "shop", "--stage", "pay"},
		"have no JourneyMap \"shopp\"": {"who", "shopp", "--stage", "look"},
		"stage depth":                  {"who", "shop"},
		"table or json":                {"who", "shop", "--stage", "look", "-o", "yaml"},
	} {
		_, _, err := call(t, args...)
		require.ErrorContains(t, err, want)
	}
}
