// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"testing"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

// Only names of the IANA database are accepted. Some systems have other names in the folder of zones, which pods do not have, or which mean another
// time there.
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
