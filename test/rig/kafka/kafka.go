// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kafka runs a broker that speaks Kafka's protocol as a process of its own with a folder of data: kfake, of the makers of the client. A package
// that uses it calls Main in its TestMain. It shares the client's reading of the protocol, so Apache Kafka itself is tested, too, where there is Java.
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
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
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
	Address string
	Client  *kgo.Client
	Admin   *kadm.Client
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
	b.Connect(t)
	b.Restart(t)
	t.Cleanup(b.Kill)
	return b
}

// Connect creates the client.
func (b *Broker) Connect(t testing.TB) {
	t.Helper()
	var err error
	b.Client, err = kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(50*time.Millisecond))
	require.NoError(t, err)
	b.Admin = kadm.NewClient(b.Client)
	t.Cleanup(b.Client.Close)
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

// Create creates a topic.
func (b *Broker) Create(t testing.TB, topic string, partitions int32) {
	t.Helper()
	_, err := b.Admin.CreateTopic(t.Context(), partitions, 1, nil, topic)
	require.NoError(t, err)
}

// Write writes values to a topic, in turn to its partitions.
func (b *Broker) Write(t testing.TB, topic string, partitions int, values ...string) {
	t.Helper()
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Topic: topic, Partition: int32(i % partitions), Key: []byte("k"), Value: []byte(v)}
	}
	require.NoError(t, b.Client.ProduceSync(t.Context(), records...).FirstErr())
}

// WriteTo writes values to one partition, which can have been added a moment ago.
func (b *Broker) WriteTo(t testing.TB, topic string, partition int32, values ...string) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer c.Close()
	for _, v := range values {
		require.NoError(t, c.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)}).FirstErr())
	}
}
