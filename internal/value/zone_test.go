// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"testing"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

// TestZones takes names of the IANA database alone: what else some systems have in the folder of zones, a pod has not, or it means another time there.
func TestZones(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		zone, err := Zone(name)
		require.NoError(t, err, name)
		require.Equal(t, name, zone.String())
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "Factory", "right/Europe/Berlin", "posix/UTC", "Europe/Berln", "../UTC", "CEST"} {
		_, err := Zone(name)
		require.ErrorIs(t, err, errZone, name)
	}
}
