// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package apache

import (
	"context"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toolTime is how long a tool may take on a busy machine.
const toolTime = time.Minute

// Produce writes values by Kafka's own console producer, one value per line.
func (c *Cluster) Produce(t testing.TB, topic string, args []string, values ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), toolTime)
	defer cancel()
	args = append([]string{"--bootstrap-server", strings.Join(c.Addresses, ","), "--topic", topic}, args...)
	cmd := c.java(ctx, "org.apache.kafka.tools.ConsoleProducer", args...)
	cmd.Stdin = strings.NewReader(strings.Join(values, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Kcat runs kcat, a client of librdkafka, with the input, and returns its output. It skips the test where kcat is not here.
func (c *Cluster) Kcat(t testing.TB, input []string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), toolTime)
	defer cancel()
	cmd := c.kcat(ctx, t, args...)
	if input != nil {
		cmd.Stdin = strings.NewReader(strings.Join(input, "\n") + "\n")
	}
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, "%s", problems.String())
	return string(out)
}

// Consume runs kcat as a member of a group until the test ends.
func (c *Cluster) Consume(t testing.TB, group, topic string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := c.kcat(ctx, t, "-G", group, topic)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
}

func (c *Cluster) kcat(ctx context.Context, t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("kcat"); err != nil {
		t.Skipf("kcat is not here, so no independent client is tried: %v", err)
	}
	cmd := exec.CommandContext(ctx, "kcat", append([]string{"-b", strings.Join(c.Addresses, ",")}, args...)...) //nolint:gosec // a tool of tests
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}
