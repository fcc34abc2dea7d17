// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package apache

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// clusterID is that of all clusters; each has folders of its own.
const clusterID = "am91cm5leW1hbi10ZXN0cw"

// Node is a process of Kafka with a folder of data.
type Node struct {
	id      int
	cluster *Cluster
	dir     string
	ports   map[string]int
	cmd     *exec.Cmd
}

func newNode(t testing.TB, c *Cluster, id int, dir string) *Node {
	t.Helper()
	n := &Node{id: id, cluster: c, dir: filepath.Join(dir, fmt.Sprintf("node-%d", id)), ports: freePorts(t)}
	require.NoError(t, os.Mkdir(n.dir, 0o700))
	t.Cleanup(func() {
		n.Kill()
		if log, err := os.ReadFile(n.path("log")); err == nil && t.Failed() {
			t.Logf("the end of the log of node %d:\n%s", id, log[max(0, len(log)-4000):])
		}
	})
	return n
}

// Address of a listener.
func (n *Node) Address(listener string) string { return fmt.Sprintf("127.0.0.1:%d", n.ports[listener]) }

func (n *Node) path(name string) string { return filepath.Join(n.dir, name) }

// configure writes the configuration. Intervals are short, so that retention and compaction do what they do within a test.
func (n *Node) configure(t testing.TB) {
	t.Helper()
	var listeners, advertised, security []string
	for _, name := range slices.Sorted(maps.Keys(protocols)) {
		address := name + "://" + n.Address(name)
		listeners, security = append(listeners, address), append(security, name+":"+protocols[name])
		if name != controller {
			advertised = append(advertised, address)
		}
	}
	replicas := min(len(n.cluster.Nodes), 3)
	settings := map[string]any{
		"process.roles": "broker,controller", "node.id": n.id, "controller.quorum.voters": n.cluster.voters(), "log.dirs": n.path("data"),
		"listeners": strings.Join(listeners, ","), "advertised.listeners": strings.Join(advertised, ","),
		"listener.security.protocol.map": strings.Join(security, ","), "controller.listener.names": controller, "inter.broker.listener.name": Plain,
		"offsets.topic.replication.factor": replicas, "transaction.state.log.replication.factor": replicas, "transaction.state.log.min.isr": 1,
		"share.coordinator.state.topic.replication.factor": replicas, "share.coordinator.state.topic.min.isr": 1,
		"offsets.topic.num.partitions": 2, "transaction.state.log.num.partitions": 2, "auto.create.topics.enable": false,
		"group.initial.rebalance.delay.ms": 0, "group.min.session.timeout.ms": 1000,
		"broker.session.timeout.ms": 1000 * replicas, "broker.heartbeat.interval.ms": 200, "replica.lag.time.max.ms": 2000,
		"unclean.leader.election.interval.ms": 500, "log.initial.task.delay.ms": 200, "log.retention.check.interval.ms": 200, "log.segment.delete.delay.ms": 100,
		"log.cleaner.backoff.ms": 100, "log.cleaner.dedupe.buffer.size": 4 << 20, "log.index.size.max.bytes": 1 << 20,
		"num.network.threads": 2, "num.io.threads": 2, "background.threads": 2,
	}
	maps.Copy(settings, n.cluster.settings())
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&text, "%s=%v\n", name, settings[name])
	}
	require.NoError(t, os.WriteFile(n.path("server.properties"), []byte(text.String()), 0o600))
}

// java returns a command that runs a class of Kafka with a small heap and little compilation, because it does little for a short time.
func (c *Cluster) java(ctx context.Context, class string, args ...string) *exec.Cmd {
	//nolint:gosec // the jars whose checksums are in jars.sum
	cmd := exec.CommandContext(ctx, "java", append([]string{
		"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(c.jars, "*"), class,
	}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func (n *Node) format(t testing.TB) {
	t.Helper()
	out, err := n.cluster.java(t.Context(), "kafka.tools.StorageTool", "format", "-t", clusterID, "-c", n.path("server.properties")).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// begin starts the process without waiting.
func (n *Node) begin(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(n.path("log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	// The process outlives a subtest that starts it again, so no context ends it.
	n.cmd = n.cluster.java(context.Background(), "kafka.Kafka", n.path("server.properties"))
	n.cmd.Stdout, n.cmd.Stderr = log, log
	require.NoError(t, n.cmd.Start())
	require.NoError(t, log.Close())
}

// Kill ends the process by SIGKILL. It can be called again.
func (n *Node) Kill() {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
	n.cmd = nil
}

// Restart starts the process again, with its data and at its addresses, without waiting until it serves.
func (n *Node) Restart(t testing.TB) { n.begin(t) }
