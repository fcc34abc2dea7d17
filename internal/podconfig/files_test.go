// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// A NetworkPolicy with the port 0 is refused, and none of the source's objects would be updated.
func TestPortsThatNoPolicyCanHave(t *testing.T) {
	ports := podconfig.TransportPorts(&v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{"b:9093", "a:9092", "[fd00::1]:9092", "a:0", "a:00", "a:99999"},
	}})
	require.Equal(t, []int32{9092, 9093}, ports)
}
