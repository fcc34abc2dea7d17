// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the customer denied for analytics is withheld, in every call, and nothing else is.
func TestConsent(t *testing.T) {
	for context, withheld := range map[string]bool{
		`{"consent": {"categoryPreferences": {"Advertising": true, "Analytics": false}}}`: true,
		`{"consent": {"categoryPreferences": {"analytics": false}}}`:                      true,
		`{"consent": {"categoryPreferences": {"Advertising": false, "Analytics": true}}}`: false,
		`{"consent": {"categoryPreferences": {"Advertising": false, "C0002": false}}}`:    false,
		`{"consent": {"categoryPreferences": {"Analytics": null}}}`:                       false,
		`{"consent": {"categoryPreferences": ["Analytics"]}}`:                             false,
		`{"consent": "none"}`: false,
		`{}`:                  false,
		`{"consentManagement": {"provider": "custom", "deniedConsentIds": ["Ads", "Analytics"]}}`:            true,
		`{"consentManagement": {"allowedConsentIds": ["Analytics"], "deniedConsentIds": ["Ads"]}}`:           false,
		`{"consentManagement": {"allowedConsentIds": {"Analytics": true}, "deniedConsentIds": "Analytics"}}`: false,
	} {
		for _, call := range []string{"track", "identify", "page", "screen", "group", "alias"} {
			raw := fmt.Sprintf(`{"type": %q, "event": "A", "userId": "u", "previousId": "p", "timestamp": "nonsense", "context": %s}`, call, context)
			for _, c := range []struct{ body, call string }{{raw, call}, {`{"batch": [` + raw + `]}`, batch}} {
				d, rejection := decode([]byte(c.body), c.call, time.Now())
				require.Nil(t, rejection)
				require.Equal(t, withheld, d.Candidates[0].Withheld, "%s: %s", call, context)
				require.Equal(t, withheld, d.Candidates[0].Rejection == nil, "nothing of it is read, not even its time")
			}
		}
	}
}
