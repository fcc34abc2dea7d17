// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Names that were stored before ingestion removed identifiers from names are shown without them. Names that look the same are counted together, so
// that names with many different identifiers do not fill a list.
func TestStoredNamesAreShownWithoutIdentifiers(t *testing.T) {
	s := storeWith(t, say(1, "Visited", 3*day), say(1, "jane@example.com called", 3*day), say(2, "bob@example.org called", 3*day), say(3, "Searched", 3*day),
		say(3, "SMS to +49 151 12345678", 2*day))
	require.Equal(t, []v1alpha1.EventCount{{Event: "[email] called", Count: 2}, {Event: "SMS to [phone]", Count: 1}, {Event: "Searched", Count: 1}},
		computeMap(t, runOf(mapDocument(visitMap()), s)).Coverage.TopUnmatched)
}
