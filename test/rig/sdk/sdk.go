// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sdk runs unmodified SDKs of other systems against an ingestion process and a store.
package sdk

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
)

// Patience is how long a program may take.
const Patience = 3 * time.Minute

// Install installs the SDKs of package.json and package-lock.json into a new folder, with the scripts, or skips the test in one line.
func Install(t *testing.T, scripts ...string) string {
	t.Helper()
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not here, so no SDK can be run: %v", tool, err)
		}
	}
	dir := t.TempDir()
	for _, f := range append([]string{"package.json", "package-lock.json"}, scripts...) {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, f), raw, 0o600))
	}
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install the SDKs (is a package registry within reach?): %v\n%s", err, out)
	}
	return dir
}

// Node runs a script in a folder and decodes its output, which is JSON.
func Node(t *testing.T, dir string, out any, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	node := exec.CommandContext(ctx, "node", args...) //nolint:gosec // a script of a test
	node.Dir, node.Stderr = dir, os.Stderr
	raw, err := node.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, out), "%s", raw)
}

// Recorder is a store that remembers the events of its batches, because a scan returns no ids and no identities.
type Recorder struct {
	store.Store
	mu     sync.Mutex
	events []event.Event
}

// Append implements store.Appender.
func (r *Recorder) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	done, err := r.Store.Append(ctx, b)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, b.Events...)
	}
	return done, err
}

// Events returns the events that were appended, in order.
func (r *Recorder) Events() []event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]event.Event(nil), r.events...)
}

// Ingest is an ingestion process with a store of its own.
type Ingest struct {
	// URL for senders.
	URL   string
	Store *Recorder
	stop  func()
}

// Stop stops the process, which writes its counters to the store.
func (i *Ingest) Stop() { i.stop() }

// Start builds and starts the program with the configuration and the Secret of a source, and waits until it serves.
func Start(t *testing.T, source v1alpha1.TouchpointSourceSpec, secret string) *Ingest {
	t.Helper()
	out := &Ingest{Store: &Recorder{Store: memory.New(identity.Policy{})}}
	s := servertest.Start(t, server.Options{Store: out.Store})
	dir := t.TempDir()
	program := filepath.Join(dir, "ingest")
	//nolint:gosec // the program of this repository, in a temporary folder
	text, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/ingest").CombinedOutput()
	require.NoError(t, err, "%s", text)
	c, err := json.Marshal(podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: "web", Generation: 1, Store: podconfig.Store{URL: s.URL}, Source: source,
	})
	require.NoError(t, err)
	for name, content := range map[string]string{
		podconfig.File: string(c), v1alpha1.DefaultSecretKey: secret, podconfig.KeyFile: s.AppendKey, podconfig.CAFile: string(s.CA),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	address, probes := freeAddress(t), freeAddress(t)
	//nolint:gosec,noctx // the same program, which ends with the test
	cmd := exec.Command(program, "--config", filepath.Join(dir, podconfig.File), "--secret-dir", dir, "--pepper-dir", dir, "--store-key-dir", dir,
		"--store-server-name", servertest.Host, "--listen", address, "--probe-listen", probes,
		"--metrics-listen", "127.0.0.1:0", "--drain-delay", "0s")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	out.stop = sync.OnceFunc(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait())
	})
	t.Cleanup(out.stop)
	require.Eventually(t, func() bool {
		r, err := http.Get("http://" + probes + "/readyz") //nolint:noctx // it is asked again until it answers
		return err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK
	}, Patience, 50*time.Millisecond)
	out.URL = "http://" + address
	return out
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}
