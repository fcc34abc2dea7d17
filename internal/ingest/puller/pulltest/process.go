// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pulltest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
)

// Variables of the process of a pod: its folder and its name.
const dirVariable, nameVariable = "JOURNEYMAN_PULLTEST_DIR", "JOURNEYMAN_PULLTEST_NAME"

// Main runs the tests, or, in a process that Start has started, the pod. m is that of TestMain.
func Main(m *testing.M) {
	dir := os.Getenv(dirVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// serve is the ingest program with the files of a test.
func serve(ctx context.Context, dir string) error {
	var listeners [2]net.Listener
	for i := range listeners {
		var err error
		if listeners[i], err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	return ingest.Run(ctx, ingest.Options{
		Pod: os.Getenv(nameVariable), Files: ingest.Files{Config: filepath.Join(dir, podconfig.File), SecretDir: filepath.Join(dir, "files"), PepperDir: dir},
		ProbeListen: listeners[0], MetricsListen: listeners[1], ReloadEvery: time.Second, DrainTimeout: 15 * time.Second, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Connect: func(s podconfig.Store) (store.Appender, error) {
			return client.New(client.Options{
				URL: s.URL, KeyFile: filepath.Join(dir, podconfig.KeyFile), CAFile: filepath.Join(dir, podconfig.CAFile),
				ServerName: servertest.Host, Timeout: 10 * time.Second,
			})
		},
	})
}

// Process is a pod in a process of its own.
type Process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// Start starts a process of the pod. The test ends it.
func (p *Pod) Start(t testing.TB, name string) *Process {
	t.Helper()
	p.write()
	program, err := os.Executable()
	require.NoError(t, err)
	c := &Process{cmd: exec.CommandContext(context.Background(), program), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), dirVariable+"="+p.dir, nameVariable+"="+name)
	c.cmd.Stdout, c.cmd.Stderr = t.Output(), t.Output()
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, c.cmd.Start())
	go func() {
		_ = c.cmd.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() { c.Kill(t) })
	return c
}

// Kill ends the process by SIGKILL. It can be called again.
func (c *Process) Kill(t testing.TB) { c.signal(t, syscall.SIGKILL) }

// Stop asks the process to end, and waits.
func (c *Process) Stop(t testing.TB) { c.signal(t, syscall.SIGTERM) }

func (c *Process) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		require.ErrorIs(t, err, os.ErrProcessDone)
	}
	<-c.ended
}
