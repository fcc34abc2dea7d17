// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
	"github.com/journeyman-dev/journeyman/test/rig/kafka"
)

const (
	kafkaCase  = "Kafka, a document a message"
	benchTopic = "site"
	partitions = 3
	stuckAfter = time.Minute
)

// fromKafka measures how ingestion reads a topic that is already full. The broker is a process of its own.
func (b *bench) fromKafka(ctx context.Context) (err error) {
	r, err := b.fresh(ctx, "kafka", "--compact-every", flushEvery.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(), os.RemoveAll(r.Dir())) }()
	broker, err := kafka.StartProcess(ctx, filepath.Join(r.Dir(), "broker"), os.Stderr)
	if err != nil {
		return err
	}
	defer broker.Kill()
	m := measured{name: kafkaCase, connections: 1}
	if m.events, m.bytes, err = fillTopic(ctx, broker.Address, b.sizes.batched); err != nil {
		return err
	}
	source, err := site(r, v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(broker.Address)}, Topics: []v1alpha1.KafkaTopic{benchTopic},
	}}, []v1alpha1.MappingRule{{Event: documentFields("body")}})
	if err != nil {
		return err
	}
	source.Spec.Egress = &v1alpha1.SourceEgress{CIDRs: []string{"127.0.0.0/8"}}
	began := time.Now()
	if _, err := r.StartIngest(ctx, source, "--listen", ""); err != nil {
		return err
	}
	if err := stored(ctx, r, m.events); err != nil {
		return err
	}
	m.rate = float64(m.events) / time.Since(began).Seconds()
	if err := b.used(ctx, r, &m); err != nil {
		return err
	}
	b.print(&m)
	return nil
}

// fillTopic writes documents of the site, and returns their number and bytes.
func fillTopic(ctx context.Context, address string, events int64) (count, bytes int64, err error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.DefaultProduceTopic(benchTopic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	if err != nil {
		return 0, 0, err
	}
	defer client.Close()
	if _, err = kadm.NewClient(client).CreateTopic(ctx, partitions, 1, nil, benchTopic); err != nil {
		return 0, 0, err
	}
	w, err := bigWorld(events)
	if err != nil {
		return 0, 0, err
	}
	var failed error
	for h := range w.Households() {
		for _, e := range w.Household(h) {
			if e.Source != world.Web || count == events {
				continue
			}
			value, err := json.Marshal(documentOf(&e))
			if err != nil {
				return 0, 0, err
			}
			count, bytes = count+1, bytes+int64(len(value))
			client.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
				if err != nil {
					failed = err // callbacks are called one after the other
				}
			})
		}
	}
	err = client.Flush(ctx)
	return count, bytes, errors.Join(err, failed)
}

// stored waits until the store has accepted as many events.
func stored(ctx context.Context, r *rig.Rig, events int64) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	var last int64
	progress := time.Now()
	for {
		state, err := c.State(ctx)
		if err != nil {
			return err
		}
		var accepted int64
		for _, s := range state.Sources {
			accepted += s.Counters.Accepted
			for reason, n := range s.Counters.Rejected {
				if n.Count > 0 {
					return fmt.Errorf("%d documents were refused: %s: %s", n.Count, reason, n.Example)
				}
			}
		}
		switch {
		case accepted >= events:
			return nil
		case accepted > last:
			last, progress = accepted, time.Now()
		case time.Since(progress) > stuckAfter:
			return fmt.Errorf("%d of %d documents are stored, and none was in the last %s", accepted, events, stuckAfter)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
