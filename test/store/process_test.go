// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package store tests the real program of the store as a process: kills, a full volume, locks, rotation and erasure.
package store

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
)

// patience is the timeout for everything, long enough for a slow and busy machine.
const patience = 2 * time.Minute

var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "journeyman-store-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// one of the tests runs it as another user
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = filepath.Join(dir, "store")
	build := exec.Command("go", "build", "-tags=netgo,osusergo", "-o", binary, "./cmd/store")
	build.Dir, build.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the store: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// volume is the mounts of a store's pod.
type volume struct {
	dir, data string
	keys      pki.StoreMaterial
}

func newVolume(t *testing.T) *volume {
	t.Helper()
	dir := t.TempDir()
	v := &volume{dir: dir, data: filepath.Join(dir, "data")}
	require.NoError(t, os.MkdirAll(v.data, 0o755))
	v.rotate(t)
	v.configure(t, podconfig.StoreServer{})
	return v
}

// rotate replaces the keys and the certificate.
func (v *volume) rotate(t *testing.T) {
	t.Helper()
	v.keys = servertest.WriteMaterial(t, v.dir, pki.NewOperatorKey())
}

func (v *volume) configure(t *testing.T, d podconfig.StoreServer) {
	t.Helper()
	d.Version = podconfig.Version
	b, err := json.Marshal(d)
	require.NoError(t, err)
	servertest.WriteFile(t, filepath.Join(v.dir, podconfig.File), string(b))
}

// process is a running store.
type process struct {
	cmd             *exec.Cmd
	url, adminURL   string
	probes, metrics string
	exited          chan struct{}
	err             error
	log             *logLines
}

// command returns the program with flags for the volume.
func (v *volume) command(flags ...string) *exec.Cmd {
	args := append([]string{
		"--config", filepath.Join(v.dir, podconfig.File), "--data", v.data, "--server-dir", v.dir,
		"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--probe-listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
		"--memory", fmt.Sprint(768 << 20), "--min-free", "1",
	}, flags...)
	return exec.Command(binary, args...)
}

// start starts a store and waits until it serves.
func (v *volume) start(t *testing.T, flags ...string) *process {
	t.Helper()
	return launch(t, v.command(flags...))
}

func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := begin(t, cmd)
	select {
	case <-p.log.serving:
	case <-p.exited:
		require.Failf(t, "the store ended", "%v\n%s", p.err, p.log)
	case <-time.After(patience):
		require.Failf(t, "the store does not serve", "%s", p.log)
	}
	p.locate()
	return p
}

// locate reads the addresses in the log of the process.
func (p *process) locate() {
	p.url, p.adminURL = "https://"+p.log.Listen, "https://"+p.log.Admin
	p.probes, p.metrics = "http://"+p.log.Probes, "http://"+p.log.Metrics
}

// begin starts the process without waiting.
func begin(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, exited: make(chan struct{}), log: &logLines{serving: make(chan struct{})}}
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	go func() {
		p.log.follow(stderr)
		p.err = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill kills the process with SIGKILL.
func (p *process) kill() {
	// it can have exited already
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// stop stops the process like the kubelet, and returns its error.
func (p *process) stop(t *testing.T) error {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	return p.wait(t)
}

func (p *process) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		require.Failf(t, "the store does not end", "%s", p.log)
	}
	return p.err
}

// logLines collects the log of a process.
type logLines struct {
	mu      sync.Mutex
	lines   []string
	serving chan struct{}
	addresses
}

// addresses at which a store serves, as it logs them.
type addresses struct{ Listen, Admin, Probes, Metrics string }

func (l *logLines) follow(r io.Reader) {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		var line struct {
			Msg string
			addresses
		}
		l.mu.Lock()
		l.lines = append(l.lines, scanner.Text())
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "the store accepts calls" {
			l.addresses = line.addresses
			close(l.serving)
		}
		l.mu.Unlock()
	}
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// client returns a client for the listener that accepts the key.
func (p *process) client(t *testing.T, v *volume, key string) *client.Client {
	t.Helper()
	url := p.url
	if key == v.keys.AdminKey {
		url = p.adminURL
	}
	c, err := client.New(client.Options{URL: url, Key: []byte(key), CA: v.keys.CA, ServerName: servertest.Host, Timeout: patience})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// eventually retries until try returns no error.
func eventually(t *testing.T, what string, try func(ctx context.Context) error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := try(t.Context())
		if err == nil {
			return
		}
		require.True(t, time.Now().Before(deadline), "%s: %v", what, err)
		time.Sleep(50 * time.Millisecond)
	}
}

func state(t *testing.T, s store.Scanner) store.Health {
	t.Helper()
	answer, err := s.State(t.Context())
	require.NoError(t, err)
	return answer.Health
}
