// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/version/versiontest"
)

func TestMain(m *testing.M) { versiontest.Main(m, main) }

func TestVersion(t *testing.T) { versiontest.Check(t, "operator") }

func TestFlagsOfPods(t *testing.T) {
	f, err := parse(nil)
	require.NoError(t, err)
	require.Equal(t, resources.PodDefaults{User: resources.PodUserFixed}, f.pods)

	f, err = parse([]string{"--image-pull-secrets= registry,mirror,", "--pod-user=Platform"})
	require.NoError(t, err)
	require.Equal(t, resources.PodDefaults{ImagePullSecrets: []string{"registry", "mirror"}, User: resources.PodUserPlatform}, f.pods)

	require.Equal(t, resources.Network{Mode: resources.PoliciesIngress, DNS: []string{nodeLocalDNS}}, f.network)

	f, err = parse([]string{"--network-policies=IngressAndEgress", "--api-server-cidrs=172.18.0.2/32,fd00::1/128",
		`--metrics-from=[{"namespaceSelector":{"matchLabels":{"a":"b"}}},{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}]`})
	require.NoError(t, err)
	require.Equal(t, []string{"172.18.0.2/32", "fd00::1/128"}, f.network.APIServer)
	require.Len(t, f.network.MetricsFrom, 2)

	f, err = parse([]string{"--egress-permitted-cidrs=10.20.0.0/16, 127.0.0.1/32"})
	require.NoError(t, err)
	require.Equal(t, []string{"10.20.0.0/16", "127.0.0.1/32"}, f.network.EgressPermitted)

	for wrong, says := range map[string]string{
		"--network-policies=On":                                                     "use Ingress",
		"--network-policies=IngressAndEgress":                                       "--api-server-cidrs",
		"--api-server-cidrs=10.0.0.1":                                               "is not a network",
		"--dns-cidrs=node":                                                          "is not a network",
		"--egress-permitted-cidrs=10.0.0.1":                                         "--egress-permitted-cidrs: \"10.0.0.1\" is not a network",
		"--egress-permitted-cidrs=::ffff:10.0.0.0/104":                              "is an IPv4 network in IPv6",
		"--metrics-from=monitoring":                                                 "not a list of peers",
		`--metrics-from=[{"pods":{}}]`:                                              "unknown field",
		`--metrics-from=[{}]`:                                                       "entry 1: a peer has either selectors",
		`--metrics-from=[{"podSelector":{},"ipBlock":{"cidr":"10.0.0.0/8"}}]`:       "a peer has either selectors",
		`--metrics-from=[{"ipBlock":{"cidr":"x"}}]`:                                 "is not a network",
		`--metrics-from=[{"podSelector":{"matchExpressions":[{"operator":"Is"}]}}]`: "entry 1",
	} {
		_, err := parse([]string{wrong})
		require.ErrorContains(t, err, says, wrong)
	}

	for _, wrong := range []string{"--pod-user=root", "--image-pull-secrets=My_Secret", "--rollout=Never"} {
		_, err := parse([]string{wrong})
		require.ErrorContains(t, err, wrong[:8])
	}
}
