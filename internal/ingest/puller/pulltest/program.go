// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pulltest

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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

// Program is the program of the store as a process with a volume, at an address that stays.
type Program struct {
	program, dir, address string
	keys                  pki.StoreMaterial
	cmd                   *exec.Cmd
}

// UseProgram makes the pod append to the program of the store instead of a store in this process.
func (p *Pod) UseProgram(t testing.TB) *Program {
	t.Helper()
	s := &Program{dir: t.TempDir(), address: freeAddress(t)}
	s.program = filepath.Join(s.dir, "store")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.program, "github.com/journeyman-dev/journeyman/cmd/store").CombinedOutput()
	require.NoError(t, err, "%s", out)
	s.keys = servertest.WriteMaterial(t.(*testing.T), s.dir, pki.NewOperatorKey())
	document, err := json.Marshal(podconfig.StoreServer{Version: podconfig.Version})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, podconfig.File), document, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "data"), 0o700))
	c, err := client.New(client.Options{
		URL: "https://" + s.address, Key: []byte(s.keys.ScanKey), CA: s.keys.CA, ServerName: servertest.Host, Timeout: within,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	p.server = &servertest.Server{URL: "https://" + s.address, StoreMaterial: s.keys}
	p.Store = &Store{Store: &remote{t: t, client: c}}
	p.Config.Store.URL = p.server.URL
	s.Restart(t)
	t.Cleanup(s.Kill)
	return s
}

// Restart starts the process with its data, without waiting until it serves.
func (s *Program) Restart(t testing.TB) {
	t.Helper()
	const free = "127.0.0.1:0"
	s.cmd = exec.CommandContext(context.Background(), s.program, "--config", filepath.Join(s.dir, podconfig.File), "--data", filepath.Join(s.dir, "data"),
		"--server-dir", s.dir, "--listen", s.address, "--admin-listen", free, "--probe-listen", free, "--metrics-listen", free, "--min-free", "1")
	s.cmd.Stdout, s.cmd.Stderr = t.Output(), t.Output()
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, s.cmd.Start())
}

// Kill ends the process by SIGKILL. It can be called again.
func (s *Program) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// remote is the store behind the program. Its state is asked for until it answers. Nothing else is called.
type remote struct {
	store.Store
	t      testing.TB
	client *client.Client
}

// State implements store.Scanner.
func (r *remote) State(ctx context.Context) (store.State, error) {
	var state store.State
	var err error
	require.Eventually(r.t, func() bool {
		state, err = r.client.State(ctx)
		return err == nil
	}, within, 10*time.Millisecond, "the store does not answer")
	return state, err
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
