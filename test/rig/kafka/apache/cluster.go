// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package apache runs Apache Kafka as processes on this machine, so that the client's reading of the protocol is compared with that of the brokers' makers.
// It needs Java and, the first time, Maven; a test is skipped in one line where they are not here.
package apache

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig/kafka"
)

// patience is how long a broker may take to start on a busy machine.
const patience = 2 * time.Minute

// Ports of a node, by listener. Plain is for administrators: whoever connects may do everything. TLS is without authentication, MTLS requires a
// certificate, and SASL is over TLS.
const (
	Plain = "PLAIN"
	TLS   = "TLS"
	MTLS  = "MTLS"
	SASL  = "SASL"
	// controller is where the nodes elect one of them as controller.
	controller = "CONTROLLER"
)

var protocols = map[string]string{Plain: "PLAINTEXT", TLS: "SSL", MTLS: "SSL", SASL: "SASL_SSL", controller: "PLAINTEXT"}

// Cluster is one or more nodes, each of which is a broker and a controller, and a client of them.
type Cluster struct {
	kafka.Connection
	Material
	Nodes []*Node
	jars  string
}

// Start starts a cluster that ends with the test, or skips the test where Kafka is not available.
func Start(t testing.TB, nodes int) *Cluster {
	t.Helper()
	from, err := jars(t)
	if err != nil {
		t.Skipf("Apache Kafka is not tested: %v", err)
	}
	c, dir := &Cluster{jars: from}, t.TempDir()
	c.Material = newMaterial(t, dir)
	for i := range nodes {
		c.Nodes = append(c.Nodes, newNode(t, c, i+1, dir))
	}
	for _, n := range c.Nodes {
		n.configure(t)
	}
	for _, n := range c.Nodes {
		n.format(t)
	}
	for _, n := range c.Nodes {
		n.begin(t)
	}
	c.Addresses = c.At(Plain)
	c.Connect(t)
	c.Await(t, nodes)
	return c
}

// At returns the addresses of a listener.
func (c *Cluster) At(listener string) []string {
	out := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		out[i] = n.Address(listener)
	}
	return out
}

// Await waits until n brokers serve.
func (c *Cluster) Await(t testing.TB, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		brokers, err := c.Admin.ListBrokers(t.Context())
		return err == nil && len(brokers) == n
	}, patience, 50*time.Millisecond, "brokers are missing")
}

// voters are the nodes that elect the controller.
func (c *Cluster) voters() string {
	out := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		out[i] = fmt.Sprintf("%d@%s", n.id, n.Address(controller))
	}
	return strings.Join(out, ",")
}

// freePorts returns a free port of loopback for each of the listeners.
func freePorts(t testing.TB) map[string]int {
	t.Helper()
	out := map[string]int{}
	for name := range protocols {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { _ = l.Close() }() // at the end, so that all are different
		out[name] = l.Addr().(*net.TCPAddr).Port
	}
	return out
}
