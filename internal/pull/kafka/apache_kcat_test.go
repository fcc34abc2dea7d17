// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// kcat, a client of librdkafka, writes and reads the same messages as the reader. It shares no code with the reader or the brokers.
func kcat(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, nil)
	p := pulltest.NewPod(t, s)
	p.Run()
	n := 0
	for _, args := range [][]string{
		{}, {"-z", "snappy", "-H", "source=till", "-k", "key"}, {"-z", "gzip", "-X", "enable.idempotence=true"}, {"-z", "lz4"},
		{"-X", "transactional.id=kcat-" + s.name},
	} {
		documents := pulltest.Documents(n, n+100)
		c.Kcat(t, documents, append([]string{"-P", "-t", s.name}, args...)...)
		n += len(documents)
	}
	p.Await(n)
	s.caughtUp(t, p)
	p.Check(n, true)
	read := strings.Split(strings.TrimSpace(c.Kcat(t, nil, "-C", "-t", s.name, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed")), "\n")
	slices.Sort(read)
	want := pulltest.Documents(0, n)
	slices.Sort(want)
	require.Equal(t, want, read)

	// A group belongs to one kind of consumers.
	other := newTopic(t, c, 1, nil)
	c.Consume(t, other.group(), other.name)
	other.awaitMembers(t, 1)
	refused := pulltest.NewPod(t, other)
	refused.Run()
	awaitProblem(t, refused, pull.Misconfigured, "set another spec.transport.kafka.consumerGroup")
}
