// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// Brokers say where the other brokers are. A connection to one of them is checked like that to a broker of the spec, and its refusal says what to change.
func TestBrokersThatBrokersNameAreChecked(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(8, "orders"))
	require.NoError(t, err)
	defer cluster.Close()
	first, second := cluster.ListenAddrs()[0], cluster.ListenAddrs()[1]
	b := &broker{Cluster: cluster}
	b.spec.Transport.Kafka = &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(first)}, Topics: []v1alpha1.KafkaTopic{"orders"},
	}
	asked := make(chan string, 100)
	refused := &pull.Error{Reason: pull.Misconfigured, Message: "no connection is made"}
	b.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		asked <- address
		if address == second {
			return nil, refused
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	_, err = b.open(t)
	require.ErrorIs(t, err, refused)
	close(asked)
	var all []string
	for address := range asked {
		all = append(all, address)
	}
	require.True(t, slices.Contains(all, first) && slices.Contains(all, second), all)
}
