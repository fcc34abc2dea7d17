// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kafka runs a broker that speaks Kafka's protocol as a process of its own with a folder of data: kfake, of the makers of the client. A package
// that uses it calls Main in its TestMain. It shares the client's reading of the protocol, so the same is tested with Apache Kafka (package apache) where there
// is Java.
package kafka

import (
	"context"
	"fmt"
	"io"
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

// Process is a broker without a test.
type Process struct {
	// Address of the broker.
	Address string
	dir     string
	cmd     *exec.Cmd
}

const startWithin = time.Minute

// StartProcess starts a broker with its data in a folder. The program must call Main first.
func StartProcess(ctx context.Context, dir string, output io.Writer) (*Process, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Process{Address: listener.Addr().String(), dir: dir}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	return p, p.Restart(ctx, output)
}

// Restart starts the process again, with its data and at its address, and waits until it accepts connections.
func (p *Process) Restart(ctx context.Context, output io.Writer) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(p.Address)
	if err != nil {
		return err
	}
	p.cmd = exec.CommandContext(context.Background(), program) //nolint:gosec // this program
	p.cmd.Env = append(os.Environ(), dirVariable+"="+p.dir, portVariable+"="+port)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	return p.reachable(ctx)
}

func (p *Process) reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", p.Address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the broker at %s: %w", p.Address, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Kill ends the process by SIGKILL.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// Broker is the process of a test, and a client of it.
type Broker struct {
	Connection
	*Process
}

// Start starts a broker that ends with the test.
func Start(t testing.TB) *Broker {
	t.Helper()
	p, err := StartProcess(t.Context(), t.TempDir(), t.Output())
	require.NoError(t, err)
	b := &Broker{Process: p}
	t.Cleanup(b.Kill)
	b.Addresses = []string{b.Address}
	b.Connect(t)
	return b
}

// Restart starts the process again, with its data and at its address.
func (b *Broker) Restart(t testing.TB) {
	t.Helper()
	require.NoError(t, b.Process.Restart(t.Context(), t.Output()))
}
