// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package secure_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

func TestFirst(t *testing.T) {
	down := errors.New("down")
	var asked []string
	up := ""
	connect := func(address string) error {
		if asked = append(asked, address); address == up {
			return nil
		}
		return down
	}
	addresses := []v1alpha1.BrokerAddress{"a:1", "b:1", "c:1"}
	err := secure.First(addresses, connect)
	require.ErrorIs(t, err, down)
	require.ErrorContains(t, err, "a:1: down\nb:1: down\nc:1: down")
	asked, up = nil, "b:1"
	require.NoError(t, secure.First(addresses, connect))
	require.Equal(t, []string{"a:1", "b:1"}, asked, "the others are not asked")
}
