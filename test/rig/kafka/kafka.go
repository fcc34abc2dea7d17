// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kafka runs a broker that speaks Kafka's protocol as a process of its own with a folder of data: kfake, of the makers of the client. A package
// that uses it calls Main in its TestMain. It shares the client's reading of the protocol, so the same is tested with Apache Kafka (package apache) where there
// is Java.
package kafka

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
)

// Variables of the process of a broker.
const dirVariable, portVariable = "JOURNEYMAN_KFAKE_DIR", "JOURNEYMAN_KFAKE_PORT"

// Main runs the broker in a process that Start has started, and does not return then.
func Main() {
	dir := os.Getenv(dirVariable)
	if dir == "" {
		return
	}
	port, err := strconv.Atoi(os.Getenv(portVariable))
	if err == nil {
		_, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir), kfake.SyncWrites(), kfake.GroupMinSessionTimeout(time.Second))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	<-ctx.Done()
	stop()
	os.Exit(0)
}

// Broker is the process, and a client of it.
type Broker struct {
	Connection
	Address string
	dir     string
	cmd     *exec.Cmd
}

// Start starts a broker that ends with the test.
func Start(t testing.TB) *Broker {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b := &Broker{Address: listener.Addr().String(), dir: t.TempDir()}
	require.NoError(t, listener.Close())
	b.Addresses = []string{b.Address}
	b.Connect(t)
	b.Restart(t)
	t.Cleanup(b.Kill)
	return b
}

// Restart starts the process again, with its data and at its address.
func (b *Broker) Restart(t testing.TB) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(b.Address)
	require.NoError(t, err)
	b.cmd = exec.CommandContext(context.Background(), program) //nolint:gosec // this program
	b.cmd.Env = append(os.Environ(), dirVariable+"="+b.dir, portVariable+"="+port)
	b.cmd.Stdout, b.cmd.Stderr = t.Output(), t.Output()
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, b.cmd.Start())
	require.Eventually(t, func() bool {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", b.Address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)
}

// Kill ends the process by SIGKILL.
func (b *Broker) Kill() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}
