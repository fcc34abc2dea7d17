// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package segmentsdk sends events with Segment's own, unmodified SDK to an ingestion process, and checks the store.
package segmentsdk

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
)

const (
	visits   = 10
	writeKey = "sdk-write-key"
	patience = 3 * time.Minute
)

// installSDK installs the pinned SDK from the lock file into a new folder, or skips the test.
func installSDK(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not here, so the Segment SDK cannot be run: %v", tool, err)
		}
	}
	dir := t.TempDir()
	for _, f := range []string{"package.json", "package-lock.json", "send.cjs"} {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, f), raw, 0o600))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install the Segment SDK (is a package registry within reach?): %v\n%s", err, out)
	}
	return dir
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}

// startIngest builds and starts the ingestion program, and returns its address and a function that stops it. The store does not run yet.
func startIngest(t *testing.T, s *servertest.Server) (string, func()) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "ingest")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/ingest").CombinedOutput()
	require.NoError(t, err, "%s", out)
	c, err := json.Marshal(podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: "web", Generation: 1, Store: podconfig.Store{URL: s.URL},
		Source: v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: v1alpha1.Transport{
			Segment: &v1alpha1.SegmentTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}},
		}},
	})
	require.NoError(t, err)
	for name, content := range map[string]string{
		podconfig.File: string(c), v1alpha1.DefaultSecretKey: writeKey, podconfig.KeyFile: s.AppendKey, podconfig.CAFile: string(s.CA),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	address, probes := freeAddress(t), freeAddress(t)
	cmd := exec.Command(program, "--config", filepath.Join(dir, podconfig.File), "--secret-dir", dir, "--pepper-dir", dir, "--store-key-dir", dir,
		"--store-server-name", servertest.Host, "--listen", address, "--probe-listen", probes,
		"--metrics-listen", "127.0.0.1:0", "--drain-delay", "0s")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	ended := false
	stop := func() {
		if !ended {
			ended = true
			require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
			require.NoError(t, cmd.Wait())
		}
	}
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		r, err := http.Get("http://" + probes + "/readyz")
		if err != nil {
			return false
		}
		return r.Body.Close() == nil && r.StatusCode == http.StatusOK
	}, patience, 50*time.Millisecond)
	return "http://" + address, stop
}

func TestUnmodifiedSDK(t *testing.T) {
	sdk := installSDK(t)
	behind := memory.New(identity.Policy{})
	url, stop := startIngest(t, servertest.Start(t, server.Options{Store: behind}))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "send.cjs", url, writeKey, "10")
	node.Dir = sdk
	node.Stderr = os.Stderr
	out, err := node.Output()
	require.NoError(t, err)
	var said struct{ Errors []string }
	require.NoError(t, json.Unmarshal(out, &said), "%s", out)
	require.Empty(t, said.Errors, "the SDK reports no event as failed")
	stop()

	state, err := behind.State(t.Context())
	require.NoError(t, err)
	require.Len(t, state.Sources, 1)
	require.Equal(t, int64(6*visits), state.Sources[0].Counters.Accepted)
	require.Empty(t, state.Sources[0].Counters.Rejected)
	events, persons := scan(t, behind)
	require.Equal(t, map[string]int{
		"Page Viewed": visits, "Product Viewed": visits, "Identified": visits, "Order Completed": visits, "Identities Merged": visits, "Group Joined": visits,
	}, events)
	require.Equal(t, visits, persons, "each visitor is one person, before and after the identify call")
}

// scan returns the number of events in the store by name, and the number of persons.
func scan(t *testing.T, s store.Scanner) (map[string]int, int) {
	t.Helper()
	events, persons := map[string]int{}, map[uint64]bool{}
	rows, err := s.Scan(t.Context(), store.ScanRequest{Columns: []string{store.ColumnEvent, store.ColumnAmount}})
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for {
		batch, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return events, len(persons)
		}
		require.NoError(t, err)
		person := batch.Column(0).(*array.Uint64)
		name := batch.Column(4).(*array.String)
		amount := batch.Column(5).(*array.Int64)
		for i := range int(batch.NumRows()) {
			events[strings.Clone(name.Value(i))]++
			persons[person.Value(i)] = true
			if name.Value(i) == "Order Completed" {
				require.Equal(t, int64(129_900_000), amount.Value(i))
			}
		}
	}
}
