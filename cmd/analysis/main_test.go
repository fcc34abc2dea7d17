// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/version/versiontest"
)

func TestMain(m *testing.M) { versiontest.Main(m, main) }

func TestVersion(t *testing.T) { versiontest.Check(t, "analysis") }

var quiet = slog.New(slog.DiscardHandler)

func document() *podconfig.Analysis {
	stage := func(name string) v1alpha1.Stage {
		return v1alpha1.Stage{Name: v1alpha1.ItemName(name), Touchpoints: []v1alpha1.Touchpoint{
			{Name: "t", Match: []v1alpha1.EventMatch{{Event: name}}},
		}}
	}
	return &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "n", Name: "m", UID: "u",
		Store: podconfig.Store{URL: "https://127.0.0.1:1", UID: "s"},
		Map: v1alpha1.JourneyMapSpec{
			Stages:      []v1alpha1.Stage{stage("a"), stage("b")},
			Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "1d"},
		},
	}
}

func TestPrintedStatus(t *testing.T) {
	for _, output := range []string{"json", "yaml"} {
		r := &analysis.Run{Document: document(), Scheduled: time.Unix(1e9, 0), Store: memory.New(identity.NewPolicy(nil)), Now: time.Now, Log: quiet}
		var out bytes.Buffer
		require.NoError(t, printStatus(context.Background(), r, output, &out))
		require.Equal(t, output == "json", json.Valid(out.Bytes()))
		var status v1alpha1.JourneyMapStatus
		require.NoError(t, yaml.UnmarshalStrict(out.Bytes(), &status))
		require.Equal(t, "u", status.Trace.Analysis.UID)
		require.Len(t, status.Stages, 2)
	}
}

func TestExitCodesOfTheProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	b, err := json.Marshal(document())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, b, 0o600))
	code := func(args ...string) int {
		return analysis.ExitCode(run(context.Background(), args, &bytes.Buffer{}, quiet))
	}
	require.Equal(t, analysis.ExitConfig, code("--config", "/nowhere/config.json"))
	require.Equal(t, analysis.ExitConfig, code("--no-such-flag"))
	require.Equal(t, analysis.ExitConfig, code("-o", "xml"))
	require.Equal(t, analysis.ExitStoreMissing, code("--config", file, "--dry-run", "--store-keys", keys(t)), "nobody listens there")
	require.ErrorIs(t, run(context.Background(), []string{"--help"}, &bytes.Buffer{}, quiet), flag.ErrHelp)
	t.Setenv("SCHEDULED_TIME", "soon")
	require.Equal(t, analysis.ExitConfig, code("--config", file))
}

// keys returns a folder with a key of a store and a CA certificate.
func keys(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, podconfig.KeyFile), []byte("00112233445566778899aabbccddeeff"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, podconfig.CAFile), authority(t), 0o600))
	return dir
}
