// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/maptest"
)

// mapTest runs the command in the folder of the page's samples.
func mapTest(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	folder := filepath.Join("..", "..", "docs", "examples", "mapping")
	for i, a := range args {
		if strings.Contains(a, ".") && !strings.Contains(a, "T") {
			args[i] = filepath.Join(folder, a)
		}
	}
	var out bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetIn(strings.NewReader(in))
	c.SetArgs(append([]string{"map-test", "-f", filepath.Join(folder, "source.yaml")}, args...))
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// Scripts distinguish by the exit code whether something was refused, and read the rest as JSON.
func TestMapTest(t *testing.T) {
	out, err := mapTest(t, "", "--request", "receipt.http", "--secret-file", "secret.txt", "-o", "json")
	require.NoError(t, err)
	var list struct{ Requests []maptest.Result }
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Equal(t, maptest.Valid, list.Requests[0].Authentication.Status)
	require.Equal(t, "Order Completed", list.Requests[0].Documents[0].Events[0].Name)

	_, err = mapTest(t, "", "--request", "receipts.http")
	require.Equal(t, exitNothing, exitCode(err), "%v", err)
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", "mapping", "receipt.http"))
	require.NoError(t, err)
	out, err = mapTest(t, strings.Replace(string(raw), "4711", "4712", 1), "--request", "-", "--secret-file", "secret.txt")
	require.Equal(t, exitNothing, exitCode(err), "%v", err)
	require.Contains(t, out, "Authentication: invalid: the signature does not match the request")
	require.Contains(t, out, "Answer: 401 Unauthorized")

	for want, args := range map[string][]string{
		"--output xml":          {"--request", "receipt.http", "-o", "xml"},
		"--received-at tonight": {"--request", "receipt.http", "--received-at", "tonight"},
		"--source web":          {"--request", "receipt.http", "--source", "web"},
		"--url nowhere":         {"--request", "receipt.http", "--url", "nowhere"},
		"no such file":          {"--request", "none.http"},
		"not an HTTP request":   {"--request", "secret.txt"},
		"--secret-file":         {"--request", "receipt.http", "--secret-file", "none.txt"},
	} {
		_, err := mapTest(t, "", args...)
		require.ErrorContains(t, err, want)
		require.Equal(t, exitFailed, exitCode(err))
	}
}
