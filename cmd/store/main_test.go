// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/version/versiontest"
)

func TestMain(m *testing.M) { versiontest.Main(m, main) }

func TestVersion(t *testing.T) { versiontest.Check(t, "store") }

// Only processes in the pod can reach the admin API, also in a cluster that does not enforce NetworkPolicies.
func TestAdminAPIListensOnLoopback(t *testing.T) {
	o, err := parse(nil)
	require.NoError(t, err)
	where, err := netip.ParseAddrPort(o.adminListen)
	require.NoError(t, err)
	require.True(t, where.Addr().IsLoopback())
	require.Equal(t, o.adminListen, *newAdminCommand("erase", "").address)
}
