// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// The pages in the repository are those that docgen generates.
func TestInSync(t *testing.T) {
	pages, err := render(root)
	require.NoError(t, err)
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got), "%s is out of sync: make generate", name)
	}
}

func TestWriteCreatesFolders(t *testing.T) {
	pages, err := render(root)
	require.NoError(t, err)
	copied := t.TempDir()
	for _, dir := range []string{"api/v1alpha1", "charts", "config/crd/bases", "config/prometheus", "internal"} {
		require.NoError(t, os.CopyFS(filepath.Join(copied, dir), os.DirFS(filepath.Join(root, dir))))
	}
	require.NoError(t, write(copied))
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(copied, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}

const (
	oneCondition = "package p\n\n// Conditions of a thing.\nconst (\n\t// ConditionReady is True when it works.\n\tConditionReady = \"Ready\"\n)\n"
	oneReason    = "package p\n\n// Reasons.\nconst (\n\t// ReasonFine (Ready=True): it works.\n\tReasonFine = \"Fine\"\n)\n"
)

func TestConditionsPageRefuses(t *testing.T) {
	one := func(comment, value string) string {
		return "package p\n\nconst (\n\t// " + comment + "\n\tReasonFine = \"" + value + "\"\n)\n"
	}
	noReason := oneCondition + "const (\n\t// ConditionRed is True.\n\tConditionRed = \"Red\"\n)\n"
	cases := map[string]struct{ conditions, reasons, want string }{
		"a reason without brackets":   {oneCondition, one("ReasonFine is fine.", "Fine"), "has to read"},
		"a name unlike its value":     {oneCondition, one("ReasonFine (Ready=True): x.", "Good"), "has to read"},
		"an invalid status":           {oneCondition, one("ReasonFine (Ready=Maybe): x.", "Fine"), "is not Condition=Status"},
		"an unknown condition":        {oneCondition, one("ReasonFine (Ready=True, Red=True): x.", "Fine"), "names the condition Red, which does not exist"},
		"a condition without reasons": {noReason, oneReason, "no reason names the condition Red"},
		"not Go":                      {"package", oneReason, "expected"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "conditions.go"), []byte(c.conditions), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "reasons.go"), []byte(c.reasons), 0o600))
			_, err := conditionsPage(dir)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestConditionsPage(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conditions.go"), []byte(oneCondition), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "reasons.go"), []byte(oneReason), 0o600))
	page, err := conditionsPage(dir)
	require.NoError(t, err)
	require.Contains(t, page, "## Conditions of a thing\n\n### Ready\n\nTrue when it works.\n")
	require.Contains(t, page, "| True | `Fine` | It works. |\n")
}
