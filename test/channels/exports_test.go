// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// agreeingExports is the number of shared samples of files that agree. It must not fall.
const agreeingExports = 16

func TestSharedExports(t *testing.T) {
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "payloads", "files")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared samples: %s is absent (set JOURNEYMAN_SHARED)", dir)
	}
	results, err := RunExports(t.Context(), t.Output(), dir)
	require.NoError(t, err)
	passed := 0
	for i := range results {
		require.Zero(t, results[i].Failed, results[i].File)
		passed += results[i].Passed
	}
	require.GreaterOrEqual(t, passed, agreeingExports)
}

func ownExports(t *testing.T) map[string]*Export {
	t.Helper()
	list, err := exportSystems(filepath.Join("testdata", "exports"))
	require.NoError(t, err)
	out := map[string]*Export{}
	for i := range list {
		out[list[i].System] = &list[i]
	}
	return out
}

func TestOwnExports(t *testing.T) {
	for system, e := range ownExports(t) {
		found, err := RunExport(t.Context(), e)
		require.NoError(t, err, system)
		require.Empty(t, found, system)
	}
}

func TestEachDifferenceOfAnExportIsNoticed(t *testing.T) {
	for name, change := range map[string]func(e *Export){
		"name":     func(e *Export) { e.Expect[0].Event.Event = "Order Updated" },
		"channel":  func(e *Export) { e.Expect[0].Channel = "pos" },
		"time":     func(e *Export) { *e.Expect[0].OccurredAt = e.Now },
		"order":    func(e *Export) { e.Expect[0].OrderID = []byte(`"1"`) },
		"amount":   func(e *Export) { e.Expect[0].Value.Amount = []byte(`"1"`) },
		"identity": func(e *Export) { e.Expect[0].Identity["email"] = []byte(`"other@example.test"`) },
		"unnamed":  func(e *Export) { e.Expect[0].Identity = nil },
		"property": func(e *Export) { e.Expect[0].Properties["order_name"] = "#8" },
		"products": func(e *Export) { e.Expect[0].Properties["products"] = []any{map[string]any{"sku": "D-1"}} },
		"number":   func(e *Export) { e.Imports[0].Stored++ },
		"dropped":  func(e *Export) { e.Imports[0].Dropped++ },
		"refused":  func(e *Export) { e.Imports[0].Refused++ },
		"refusal":  func(e *Export) { e.Valid = false },
	} {
		e := ownExports(t)["shopify"]
		change(e)
		found, err := RunExport(t.Context(), e)
		require.NoError(t, err, name)
		require.NotEmpty(t, found, name)
	}
}
