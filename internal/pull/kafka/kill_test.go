// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"testing"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// Ingestion, the store and the only broker are killed. A broker of Apache Kafka needs seconds to start, so fewer kills are of it.
func TestAllAreKilled(t *testing.T) {
	t.Parallel()
	if why := apache.Missing(t); why != nil {
		t.Logf("kfake is killed instead of Apache Kafka: %v", why)
		pulltest.RunKills(t, start(t), pulltest.Kills(), 5)
		return
	}
	s := newTopic(t, apache.Start(t, 1), 3, nil)
	pulltest.RunKills(t, killable{s}, pulltest.Kills(), 25)
}

// killable is the topic of a cluster with one node.
type killable struct{ *topicOf }

func (k killable) Kill() { k.cluster.Nodes[0].Kill() }

func (k killable) Restart(t testing.TB) {
	k.cluster.Nodes[0].Restart(t)
	k.cluster.Await(t, 1)
}
