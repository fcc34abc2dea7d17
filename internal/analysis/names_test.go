// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestStoredNamesAreShownWithoutIdentifiers: events that were stored before ingestion took identifiers out of names show them in no status. What is
// shown alike is counted together, so that one message for each customer does not hide the others.
func TestStoredNamesAreShownWithoutIdentifiers(t *testing.T) {
	s := storeWith(t, say(1, "Visited", 3*day), say(1, "jane@example.com called", 3*day), say(2, "bob@example.org called", 3*day), say(3, "Searched", 3*day),
		say(3, "SMS to +49 151 12345678", 2*day))
	require.Equal(t, []v1alpha1.EventCount{{Event: "[email] called", Count: 2}, {Event: "SMS to [phone]", Count: 1}, {Event: "Searched", Count: 1}},
		computeMap(t, runOf(mapDocument(visitMap()), s)).Coverage.TopUnmatched)
}
